"""The NAT doctor from the shell: the verdict waits for the device's answer; --fix saves what is offered."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cxtui.models.edge_job import JobState
from cxtui.services import companies
from tests.services.test_registrations import attach, give, register
from tests.support import audit, execute, query

Outcome = tuple[str, int | None, str]


@pytest.fixture
def user(shell, context):
    """1001, registered from behind a NAT a quarter of an hour ago; nothing pings it."""
    acme = companies.find_by_name(context, "Acme Telecom")
    assert acme is not None
    found = give(context, acme, "1001")
    now = context.now()
    register(context, found, attach(context), registered_at=now - 900, expires_at=now + 2700, via="192.168.1.20:5060")
    return found


@pytest.fixture
def agent(shell, context) -> Iterator[list[Outcome]]:
    """Something that carries every OPTIONS out as soon as it is asked for: its state, round trip and result."""
    over = threading.Event()
    outcome: list[Outcome] = [(JobState.FAILED.value, None, "No answer in 5 s.")]

    def work() -> None:
        while not over.wait(0.01):
            if query(context.database, "SELECT 1 FROM edge_job WHERE state = 'waiting'"):
                sets = "UPDATE edge_job SET state=?, round_trip=?, result=? WHERE state = 'waiting'"
                execute(context.database, sets, outcome[0])

    thread = threading.Thread(target=work)
    thread.start()
    yield outcome
    over.set()
    thread.join()


def test_the_report_is_printed_once_the_device_had_its_chance(shell, user, agent, context):
    """S-132, W-020, W-100"""
    answer = shell("sip", "doctor", "1001")
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[0].startswith("NAT doctor: 1001 (Acme Telecom), 20")
    assert lines[1] == (
        "ERROR: The NAT binding has expired: contact 192.168.1.20:5060 received from 198.51.100.7:61344, "
        "last ping never, OPTIONS lost 1/1."
    )
    assert "  BAD      OPTIONS now: lost 1/1 (W-019)" in lines
    assert lines[-2].startswith("Fix: NAT/SIP Ping Disabled → Enabled.")
    assert query(context.database, "SELECT nat_ping FROM sip_user") == [("disabled",)]


def test_a_path_that_is_open_is_no_error(shell, user, agent):
    """W-020"""
    agent[0] = (JobState.DONE.value, 12_345, "Answered 200 in 12.3 ms.")
    answer = shell.ok("sip", "doctor", "1001")
    assert "WARNING: The way in is open now (OPTIONS answered in 12.3 ms) but will close" in answer.out


def test_fix_saves_the_change_and_examines_again(shell, user, agent, context):
    """S-132, S-137, W-018"""
    told = shell.json("sip", "doctor", "1001", "--fix", "--reason", "ticket 7")
    entry = audit(context.database)[-1]
    assert (entry.change_id, entry.reason, entry.after) == (
        told["change"],
        "NAT doctor: ticket 7",
        {"nat_ping": "enabled"},
    )
    assert told["done"] == "Saved SIP user 1001."
    assert (told["fix"], told["pings_from_next_register"]) == (None, True)
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(2,)]
    again = shell("sip", "doctor", "1001", "--fix")
    assert again.code == 1, "calls do not arrive before the next REGISTER"
    assert again.err == "No fix is offered; nothing was changed.\n"
    assert "BAD      OPTIONS now" in again.out


def test_a_program_gets_verdict_evidence_fix_and_the_outcome(shell, user, agent):
    """S-132, W-019, W-100"""
    answer = shell("sip", "doctor", "1001", "--json")
    assert answer.code == 1
    told = answer.json
    assert (told["username"], told["company"], told["severity"], told["edge"]) == (
        *("1001", "Acme Telecom"),
        *("error", "edge1"),
    )
    assert {"test": "OPTIONS now", "result": "bad", "text": "lost 1/1", "code": "W-019"} in told["evidence"]
    assert (told["contact"], told["received"]) == ("sip:1001@192.168.1.20:5060", "198.51.100.7:61344")
    assert told["options"] == {"state": "failed", "status": None, "round_trip": None, "result": "No answer in 5 s"}
    assert (told["fix"]["field"], told["fix"]["value"], told["fix"]["before"], told["fix"]["after"]) == (
        *("nat_ping", "enabled"),
        *("Disabled", "Enabled"),
    )
    assert "change" not in told


def test_an_answer_that_does_not_come_is_not_waited_for_forever(shell, user):
    answer = shell("sip", "doctor", "1001", "--wait", "1")
    assert "unknown  OPTIONS now: sent, waiting for the answer (W-019)" in answer.out
    assert answer.code == 1


def test_without_an_edge_the_verdict_is_a_warning(shell, context):
    """S-014, S-132"""
    acme = companies.find_by_name(context, "Acme Telecom")
    assert acme is not None
    give(context, acme, "1001")
    answer = shell.ok("sip", "doctor", "1001", "--fix")
    assert "WARNING: No edge is attached, so nobody knows whether 1001 is registered." in answer.out
    assert answer.err == "No fix is offered; nothing was changed.\n"
    assert shell.json("sip", "doctor", "1001")["options"] is None
    assert shell("sip", "doctor", "nobody").code == 1


def test_who_may_only_look_is_told_but_may_not_fix(shell, user, monkeypatch):
    """W-028"""
    monkeypatch.setenv("CXTUI_READONLY", "true")
    answer = shell("sip", "doctor", "1001")
    assert "OPTIONS now: not sent: only an operator can send one" in answer.out
    denied = shell("sip", "doctor", "1001", "--fix")
    assert denied.code == 1
    assert "Access Denied" in denied.err
