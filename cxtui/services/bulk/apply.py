"""Carrying out a plan: everything in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from cxtui.models.audit import AuditEntry
from cxtui.models.fields import specs
from cxtui.models.findings import Finding, errors
from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.services.outcome import Gone, Refused
from cxtui.services.writing import require, writing
from cxtui.store.probes import exists

from . import judging
from .handover import handing_over
from .plan import Action, Applied, Plan, PlannedRow, Progress
from .storing import store

_SHOWN = 20


def apply(
    context: Context,
    plan: Plan,
    *,
    handover: Path | None = None,
    reason: str = "",
    progress: Progress | None = None,
) -> Applied:
    """Write all rows of a plan, each audited, or none.

    With ``handover`` every new SIP user gets a password: those the file gave none are generated, and all passwords that
    are set are written to that new file (CSV, 0600), which is gone again if the change fails. Raises ``Refused`` for a
    plan with a wrong row and for a ``handover`` that exists, ``Gone`` where somebody saved something since that makes
    it another plan, ``ServiceError`` where the file cannot be written.
    """
    require(context, Role.OPERATOR)
    if not plan.ok:
        raise _refusal(plan)
    wanted = handover if plan.new_users or any(row.password for row in plan.rows) else None
    with handing_over(wanted, partial(_is_stored, context)) as sheet, writing(context, reason=reason) as writer:
        if sheet is not None:
            sheet.change_id = writer.change_id
        now = judging.plan(context, writer.link, plan.batch, _first_half(progress))
        _refuse_another(plan, now)
        rows = store(writer, now, sheet, progress)
        change = writer.change(_done(now), *rows, warnings=_warnings(now))
    return Applied(change, wanted)


def _is_stored(context: Context, change_id: str) -> bool:
    with context.database.reading() as link:
        return exists(link, AuditEntry, "change_id = ?", (change_id,))


def _first_half(progress: Progress | None) -> Progress | None:
    return None if progress is None else lambda done, total: progress(done, 2 * total)


def _refusal(plan: Plan) -> Refused:
    """Why a plan cannot be applied: what is wrong with it, and with its first wrong rows."""
    found = list(errors(plan.faults))
    for row in plan.rows:
        if row.action is Action.WRONG and len(found) < _SHOWN:
            found += [_at(plan, row, finding) for finding in errors(row.findings)]
    return Refused(found)


def _at(plan: Plan, row: PlannedRow, finding: Finding) -> Finding:
    return replace(finding, text=f"{plan.where(row)}: {finding.text}")


def _warnings(plan: Plan) -> tuple[Finding, ...]:
    """What is remarked on the rows that were written, of many the first."""
    rows = (row for row in plan.rows if row.action is not Action.UNCHANGED)
    found = ((row, finding) for row in rows for finding in row.findings)
    shown = [_at(plan, row, finding) for row, finding in islice(found, _SHOWN)]
    more = sum(1 for _ in found)
    if more:
        shown.append(replace(shown[-1], text=f"and {more} more remarks like these"))
    return tuple(shown)


def _done(plan: Plan) -> str:
    """What was done, in a sentence: "Added 200 SIP users, changed 1 SIP user."."""
    counts = (("added", plan.create), ("changed", plan.change))
    words = [f"{verb} {count} {plan.plural if count > 1 else plan.singular}" for verb, count in counts if count]
    if not words:
        return f"Nothing to change: the {plan.plural} are as they should be."
    said = ", ".join(words)
    return f"{said[0].upper()}{said[1:]}."


def _refuse_another(seen: Plan, now: Plan) -> None:
    """Raise where what would be written now is not what the operator looked at."""
    found = [finding.text for finding in errors(now.faults)]
    if len(seen.rows) == len(now.rows):
        rows = zip(seen.rows, now.rows, strict=True)
        found += [words for one, other in rows if (words := _what_changed(one, other))]
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Gone(f"{found[0]}{more}. Nothing was written: look at the plan again.")


def _what_changed(seen: PlannedRow, now: PlannedRow) -> str:
    """Why a row of the plan is another one by now, empty where it is not."""
    if now.action is Action.WRONG:
        return f"{now.label}: {errors(now.findings)[0].text}".rstrip(".")
    if seen.base is None or now.base is None:
        if (seen.base is None) is (now.base is None):
            return "" if seen.row == now.row else f"{now.label} would be another one now"
        return f"{now.label} was {'added' if seen.base is None else 'deleted'} in the meantime"
    before, after = seen.changed, now.changed
    for name in dict.fromkeys((*before, *after)):
        if getattr(seen.base, name) != getattr(now.base, name):
            known = specs(type(now.row))[name]
            words = next((item.before for item in now.differences if item.label == known.label), "")
            return f"{now.label} was changed in the meantime: {known.label} is {words or 'as wanted'} now"
    return "" if before == after else f"{now.label} was changed in the meantime"
