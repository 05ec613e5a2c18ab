"""Registrations from the shell: listed, pinged, written to, removed; the outcome is waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cxtui.models.edge_job import JobState
from cxtui.services import companies
from tests.services.test_registrations import attach, give, register
from tests.support import execute, query

ANSWERS = {"ping": (200, 12_345, "200 OK"), "message": (200, None, "200 OK"), "remove": (0, None, "Removed.")}


@pytest.fixture
def users(shell, context):
    """1001 with two devices at edge1 and 1002 with none."""
    acme = companies.find_by_name(context, "Acme Telecom")
    assert acme is not None
    found = [give(context, acme, name) for name in ("1001", "1002")]
    edge = attach(context)
    register(context, found[0], edge, pings="1700000000:9000 1700000060:-")
    register(context, found[0], edge, received="[2001:db8::7]:5061", transport="tls", nat=False, missed=2)
    return found


@pytest.fixture
def agent(shell, context) -> Iterator[None]:
    """Something that carries every job out as soon as it stands there."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.01):
            for key, task in query(context.database, "SELECT id, task FROM edge_job WHERE state = 'waiting'"):
                values = (JobState.DONE.value, *ANSWERS[task], key)
                execute(
                    context.database, "UPDATE edge_job SET state=?, status=?, round_trip=?, result=? WHERE id=?", values
                )

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def test_the_list_has_every_contact_with_what_is_known_of_it(shell, users):
    """W-022, W-023"""
    second, first = sorted(shell.json("registration", "list"), key=lambda row: row["received"], reverse=True)
    assert (first["username"], first["state"], first["nat"], first["round_trip"]) == ("1001", "online", True, 12_300)
    assert (second["state"], second["transport"], second["nat"]) == ("timeout", "tls", False)
    assert first["pings"] == [
        {"at": "2023-11-14T22:13:20Z", "round_trip": 9000},
        {"at": "2023-11-14T22:14:20Z", "round_trip": None},
    ]
    assert first["expires_at"] > first["registered_at"]
    assert (first["company"], first["edge"], first["user_agent"]) == ("Acme Telecom", "edge1", "Yealink T46")
    table = shell.ok("registration", "list", "--company", "Acme Telecom").out
    assert "198.51.100.7:61344" in table
    assert "lost 2" in table
    assert "12 ms" in table


def test_the_list_is_filtered_and_limited(shell, users):
    assert [row["transport"] for row in shell.json("registration", "list", "--filter", "2001:db8")] == ["tls"]
    assert len(shell.json("registration", "list", "--limit", "1")) == 1
    answer = shell.ok("registration", "list", "--limit", "1")
    assert len(answer.out.splitlines()) == 2
    assert "The first 1" in answer.err
    assert shell.ok("registration", "list", "--limit", "2").err == ""
    assert "Nobody like that is registered." in shell.ok("registration", "list", "--filter", "nobody").err


def test_without_a_registration_the_list_says_so(shell):
    assert shell.ok("registration", "list").err == "Nobody is registered.\n"
    assert shell.json("registration", "list") == []


def test_a_ping_is_waited_for_and_answers_with_the_round_trip(shell, users, agent):
    """W-020"""
    answer = shell.ok("registration", "ping", "1001")
    assert answer.out.count("answered 200 in 12.3 ms") == 2
    jobs = shell.json("registration", "ping", "1001", "1001")
    assert [(job["username"], job["ok"], job["status"], job["round_trip"]) for job in jobs] == [
        ("1001", True, 200, 12_345)
    ] * 2


def test_a_ping_that_nobody_carries_out_is_not_waited_for_forever(shell, users):
    answer = shell("registration", "ping", "1001", "--wait", "1")
    assert answer.code == 1
    assert "waiting for the agent" in answer.out
    assert "Not ended after 1 s." in answer.err


def test_who_is_not_registered_is_not_pinged(shell, users):
    answer = shell("registration", "ping", "1002")
    assert (answer.code, answer.err) == (1, "cxtui: 1002 is not registered.\n")
    assert shell("registration", "ping", "nobody").code == 1


def test_a_message_goes_to_all_who_are_registered_and_says_to_whom_not(shell, users, agent):
    """S-127, W-022"""
    answer = shell("registration", "message", "1001", "1002", "--text", "Maintenance at 22:00")
    assert answer.code == 1, "not everybody got it"
    assert answer.out.startswith("1 of 2 are registered; not sent to 1002.\n")
    assert answer.out.count("200 OK") == 2
    told = shell.json("registration", "message", "1001", "--text", "again", "--reason", "ticket 7")
    assert (told["missing"], [job["ok"] for job in told["jobs"]]) == ([], [True, True])
    (entry,) = [row for row in shell.json("audit", "list") if row.get("change_id", row.get("change")) == told["change"]]
    assert (entry["action"], entry["reason"]) == ("SEND", "ticket 7")


def test_a_text_that_no_phone_could_show_is_refused(shell, users):
    """S-127"""
    answer = shell("registration", "message", "1001", "--text", "a\nb")
    assert (answer.code, answer.err.partition(":")[0]) == (1, "text")
    assert shell("registration", "message", "1001").code == 2


def test_a_registration_is_removed_after_asking_one_contact_or_all(shell, users, agent, context):
    """W-023"""
    assert shell("registration", "remove", "1001").code == 2, "nobody is here to ask"
    first = shell.json("registration", "list")[0]["id"]
    told = shell.json("registration", "remove", "1001", "--contact", str(first), "--yes")
    assert [(job["contact"], job["ok"], job["result"]) for job in told["jobs"]] == [(first, True, "Removed")]
    assert shell.ok("registration", "remove", "1001", "--yes").out.startswith("Removing 2 registrations.\n")
    assert "1001 has no contact 99" in shell("registration", "remove", "1001", "--contact", "99", "--yes").err
    assert "1002 is not registered" in shell("registration", "remove", "1002", "--yes").err
    labels = query(context.database, "SELECT label FROM audit WHERE action = 'UNREGISTER'")
    assert ("registration of 1001 from [2001:db8::7]:5061 removed",) in labels


def test_an_edge_that_has_gone_silent_is_not_believed(shell, users, context):
    execute(context.database, "UPDATE edge SET heartbeat_at = 0")
    assert {row["state"] for row in shell.json("registration", "list")} == {"edge silent"}
