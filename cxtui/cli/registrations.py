"""Registrations from the shell: who is registered where, pings, messages, and ending a registration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from time import monotonic, sleep
from typing import Any

from cxtui.models.edge_job import EdgeJob
from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.durations import ago
from cxtui.services import edge_jobs, registrations
from cxtui.services.edge_jobs import Asked
from cxtui.services.grids import Grid, Shown
from cxtui.services.outcome import refuse

from . import listing, shapes
from .call import Call
from .entities import reason_option
from .grammar import Parser, whole_number
from .nouns import SIP, owner
from .tables import Column, table

_COLUMNS = (
    Column("ID", right=True),
    Column("Username", least=12),
    Column("State"),
    Column("Received", least=21),
    Column("Over"),
    Column("NAT"),
    Column("Ping", right=True),
    Column("Age", right=True),
    Column("Expires", right=True),
    Column("User-Agent", least=12),
    Column("Company", least=12),
    Column("Edge"),
    Column("Contact", least=16),
)
_WAIT_SECONDS = 10
_LOOK_EVERY = 0.1


def furnish(parser: Parser) -> None:
    """Give ``registration`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="every contact that is registered, and how it answers", usage="[options]")
    words = "send OPTIONS to every contact of users; exit code 1 if one does not answer"
    add("ping", _ping, help=words, usage="USER… [--wait N]")
    words = "send a SIP message to the phones of users, who cannot reply; exit code 1 if one does not take it"
    add("message", _message, help=words, usage="USER… --text TEXT [--wait N]")
    words = "end the registration of a user; a device that is still there registers anew"
    add("remove", _remove, help=words, usage="USER [--contact N] [--yes]")


def _list(parser: Parser) -> None:
    listing.options(parser, owned=True)
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    company, limit, room = owner(call), call.given("limit"), call.output.room
    if limit is None and room is not None and not call.given("all"):
        limit = listing.ON_A_SCREEN
    now, needle = call.context.now(), call.given("filter").strip()
    found = _found(Grid(call.context, "registrations", company.id if company else None, needle))
    if call.output.as_json:
        call.output.records(_record(item) for item in islice(found, limit))
        return 0
    first = next(found, None)
    if first is None:
        call.output.note(f"Nobody {'like that ' if needle or company else ''}is registered.")
        return 0
    rest = islice(found, limit - 1 if limit else None)
    call.output.lines(table(_COLUMNS, (_cells(item, now) for item in chain([first], rest)), room))
    if limit and next(found, None) is not None:
        call.output.note(f"The first {limit}; --all lists every one.")
    return 0


def _found(grid: Grid) -> Iterator[Shown]:
    last = None
    while window := grid.after(last, listing.WINDOW):
        last = window[-1]
        yield from window


def _ping(parser: Parser) -> None:
    _whose(parser, many=True)
    parser.set_defaults(act=_pinged)


def _pinged(call: Call) -> int:
    jobs = _waited(call, edge_jobs.ping(call.context, _users(call)))
    if call.output.as_json:
        call.output.records(map(_job, jobs))
    else:
        _tell(call, jobs)
    return 0 if all(map(edge_jobs.went_well, jobs)) else 1


def _message(parser: Parser) -> None:
    _whose(parser, many=True)
    words = f"what the phones show: one line of at most {edge_jobs.LONGEST_MESSAGE} characters"
    parser.add_argument("--text", metavar="TEXT", required=True, help=words)
    reason_option(parser)
    parser.set_defaults(act=_messaged)


def _messaged(call: Call) -> int:
    return _answer(call, edge_jobs.message(call.context, _users(call), call.given("text"), reason=call.reason))


def _remove(parser: Parser) -> None:
    _whose(parser, many=False)
    words = "only this one of several contacts: its ID as list gives it"
    parser.add_argument("--contact", metavar="N", type=whole_number, help=words)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    reason_option(parser)
    parser.set_defaults(act=_removed)


def _removed(call: Call) -> int:
    user: SipUser = SIP.pick(call, call.given("which"))
    now, wanted = call.context.now(), call.given("contact")
    contacts = [row for row in registrations.of_user(call.context, user) if registrations.live(row, now)]
    if wanted is not None:
        contacts = [row for row in contacts if row.id == wanted]
        if not contacts:
            raise refuse("contact", f"{user.username} has no contact {wanted}")
    if not contacts:
        raise refuse("user", f"{user.username} is not registered")
    sources = ", ".join(map(registrations.source, contacts[:3])) + (" …" if len(contacts) > 3 else "")
    if not call.confirm(f"Remove the registration of {user.username} from {sources}"):
        return 1
    return _answer(call, edge_jobs.remove(call.context, contacts, reason=call.reason))


def _whose(parser: Parser, *, many: bool) -> None:
    parser.add_argument("which", metavar="USER", nargs="+" if many else None, help="a username, or id:N")
    parser.add_argument("--company", metavar="NAME", help="only if it is this company's")
    words = f"seconds to wait for the outcome (usually {_WAIT_SECONDS})"
    parser.add_argument("--wait", metavar="N", type=whole_number, default=_WAIT_SECONDS, help=words)


def _users(call: Call) -> list[SipUser]:
    return list({user.id: user for user in (SIP.pick(call, text) for text in call.given("which"))}.values())


def _answer(call: Call, asked: Asked) -> int:
    """Say what was asked for, and what became of it."""
    if not call.output.as_json:
        call.output.line(asked.change.sentence)
    jobs = _waited(call, asked.jobs)
    if call.output.as_json:
        missing = [user.username for user in asked.missing]
        named = {"change": asked.change.id, "done": asked.change.sentence}
        call.output.record({**named, "jobs": [*map(_job, jobs)], "missing": missing})
    else:
        _tell(call, jobs)
    return 0 if not asked.missing and all(map(edge_jobs.went_well, jobs)) else 1


def _waited(call: Call, jobs: Sequence[EdgeJob]) -> tuple[EdgeJob, ...]:
    """The jobs as they stand once all have ended, or after the time that was given."""
    until, ids = monotonic() + call.given("wait"), [job.id for job in jobs]
    while True:
        found = edge_jobs.outcomes(call.context, ids)
        if all(map(edge_jobs.ended, found)) or monotonic() > until:
            return found
        sleep(_LOOK_EVERY)


def _tell(call: Call, jobs: Sequence[EdgeJob]) -> None:
    columns = (Column("Username", least=12), Column("Contact", right=True), Column("Outcome", least=20))
    rows = ([job.username, str(job.registration_id or ""), edge_jobs.outcome_words(job)] for job in jobs)
    call.output.lines(table(columns, rows, call.output.room))
    if not all(map(edge_jobs.ended, jobs)):
        call.output.note(f"Not ended after {call.given('wait')} s.")


def _record(item: Shown) -> dict[str, Any]:
    """A contact for a program; round trips are in µs, null where no answer came."""
    pings = [{"at": shapes.moment(at), "round_trip": trip} for at, trip in registrations.pings(item.row)]
    return shapes.record(item) | {"edge": item.more, "pings": pings}


def _job(job: EdgeJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "task": job.task,
        "username": job.username,
        "contact": job.registration_id,
        "state": job.state,
        "ok": edge_jobs.went_well(job),
        "status": job.status or None,
        "round_trip": job.round_trip,
        "result": edge_jobs.outcome_words(job),
    }


def _cells(item: Shown, now: float) -> list[str]:
    row: Registration = item.row
    missed = registrations.lost(row)
    trip = f"lost {missed}" if missed else ("" if row.round_trip is None else registrations.latency(row.round_trip))
    return [
        str(row.id),
        row.username,
        item.state.word,
        registrations.source(row),
        row.transport.lower(),
        "yes" if row.nat else "no",
        trip,
        ago(max(0.0, now - row.registered_at)),
        ago(max(0.0, row.expires_at - now)),
        row.user_agent,
        item.company,
        item.more,
        row.contact,
    ]
