"""What a watch saw is given back as it was written down, whatever stands there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.edge_job import EdgeJob, JobState
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.services import edge_jobs, edges, ladders
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.ladders import Bearings, Exchange
from cxtui.services.outcome import ServiceError
from cxtui.sip.ladder import Message, Proof, Trace, dump
from tests.services.test_edge_states import attach
from tests.services.test_registrations import give, register
from tests.support import NOON, Clock, execute, one, query

PHONE, EDGE, EVIL = "192.0.2.10:5060", "[2001:db8::1]:5060", "203.0.113.66:46101"
CREDENTIALS = 'Authorization: Digest username="1003", realm="r", nonce="n", uri="sip:r", response="0"'


def tape(proof: Proof, answer: str = "200 OK", credentials: str = CREDENTIALS) -> Trace:
    """A REGISTER with credentials and its answer."""
    about = "\r\nCall-ID: a\r\nCSeq: 2 REGISTER\r\nVia: x;branch=z9hG4bK1\r\n"
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n' if answer.startswith("401") else ""
    return Trace(
        (
            Message(1.0, PHONE, EDGE, f"REGISTER sip:r SIP/2.0{about}{credentials}\r\n\r\n", proof),
            Message(1.01, EDGE, PHONE, f"SIP/2.0 {answer}{about}{challenge}\r\n"),
        ),
        others=2,
    )


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """1003, at two edges."""
    attach(context, "edge1", listens="udp:[2001:db8::1]:5060")
    attach(context, "edge2")
    return give(context, acme, "1003")


def watched(context: Context, user: SipUser, **fields: Any) -> tuple[Exchange, ...]:
    """What is given back of a watch that ended at the first of the edges."""
    jobs = edge_jobs.watch(context, user, 60)
    named = {"state": JobState.DONE.value, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    execute(context.database, f"UPDATE edge_job SET {sets} WHERE id = ?", [*named.values(), jobs[0].id])
    return ladders.watched(context, edge_jobs.outcomes(context, [job.id for job in jobs]))


def wanted(context: Context, job: EdgeJob) -> bool:
    """Whether anybody still waits for a watch."""
    return ladders.bearings(context, job, ()).wanted


@pytest.mark.parametrize(
    ("trace", "right", "words"),
    [
        (tape(Proof.MATCH), True, "hashes match: the edge computed the same response"),
        (tape(Proof.MATCH, "403 IP Not Authorised"), True, "the password is right; not on the user's allow list"),
        (tape(Proof.DIFFERS, "401 Unauthorized"), False, "wrong password: the hashes differ"),
        (tape(Proof.UNKNOWN, "401 Unauthorized"), False, "unknown user"),
        (tape(Proof.NONE, "401 Unauthorized", "X: y"), None, "no credentials of it were answered"),
    ],
)
def test_what_a_watch_saw_is_told_with_what_it_shows(
    context: Context, user: SipUser, trace: Trace, right: bool | None, words: str
) -> None:
    """S-083, W-101."""
    (found,) = watched(context, user, ladder=dump(trace))
    assert (found.edge, found.username, found.right) == ("edge1", "1003", right)
    assert found.sentence.startswith(f"edge1 heard 1003 from {PHONE}; ")
    assert words in found.sentence
    ladder = found.ladder()
    assert ladder.names == ("sender" if right is False else "phone", "edge1")
    assert ("somebody else" in found.basis) is (right is False), "nobody is registered with the name"
    assert "other conversations in this time, not shown: 2" in found.text()


@pytest.mark.parametrize(
    ("received", "proof", "right", "stranger", "name"),
    [
        ("192.0.2.10:61344", Proof.DIFFERS, False, False, "phone"),
        ("203.0.113.7:5060", Proof.DIFFERS, None, True, "sender"),
        ("203.0.113.7:5060", Proof.UNKNOWN, None, True, "sender"),
        ("203.0.113.7:5060", Proof.MATCH, True, False, "phone"),
    ],
    ids=["at home", "wrong elsewhere", "unknown elsewhere", "right elsewhere"],
)
def test_who_comes_from_elsewhere_than_the_phone_is_registered_and_proves_nothing_is_a_sender(
    context: Context, user: SipUser, received: str, proof: Proof, right: bool | None, stranger: bool, name: str
) -> None:
    """S-083, W-101."""
    register(context, user, 1, received=received)
    (found,) = watched(context, user, ladder=dump(tape(proof, "200 OK" if right else "401 Unauthorized")))
    assert (found.right, found.stranger, found.ladder().names[0]) == (right, stranger, name)
    elsewhere = f"edge1 heard 1003 from {PHONE}, not where 1003 is registered (203.0.113.7); "
    assert found.sentence.startswith(elsewhere) is received.startswith("203")
    assert ("the phone of 1003 sent nothing" in found.basis) is stranger


def test_what_others_tried_meanwhile_stands_behind_it(context: Context, user: SipUser) -> None:
    """W-101."""
    words = "3 attempts from elsewhere, last 127.66.96.3: wrong password."
    (found,) = watched(context, user, ladder=dump(tape(Proof.MATCH)), result=words)
    assert found.sentence.endswith(f"same response. {words}")


def test_where_one_edge_saw_the_phone_a_stranger_at_another_is_left_out(context: Context, user: SipUser) -> None:
    """S-083."""
    register(context, user, 1, received="192.0.2.10:5060")
    seen = {"phone": tape(Proof.MATCH), "stranger": tape(Proof.DIFFERS, "401 Unauthorized")}
    seen["stranger"] = Trace(
        tuple(
            replace(one, source=one.source.replace(PHONE, EVIL), destination=one.destination.replace(PHONE, EVIL))
            for one in seen["stranger"].messages
        )
    )
    jobs = [
        EdgeJob(edge_id=place, task="watch", username="1003", ladder=dump(trace))
        for place, trace in enumerate(seen.values(), start=1)
    ]
    assert [exchange.edge for exchange in ladders.watched(context, jobs)] == ["edge1"]
    assert [exchange.stranger for exchange in ladders.watched(context, jobs[1:])] == [True]


def test_a_watch_learns_where_the_phone_is_who_is_blocked_and_whether_it_is_wanted(
    context: Context, user: SipUser, clock: Clock
) -> None:
    """S-011, S-083."""
    (job,) = edge_jobs.watch(context, user, 60)[:1]
    register(context, user, 1, received="[2001:db8::5]:5060", expires_at=NOON + 10)
    register(context, user, 2, received="198.51.100.7:61344")
    edges.record(context, [Sighting("203.0.113.9", NOON, 5, "scan", expires_at=NOON + 10)])
    asked = ["203.0.113.9", "198.51.100.7"]
    found = ladders.bearings(context, job, asked)
    assert (found.wanted, {*found.home}) == (True, {"2001:db8::5", "198.51.100.7"})
    assert found.blocked == {"203.0.113.9"}
    ladders.stop(context, [job])
    clock.forward(11)
    assert ladders.bearings(context, job, asked) == Bearings(False, ("198.51.100.7",), frozenset())


def test_what_a_watch_heard_so_far_is_told_while_it_runs_only(context: Context, user: SipUser) -> None:
    (job,) = edge_jobs.watch(context, user, 60)[:1]
    ladders.tell(context, job, "1 attempt from elsewhere")
    assert one(context.database, "SELECT result FROM edge_job WHERE id = ?", [job.id]) == ""
    execute(context.database, "UPDATE edge_job SET state = 'running'")
    ladders.tell(context, job, "1 attempt from elsewhere")
    assert one(context.database, "SELECT result FROM edge_job WHERE id = ?", [job.id]) == "1 attempt from elsewhere"


@pytest.mark.parametrize(
    ("place", "host"),
    [("192.0.2.1:5060", "192.0.2.1"), ("[2001:DB8::1]:5060", "2001:db8::1"), ("x:1", ""), ("", ""), ("[::1", "")],
)
def test_the_host_of_a_place_is_written_as_everywhere(place: str, host: str) -> None:
    assert ladders.host_of(place) == host


@pytest.mark.parametrize("ladder", ["nonsense", '{"version":9}', "[" * 50_000])
def test_a_ladder_that_cannot_be_read_is_told_so(context: Context, user: SipUser, ladder: str) -> None:
    (found,) = watched(context, user, ladder=ladder)
    assert (found.right, found.trace.messages) == (None, ())
    assert "stored trace cannot be read" in found.sentence
    assert found.text().startswith("1003 at edge1\nThe stored trace")


def test_a_watch_that_saw_nothing_gives_nothing(context: Context, user: SipUser) -> None:
    assert watched(context, user) == ()
    ping = EdgeJob(edge_id=1, task="ping", ladder=dump(tape(Proof.MATCH)))
    assert ladders.watched(context, [ping]) == ()


def test_an_edge_that_left_is_no_reason_not_to_tell(context: Context, user: SipUser) -> None:
    job = EdgeJob(edge_id=99, task="watch", username="10\x1b03", ladder=dump(tape(Proof.MATCH)))
    (found,) = ladders.watched(context, [job])
    assert found.sentence.startswith(f"an edge that left heard 10␛03 from {PHONE}")
    assert clean(found.text().replace("\n", "")) == found.text().replace("\n", "")


def test_who_stops_waiting_stops_what_still_runs_and_nothing_else(context: Context, user: SipUser) -> None:
    first, second = edge_jobs.watch(context, user, 60)
    (other,) = edge_jobs.watch(context, user, 60)[:1]
    execute(context.database, "UPDATE edge_job SET state = 'done', result = 'Seen.' WHERE id = ?", [first.id])
    assert wanted(context, second)
    ladders.stop(context, [first, second])
    assert query(context.database, "SELECT id, state, result FROM edge_job ORDER BY id")[:3] == [
        (first.id, "done", "Seen."),
        (second.id, "failed", "Stopped."),
        (other.id, "waiting", ""),
    ]
    gone = EdgeJob(id=999)
    assert [wanted(context, job) for job in (first, second, other, gone)] == [False, False, True, False]


def test_a_text_is_written_into_a_new_file_only(tmp_path: Path) -> None:
    """W-101."""
    path = tmp_path / "ladder.txt"
    assert ladders.write(path, "│ a\n") == path
    assert path.read_text(encoding="utf-8") == "│ a\n"
    with pytest.raises(ServiceError, match="is there already: name a new file"):
        ladders.write(path, "b")
    with pytest.raises(ServiceError, match="cannot be written: No such file or directory"):
        ladders.write(tmp_path / "no" / "such", "b")
    assert path.read_text(encoding="utf-8") == "│ a\n"
