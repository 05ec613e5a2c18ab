"""The audit log from the shell: what was changed, by whom, and whether the log is whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxtui.models.audit import AuditEntry
from cxtui.services import audit, undo
from cxtui.services.outcome import NeedsConfirmation, refuse

from .call import Call
from .entities import reason_option
from .grammar import Parser, whole_number
from .tables import Column, table

_ON_A_TERMINAL = 50


def furnish(parser: Parser) -> None:
    """Give ``audit`` its verbs."""
    add = parser.verbs()
    add("list", _list, help="the newest changes", usage="[--filter TEXT] [--limit N]")
    add("show", _show, help="what a change changed, field by field", usage="CHANGE")
    add("verify", _verify, help="whether nobody tampered with the log; exit code 1 if somebody did", usage="")
    add("revert", _revert, help="take a change back, where that is still possible", usage="CHANGE [--confirm CHANGE]")


def _list(parser: Parser) -> None:
    words = "words, a day (2026-11-23), a span (2h), or a row (#sip_user/7)"
    parser.add_argument("--filter", metavar="TEXT", default="", help=words)
    parser.add_argument("--limit", metavar="N", type=whole_number, default=_ON_A_TERMINAL, help="at most N rows")
    parser.set_defaults(act=_listed)


def _listed(call: Call) -> int:
    found = audit.entries(call.context, call.given("filter"), call.given("limit"))
    if call.output.as_json:
        call.output.records(_record(entry) for entry in found)
        return 0
    columns = [Column("When"), Column("Who"), Column("What"), Column("Object"), Column("Reason"), Column("Change")]
    rows = (
        [_when(entry), entry.operator, entry.action.lower(), entry.label, entry.reason, entry.change_id[:8]]
        for entry in found
    )
    call.output.lines(table(columns, rows, call.output.room))
    return 0


def _show(parser: Parser) -> None:
    parser.add_argument("change", metavar="CHANGE", help="its id, or the beginning of it")
    parser.set_defaults(act=_shown)


def _shown(call: Call) -> int:
    found = _change(call)
    if call.output.as_json:
        call.output.records(_record(entry) for entry in found)
        return 0
    for entry in found:
        call.output.lines([f"{_when(entry)}  {entry.operator} from {entry.origin}, {entry.program}"])
        call.output.lines([undo.words(entry) + (f": {entry.reason}" if entry.reason else "")])
        columns = [Column("Field"), Column("Before"), Column("After")]
        rows = ([item.label, item.before, item.after] for item in audit.differences(entry))
        call.output.lines(table(columns, rows, call.output.room))
    return 0


def _verify(parser: Parser) -> None:
    parser.set_defaults(act=_verified)


def _verified(call: Call) -> int:
    verdict = audit.verify(call.context)
    if call.output.as_json:
        call.output.record({"rows": verdict.rows, "broken": verdict.broken or None, "verdict": verdict.sentence})
    else:
        call.output.lines([verdict.sentence])
    return 1 if verdict.broken else 0


def _revert(parser: Parser) -> None:
    parser.add_argument("change", metavar="CHANGE", help="its id, or the beginning of it")
    confirm_option(parser)
    reason_option(parser)
    parser.set_defaults(act=_reverted)


def _reverted(call: Call) -> int:
    return take_back(call, _change(call)[0].change_id)


def confirm_option(parser: Parser) -> None:
    """The option that says yes to what taking back a change may ask."""
    words = "the change's id once more: needed where a password that is in use stops working"
    parser.add_argument("--confirm", metavar="CHANGE", default="", help=words)


def take_back(call: Call, change_id: str = "") -> int:
    """Take back a change, the operator's last one unless named; what would lock somebody out is asked first (S-126)."""
    confirmed = call.given("confirm")
    try:
        return call.changed(undo.undo(call.context, change_id, confirmed=confirmed))
    except NeedsConfirmation as needed:
        if confirmed or not call.interactive:
            raise
        if call.ask(f"{needed} [y/N] ").lower() in ("y", "yes"):
            return call.changed(undo.undo(call.context, change_id, confirmed=needed.word))
        call.output.note("Nothing was changed.")
        return 1


def _change(call: Call) -> list[AuditEntry]:
    wanted = call.given("change")
    found = audit.of_change(call.context, wanted)
    changes = sorted({entry.change_id for entry in found})
    if not found:
        raise refuse("change", f"there is no change {wanted}")
    if len(changes) > 1:
        raise refuse("change", f"{wanted} may be {', '.join(change[:12] for change in changes[:5])}: write more of it")
    return found


def _when(entry: AuditEntry) -> str:
    return datetime.fromtimestamp(entry.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _record(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "change": entry.change_id,
        "at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds"),
        "operator": entry.operator,
        "origin": entry.origin,
        "program": entry.program,
        "action": entry.action,
        "table": entry.entity,
        "row": entry.entity_id,
        "label": entry.label,
        "reason": entry.reason,
        "undoes": entry.undoes or None,
        "differences": [
            {"field": item.label, "before": item.before, "after": item.after} for item in audit.differences(entry)
        ],
    }
