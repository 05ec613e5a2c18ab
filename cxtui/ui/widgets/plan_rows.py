"""How a row of a bulk plan stands in its list."""

from __future__ import annotations

from cxtui.services.bulk.plan import Action, Plan, PlannedRow
from cxtui.ui.widgets.rows import Cell, Column, Row, Tone

COLUMNS = (
    Column("what", "What", 11, priority=10),
    Column("where", "Row", 20, priority=9, flex=1),
    Column("company", "Company", 14, priority=5),
    Column("how", "How", 28, priority=8, flex=3),
)
_TONES: dict[Action, Tone] = {
    Action.CREATE: "success",
    Action.CHANGE: "accent",
    Action.UNCHANGED: "muted",
    Action.WRONG: "danger",
}


def row_of(plan: Plan, key: int, row: PlannedRow) -> Row:
    """One row: what becomes of it, where it stands, and what changes or what is wrong with it."""
    found = "; ".join(finding.text for finding in row.findings)
    tone: Tone = "danger" if row.action is Action.WRONG else "warning"
    told = [item for item in row.differences if item.after != row.company]
    changes = "; ".join(f"{item.label}: {item.after or '(none)'}" for item in told)
    where = plan.where(row)
    cells: dict[str, Cell | str] = {
        "what": Cell(row.action.value, _TONES[row.action]),
        "where": where if where == row.label else f"{where}  {row.label}",
        "company": row.company,
        "how": Cell(found, tone) if found else changes,
    }
    return Row(key, cells)
