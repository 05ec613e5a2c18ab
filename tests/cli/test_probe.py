"""Ladders from the shell: a login that is tried now, and the next one that really happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cxtui.models.edge_job import JobState
from cxtui.rules.digest import ha1
from cxtui.services import companies, edge_jobs
from cxtui.sip.ladder import Message, Proof, Trace, dump
from tests.services.test_edge_states import attach
from tests.services.test_registrations import give
from tests.sip.uas import edge, server
from tests.support import OTHER_PASSWORD, PASSWORD, REALM, execute, query

SECRET = ha1("1001", REALM, PASSWORD)


@pytest.fixture
def user(shell, context):
    """1001, who has a password."""
    acme = companies.find_by_name(context, "Acme Telecom")
    assert acme is not None
    return give(context, acme, "1001")


@pytest.fixture
def edges(context, user) -> Iterator[None]:
    """edge1 takes the password, edge2 another one."""
    with ExitStack() as stack:
        for name, secret in (("edge1", SECRET), ("edge2", ha1("1001", REALM, OTHER_PASSWORD))):
            running = stack.enter_context(server(edge(secret, realm=REALM)))
            attach(context, name, listens=f"udp:127.0.0.1:{running.target.port}")
        yield


def test_a_probe_prints_the_ladder_of_the_edge_that_is_named(shell, edges):
    """S-080, S-081, S-082, S-083"""
    answer = shell.ok("sip", "probe", "1001", "--edge", "edge1")
    lines = answer.out.splitlines()
    assert lines[0] == "1001 at edge1"
    assert lines[1].startswith("edge1 accepts it (407 → 200 in ")
    assert "not what" in answer.out
    assert any("407 Proxy Authentication Required" in line for line in lines)
    assert "✔ hashes match" in answer.out
    assert max(map(len, lines)) <= 80


def test_a_probe_of_every_edge_fails_if_one_does_not_accept_it(shell, edges):
    answer = shell("sip", "probe", "1001")
    assert answer.code == 1
    assert "edge1 accepts it" in answer.out
    assert "edge2 refuses it (407 → 407 in " in answer.out


def test_a_probe_answers_a_program_step_by_step(shell, edges):
    first, second = shell("sip", "probe", "1001", "--json").json
    assert (first["edge"], first["username"], first["right"], second["right"]) == ("edge1", "1001", True, False)
    assert [step["message"] for step in first["steps"]][:4] == [
        "INVITE sip:cxtui-probe@… CSeq 1",
        "407 Proxy Authentication Required",
        "ACK",
        "INVITE sip:cxtui-probe@… CSeq 2 +auth",
    ]
    step = first["steps"][1]
    assert step["notes"][0].startswith(f"realm “{REALM}” · MD5")
    assert (step["from"], step["times"], step["ms"] > 0) == (first["steps"][0]["to"], 1, True)


def test_a_password_is_tried_from_standard_input_and_repeated_nowhere(shell, edges):
    """S-122"""
    words = ("sip", "probe", "1001", "--password-stdin")
    right = shell.ok(*words, "--edge", "edge1", stdin=PASSWORD.encode() + b"\n")
    assert "Tried with the password itself" in right.out
    wrong = shell(*words, "--edge", "edge1", stdin=OTHER_PASSWORD.encode())
    assert wrong.code == 1
    assert "another password is stored for 1001" in wrong.out
    assert not [secret for secret in (PASSWORD, OTHER_PASSWORD) if secret in right.out + wrong.out + wrong.err]
    empty = shell(*words, stdin=b"")
    assert (empty.code, empty.err) == (1, "password: the password is empty\n")


def test_without_an_edge_or_a_user_nothing_is_tried(shell, user):
    answer = shell("sip", "probe", "1001")
    assert (answer.code, answer.out) == (1, "")
    assert "No edge reports and reaches its switch: nothing can be tried." in answer.err
    assert "there is no SIP user 9999" in shell("sip", "probe", "9999").err
    assert shell("sip", "watch", "1001").err == (
        "cxtui: No edge reports and reaches its switch: nothing can be watched.\n"
    )


def test_another_companys_user_is_not_meant(shell, edges):
    shell.ok("company", "add", "Beta Ltd")
    assert shell("sip", "probe", "1001", "--company", "Beta Ltd").code == 1


def tape(proof: Proof) -> str:
    about = "\r\nCall-ID: a\r\nCSeq: 2 REGISTER\r\nVia: x;branch=z9hG4bK1\r\n"
    credentials = 'Authorization: Digest username="1001", realm="r", nonce="n", uri="sip:r", response="0"\r\n\r\n'
    answer = "200 OK" if proof is Proof.MATCH else "401 Unauthorized"
    challenge = "" if proof is Proof.MATCH else 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'
    return dump(
        Trace(
            (
                Message(1.0, "192.0.2.1:5060", "192.0.2.2:5060", f"REGISTER sip:r SIP/2.0{about}{credentials}", proof),
                Message(1.1, "192.0.2.2:5060", "192.0.2.1:5060", f"SIP/2.0 {answer}{about}{challenge}\r\n"),
            )
        )
    )


@pytest.fixture
def agent(context, user):
    """Ends the first watch as a test tells it to; the edges speak."""
    for name in ("edge1", "edge2"):
        attach(context, name)
    over = threading.Event()
    told: dict[str, str] = {}

    def work() -> None:
        while not over.wait(0.01):
            attach(context, "edge1")
            attach(context, "edge2")
            if told and (found := query(context.database, "SELECT id FROM edge_job WHERE state = 'waiting'")):
                sets = ", ".join(f"{name} = ?" for name in told)
                execute(context.database, f"UPDATE edge_job SET {sets} WHERE id = ?", [*told.values(), found[0][0]])
                if told["state"] == JobState.DONE:
                    return

    thread = threading.Thread(target=work)
    thread.start()
    yield told
    over.set()
    thread.join()


def test_a_watch_prints_what_was_seen_and_stops_the_other_edges(shell, context, agent):
    """S-083, W-101"""
    agent |= {"state": JobState.DONE.value, "ladder": tape(Proof.MATCH)}
    answer = shell.ok("sip", "watch", "1001", "--seconds", "30")
    assert answer.out.startswith("1001 at edge1\nedge1 heard 1001 from 192.0.2.1:5060; hashes match")
    assert sorted(query(context.database, "SELECT state, result, body FROM edge_job")) == [
        ("done", "", "30"),
        ("failed", "Stopped.", "30"),
    ]


def test_a_watch_that_sees_a_refusal_fails(shell, agent):
    agent |= {"state": JobState.DONE.value, "ladder": tape(Proof.DIFFERS)}
    answer = shell("sip", "watch", "1001", "--json")
    assert answer.code == 1
    (seen,) = answer.json
    assert (seen["right"], seen["edge"]) == (False, "edge1")
    assert "wrong password" in seen["sentence"]
    assert seen["stranger"] is False, "the user is registered nowhere: it may be the device"


def test_a_watch_in_vain_says_what_became_of_it(shell, agent):
    agent |= {"state": JobState.FAILED.value, "result": "1001 sent nothing in 5 s."}
    answer = shell("sip", "watch", "1001", "--seconds", "5")
    assert (answer.code, answer.out, answer.err) == (1, "", "cxtui: 1001 sent nothing in 5 s.\n")


@pytest.mark.parametrize("seconds", ["1", "4", "601"])
def test_a_time_that_is_not_kept_is_refused(shell, context, agent, seconds):
    answer = shell("sip", "watch", "1001", "--seconds", seconds)
    assert answer.code == 2
    assert "--seconds: write a number of seconds from 5 to 600" in answer.err
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(0,)]


def test_a_watch_that_is_interrupted_is_stopped(shell, context, agent, monkeypatch):
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cxtui.cli.ladder.sleep", interrupt)
    began = time.monotonic()
    assert shell("sip", "watch", "1001").code == 130
    assert time.monotonic() - began < edge_jobs.PATIENCE
    assert {row[0] for row in query(context.database, "SELECT result FROM edge_job")} == {"Stopped."}
