"""The pages of a form that only tell, and lead on: the rewrite rules of the row, and who changed it (S-005, W-027)."""

from __future__ import annotations

from collections.abc import Mapping
from time import localtime, strftime

from cxtui.models.audit import AuditEntry
from cxtui.models.fields import Entity
from cxtui.models.rewrite import PARAMETERS, RewriteRule
from cxtui.services import audit, rewrites
from cxtui.services.context import Context
from cxtui.services.subjects import Subject

REWRITE = "Parameter Rewrite"
AUDIT = "Audit"
_NEWEST = 12
_NO_RULES = "No rules: numbers stay as they come in."


def notes_of(context: Context, row: Entity | None) -> Mapping[str, str]:
    """The text of each such page of a stored row; a new one has none."""
    if row is None:
        return {}
    subject = Subject.of(row)
    pages = {REWRITE: _rules(context, subject)} if subject is not None else {}
    return {**pages, AUDIT: _changes(context, row)}


def _rules(context: Context, subject: Subject) -> str:
    found = rewrites.load(context, subject)
    lines = [_rule(place, rule) for place, rule in enumerate(found.rules, start=1)] or [_NO_RULES]
    failed = sum(1 for tried in found.tests if not tried.passed)
    if found.tests:
        lines.append(f"{len(found.tests)} saved tests, {failed or 'none'} of them failing")
    return "\n".join([*lines, "", "F7 opens the rules and the tester."])


def _rule(place: int, rule: RewriteRule) -> str:
    kind = next((choice.label for choice in PARAMETERS if choice.value == rule.parameter), rule.parameter)
    end = "  stop" if rule.stop else ""
    return f"{place:>2}  {kind}  {rule.mode}  {rule.current} → {rule.new or '(removed)'}{end}"


def _changes(context: Context, row: Entity) -> str:
    found = audit.entries(context, audit.object_filter_of(row), _NEWEST)
    lines = [_change(entry) for entry in found] or ["Nothing is in the log."]
    return "\n".join([*lines, "", "F8 opens the audit log of this row."])


def _change(entry: AuditEntry) -> str:
    when = strftime("%Y-%m-%d %H:%M", localtime(entry.at))
    told = f"{when}  {entry.operator}  {entry.action.lower()}"
    if not entry.before and not entry.after:
        return f"{told}  {entry.label}"
    if entry.action != "UPDATE":
        return told
    changes = (
        f"{item.label} {item.before or '(none)'} → {item.after or '(none)'}" for item in audit.differences(entry)
    )
    return f"{told}  {', '.join(changes) or entry.label}"
