"""Ladders from the shell: a login tried at the edges now, or the next one that really happens."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from cxtui.models.edge_job import EdgeJob
from cxtui.models.sip_user import SipUser
from cxtui.services import edge_jobs, ladders, probing
from cxtui.services.ladders import Exchange

from .call import Call
from .grammar import Parser, whole_number

_SECONDS = 60
_LOOK_EVERY = 0.2


def probe_options(parser: Parser) -> None:
    """The options of ``sip probe``."""
    _whose(parser)
    parser.add_argument("--edge", metavar="NAME", default="", help="at this edge alone")
    words = "try the password on standard input instead of the stored HA1; a wrong one counts like any other"
    parser.add_argument("--password-stdin", action="store_true", help=words)
    parser.set_defaults(act=_probed)


def watch_options(parser: Parser) -> None:
    """The options of ``sip watch``."""
    _whose(parser)
    least, most = edge_jobs.WATCH_SECONDS
    words = f"how long to wait, {least} to {most} (usually {_SECONDS})"
    parser.add_argument("--seconds", metavar="N", type=_seconds, default=_SECONDS, help=words)
    parser.set_defaults(act=_watched)


def _seconds(text: str) -> int:
    least, most = edge_jobs.WATCH_SECONDS
    if not least <= (seconds := whole_number(text)) <= most:
        raise ArgumentTypeError(f"write a number of seconds from {least} to {most}")
    return seconds


def _whose(parser: Parser) -> None:
    parser.add_argument("which", metavar="USER", help="a username, or id:N")
    parser.add_argument("--company", metavar="NAME", help="only if it is this company's")


def _user(call: Call) -> SipUser:
    from .nouns import SIP

    user: SipUser = SIP.pick(call, call.given("which"))
    return user


def _probed(call: Call) -> int:
    user = _user(call)
    password = call.secret("Password") if call.given("password_stdin") else None
    return _answer(call, probing.probe(call.context, user, password, edge=call.given("edge")))


def _watched(call: Call) -> int:
    user, seconds = _user(call), call.given("seconds")
    jobs = edge_jobs.watch(call.context, user, seconds)
    if call.interactive:
        call.output.note(f"Waiting up to {seconds} s for {user.username} to register or call; Ctrl+C stops.")
    try:
        jobs = _seen(call, jobs, seconds)
    finally:
        ladders.stop(call.context, jobs)
    found = ladders.watched(call.context, jobs)
    if not found:
        call.output.failed("; ".join(dict.fromkeys(map(edge_jobs.outcome_words, jobs))) + ".")
        return 1
    return _answer(call, found)


def _seen(call: Call, jobs: Sequence[EdgeJob], seconds: int) -> tuple[EdgeJob, ...]:
    """The jobs once one of them saw a login, or all have ended."""
    until, ids = monotonic() + seconds + edge_jobs.PATIENCE, [job.id for job in jobs]
    while True:
        found = edge_jobs.outcomes(call.context, ids)
        if any(job.ladder for job in found) or all(map(edge_jobs.ended, found)) or monotonic() > until:
            return found
        sleep(_LOOK_EVERY)


def _answer(call: Call, found: Sequence[Exchange]) -> int:
    if call.output.as_json:
        call.output.records(map(_record, found))
    else:
        call.output.lines(line for exchange in found for line in exchange.text().split("\n"))
    return 0 if all(exchange.right for exchange in found) else 1


def _record(exchange: Exchange) -> dict[str, Any]:
    ladder = exchange.ladder(options=True)
    steps = [
        {
            "ms": round(step.at, 3),
            "from": ladder.parties[step.source],
            "to": ladder.parties[step.destination],
            "message": step.label,
            "times": step.times,
            "notes": [note.text for note in step.notes],
        }
        for step in ladder.steps
    ]
    told = {
        "edge": exchange.edge,
        "username": exchange.username,
        "right": exchange.right,
        "stranger": exchange.stranger,
    }
    return told | {"sentence": exchange.sentence, "basis": exchange.basis, "call_id": ladder.call_id, "steps": steps}
