"""How a number that was run through the rules stands in the table of the tester."""

from __future__ import annotations

from cxtui.services.trying import Run
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.rows import Cell, Column, Row

COLUMNS = (
    Column("number", "Number", 13, priority=9, flex=1),
    Column("result", "Result", 14, priority=10, flex=1),
    Column("verdict", "E.164", 15, priority=8),
    Column("kind", "", 4, priority=5),
)


def row_of(key: int, found: Run, glyphs: Glyphs) -> Row:
    """The number, what became of it, whether that is E.164 or what its test wants, and whether it is a saved test."""
    ok, word = found.verdict
    verdict = Cell(f"{glyphs.ok if ok else glyphs.warning} {word}", "success" if ok else "warning")
    if found.failed:
        verdict = Cell(f"{glyphs.blocked} test fails", "danger")
    cells: dict[str, Cell | str] = {
        "number": found.trial.number,
        "result": Cell(found.outcome.result or "(nothing)", "bold"),
        "verdict": verdict,
        "kind": "test" if found.trial.test_id else "",
    }
    return Row(key, cells, found)
