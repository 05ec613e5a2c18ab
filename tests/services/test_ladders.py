"""What a watch saw is given back as it was written down, whatever stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.edge_job import EdgeJob, JobState
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.services import edge_jobs, ladders
from cxtui.services.context import Context
from cxtui.services.ladders import Exchange
from cxtui.services.outcome import ServiceError
from cxtui.sip.ladder import Message, Proof, Trace, dump
from tests.services.test_edge_states import attach
from tests.services.test_registrations import give
from tests.support import execute, query

PHONE, EDGE = "192.0.2.10:5060", "[2001:db8::1]:5060"
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
    assert ladder.names == ("phone", "edge1")
    assert "other conversations in this time, not shown: 2" in found.text()


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
    assert ladders.is_wanted(context, second.id)
    ladders.stop(context, [first, second])
    assert query(context.database, "SELECT id, state, result FROM edge_job ORDER BY id")[:3] == [
        (first.id, "done", "Seen."),
        (second.id, "failed", "Stopped."),
        (other.id, "waiting", ""),
    ]
    assert [ladders.is_wanted(context, key) for key in (first.id, second.id, other.id, 999)] == [
        False,
        False,
        True,
        False,
    ]


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
