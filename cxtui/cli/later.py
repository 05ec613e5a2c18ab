"""Delayed saves from the shell: what waits, carrying out what is due, and cancelling (W-025)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxtui.models.delayed_save import DelayedSave, State
from cxtui.services import delayed_saves

from .call import Call
from .entities import reason_option
from .grammar import Parser, whole_number
from .tables import Column, table


def furnish(parser: Parser) -> None:
    """Give ``later`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="what waits to be saved, and what became of the rest", usage="[--all]")
    words = "carry out what is due, as from a timer; exit code 1 if some of it was refused"
    add("run", _run, help=words, usage="")
    add("cancel", _cancel, help="never carry a waiting one out", usage="ID")


def _list(parser: Parser) -> None:
    parser.add_argument("--all", action="store_true", help="also what has ended more than a week ago")
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    found = delayed_saves.listed(call.context, everything=call.given("all"))
    if call.output.as_json:
        call.output.records(_record(row) for row in found)
    elif found:
        columns = [Column("ID", right=True), Column("State"), Column("Due"), Column("What"), Column("Who")]
        rows = ([str(row.id), row.state, _when(row.due_at), row.title, row.operator, row.outcome] for row in found)
        call.output.lines(table([*columns, Column("Outcome")], rows, call.output.room))
    else:
        call.output.note("Nothing waits.")
    return 0


def _run(parser: Parser) -> None:
    parser.set_defaults(act=_carried_out)


def _carried_out(call: Call) -> int:
    """Says nothing where nothing was due: a timer mails what it hears."""
    ended = delayed_saves.carry_out_due(call.context)
    if call.output.as_json:
        call.output.records(_record(row) for row in ended)
    else:
        call.output.lines(f"{row.title}, for {row.operator}: {row.state}. {row.outcome}" for row in ended)
    return 1 if any(row.state == State.REFUSED for row in ended) else 0


def _cancel(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", type=whole_number, help="as list gives it")
    reason_option(parser)
    parser.set_defaults(act=_cancelled)


def _cancelled(call: Call) -> int:
    change = delayed_saves.cancel(call.context, call.given("id"), reason=call.reason)
    if call.output.as_json:
        call.output.record({"change": change.id, "done": change.sentence})
    else:
        call.output.line(change.sentence)
    return 0


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _record(row: DelayedSave) -> dict[str, Any]:
    from json import loads

    return {
        "id": row.id,
        "state": row.state,
        "what": row.title,
        "form": row.what,
        "row": row.entity_id or None,
        "company_id": row.company_id or None,
        "operator": row.operator,
        "origin": row.origin,
        "role": row.role,
        "reason": row.reason,
        "typed": loads(row.typed),
        "asked": _iso(row.created_at),
        "due": _iso(row.due_at),
        "finished": _iso(row.finished_at),
        "outcome": row.outcome,
        "change": row.change_id or None,
    }
