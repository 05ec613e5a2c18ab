"""Many rows from the shell: CSV in and out, and ranges of SIP users. Only the plan is made unless it says --apply."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxtui.models.findings import Finding, errors
from cxtui.models.sip_user import SipUser
from cxtui.services.bulk.columns import heading
from cxtui.services.bulk.plan import Action, Plan, PlannedRow

from .call import Call
from .entities import reason_option
from .grammar import Parser, UsageError, field_options, typed
from .meter import Meter
from .output import dumps, finding_record

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Progress

KINDS = {"sip": "sip_users", "ip": "ip_auth"}
_SHOWN = 10


def import_options(parser: Parser) -> None:
    """The options of ``import``."""
    words = "CSV with a heading; - is standard input. A row that names an existing one changes only the file's columns"
    parser.add_argument("file", metavar="FILE", help=words)
    parser.add_argument("--kind", choices=[*KINDS], required=True, help="what the rows are: SIP users or IP entries")
    parser.add_argument("--company", metavar="NAME", help="whose the rows are that name no company")
    _plan_options(parser)
    parser.set_defaults(act=_imported)


def export_options(parser: Parser) -> None:
    """The options of ``export``."""
    parser.add_argument("kind", choices=[*KINDS], help="what to write: SIP users (without passwords) or IP entries")
    parser.add_argument("--company", metavar="NAME", help="only this company's")
    parser.add_argument("--output", metavar="FILE", help="a file for your eyes only, replaced when it is whole")
    parser.set_defaults(act=_exported)


def range_options(parser: Parser) -> None:
    """The options of ``sip range``."""
    parser.add_argument("owner", metavar="COMPANY", help="whose they are: a name or an id")
    parser.add_argument("span", metavar="SPAN", help="usernames, such as 1000-1199 or '0001-0020, 0100'")
    _plan_options(parser)
    field_options(parser, SipUser, without={"username"})
    parser.set_defaults(act=_ranged)


def _plan_options(parser: Parser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--plan", action="store_true", help="say what would be done, and do nothing; this is usual")
    what.add_argument("--apply", action="store_true", help="do all of it, or nothing where a row is wrong")
    words = "give every new SIP user a password and write them all into this new file (CSV)"
    parser.add_argument("--passwords", metavar="FILE", help=words)
    reason_option(parser)


def _imported(call: Call) -> int:
    from cxtui.services.bulk.importing import plan_import

    from .nouns import owner

    kind, company = KINDS[call.given("kind")], owner(call)
    if kind != "sip_users" and call.given("passwords"):
        raise UsageError("--passwords goes with --kind sip")
    source: Path | bytes = _standard_input() if call.given("file") == "-" else Path(call.given("file"))
    default = company.id if company else None
    return _act(call, lambda progress: plan_import(call.context, kind, source, progress, company_id=default))


def _ranged(call: Call) -> int:
    from cxtui.services.bulk.user_ranges import plan_range

    from . import picking

    company = picking.company(call.context, call.given("owner"))
    fields = typed(call.arguments)
    if fields.get("profile_id"):
        fields["profile_id"] = picking.profile(call.context, fields["profile_id"]).id
    return _act(call, lambda progress: plan_range(call.context, company.id, call.given("span"), fields, progress))


def _exported(call: Call) -> int:
    from cxtui.services.bulk.exporting import export, lines

    from .nouns import owner

    kind, company, output = KINDS[call.given("kind")], owner(call), call.given("output")
    company_id = company.id if company else None
    if output is not None:
        count = export(call.context, kind, company_id, Path(output))
        if call.output.as_json:
            call.output.record({"file": output, "rows": count})
        else:
            call.output.note(f"{count:,} rows are in {output}.")
        return 0
    if call.output.as_json:
        raise UsageError("--json goes with --output here", f"Rows in JSON: cxtui {call.given('kind')} list --json")
    if sys.stdout.isatty():
        call.output.lines(line.removesuffix("\n") for line in lines(call.context, kind, company_id))
    else:
        sys.stdout.flush()
        export(call.context, kind, company_id, sys.stdout.buffer)
    return 0


def _act(call: Call, planner: Callable[[Progress], Plan]) -> int:
    """Make the plan, and apply it where that was asked for."""
    with Meter() as meter, _uncollected():
        plan = planner(meter)
        if not (call.given("apply") and plan.ok):
            meter.clear()
            return _planned(call, plan)
        return _applied(call, plan, meter)


def _applied(call: Call, plan: Plan, meter: Meter) -> int:
    from cxtui.services.bulk.apply import apply

    wanted = call.given("passwords")
    done = apply(call.context, plan, handover=Path(wanted) if wanted else None, reason=call.reason, progress=meter)
    meter.clear()
    handover = str(done.handover) if done.handover else None
    if call.output.as_json:
        warnings = [finding_record(finding) for finding in done.change.warnings]
        whole = {"change": done.change.id, "done": done.change.sentence, "counts": _counts(plan)}
        call.output.record(whole | {"handover": handover, "warnings": warnings})
        return 0
    call.output.warn(done.change.warnings)
    call.output.line(done.change.sentence)
    if handover:
        call.output.note(f"The passwords are in {handover}, and nowhere else. Hand them over, then remove it.")
    return 0


def _planned(call: Call, plan: Plan) -> int:
    """Say what would be done and what is wrong with it."""
    if call.output.as_json:
        _plan_in_json(call, plan)
        return 0 if plan.ok else 1
    call.output.line(f"{plan.sentence}.")
    heads = {column.name: column.head for column in plan.columns}
    call.output.lines(f"{_head(heads, finding)}: {finding.text}" for finding in errors(plan.faults))
    changing = (row for row in plan.rows if row.action in (Action.CREATE, Action.CHANGE))
    call.output.lines(_difference(plan, row) for row in islice(changing, _SHOWN))
    rest = plan.create + plan.change - _SHOWN
    if rest > 0:
        call.output.line(f"… and {rest:,} more like these")
    for row in plan.rows:
        found = errors(row.findings)
        call.output.lines(f"{plan.where(row)}, {_head(heads, finding)}: {finding.text}" for finding in found)
    _remark(call, plan)
    if plan.ok:
        call.output.note("Nothing was changed yet: --apply does it.")
    return 0 if plan.ok else 1


def _remark(call: Call, plan: Plan) -> None:
    """The first warnings, and how many more there are."""
    whole = ((finding.field, finding) for finding in plan.faults)
    rows = ((f"{plan.where(row)}, {finding.field}", finding) for row in plan.rows for finding in row.findings)
    found = (f"{where}: {finding.text}" for where, finding in chain(whole, rows) if finding.severity != "error")
    for words in islice(found, _SHOWN):
        call.output.note(f"warning: {words}")
    more = sum(1 for _ in found)
    if more:
        call.output.note(f"… and {more:,} more warnings")


def _difference(plan: Plan, row: PlannedRow) -> str:
    changes = (
        f"{item.label} {item.before or 'nothing'} → {item.after or 'nothing'}"
        if row.base
        else f"{item.label} {item.after}"
        for item in row.differences
    )
    words = f"{row.action} {row.label}: {', '.join(changes)}"
    return words if plan.where(row) == row.label else f"{plan.where(row)}: {words}"


def _plan_in_json(call: Call, plan: Plan) -> None:
    """The plan as one JSON object, its rows written one by one; those that stay as they are only are counted."""
    faults = [finding_record(finding) for finding in plan.faults]
    whole = {"kind": plan.kind, "ok": plan.ok, "sentence": plan.sentence, "counts": _counts(plan), "faults": faults}
    call.output.line(dumps(whole).removesuffix("}") + ', "rows": [')
    rows = (row for row in plan.rows if row.action is not Action.UNCHANGED)
    call.output.lines(("," if place else "") + dumps(_record(row)) for place, row in enumerate(rows))
    call.output.line("]}")


def _record(row: PlannedRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "action": row.action.value,
        "label": row.label,
        "company": row.company,
        "differences": [{"label": item.label, "before": item.before, "after": item.after} for item in row.differences],
        "findings": [finding_record(finding) for finding in row.findings],
    }


def _counts(plan: Plan) -> dict[str, int]:
    return {"create": plan.create, "change": plan.change, "unchanged": plan.unchanged, "wrong": plan.wrong}


def _head(heads: dict[str, str], finding: Finding) -> str:
    """The column that a finding stands beside, as the file calls it."""
    return heads.get(finding.field) or heading(finding.field)


def _standard_input() -> bytes:
    from cxtui.rules.csv_table import MOST_BYTES

    return sys.stdin.buffer.read(MOST_BYTES + 1)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector rest: what is made by the hundred thousand lives until the verb ends."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
