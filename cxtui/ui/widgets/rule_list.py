"""The rewrite rules of a subject in their order, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.models.findings import Finding
from cxtui.models.rewrite import PARAMETERS, RewriteRule
from cxtui.ui.desk import Desk
from cxtui.ui.text import styled
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.rows import Cell, Column, Row

_COLUMNS = (
    Column("place", "#", 3, priority=10, align="right"),
    Column("type", "Type", 11, priority=6),
    Column("mode", "Mode", 6, priority=5),
    Column("current", "Current", 12, priority=9, flex=1),
    Column("new", "New", 10, priority=8, flex=1),
    Column("stop", "Stop", 4, priority=7),
)
_EMPTY = "No rules: numbers stay as they come in."
_HINT = "No rules. a adds one, x makes one from examples."
_MOST_NOTES = 3


class RuleList(Vertical):
    """A table of rules over at most three remarks."""

    DEFAULT_CSS = """
    RuleList > #rule-notes { height: auto; max-height: 3; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, desk: Desk, *, may_add: bool) -> None:
        super().__init__()
        self._sign = desk.glyphs.warning
        self._empty = _HINT if may_add else _EMPTY
        self.table = RowList(_COLUMNS, glyphs=desk.glyphs)
        self.table.scroll_step = desk.scroll_step
        self._notes = Static(id="rule-notes")

    def compose(self) -> ComposeResult:
        """The rules, then the remarks."""
        yield self.table
        yield self._notes

    def show(self, rules: Sequence[RewriteRule], findings: Sequence[Finding]) -> None:
        """Show rules, and what is to be said of them."""
        self._show(rules, findings, self._empty)

    def show_nothing(self) -> None:
        """Show that there is nobody to have rules."""
        self._show((), (), "")

    def _show(self, rules: Sequence[RewriteRule], findings: Sequence[Finding], empty: str) -> None:
        self.table.empty_text = empty
        self.table.show([_row(place, rule) for place, rule in enumerate(rules, start=1)])
        lines = [styled(f"{self._sign} {finding.text}", "$text-warning") for finding in findings[:_MOST_NOTES]]
        if len(findings) > _MOST_NOTES:
            lines[-1] = styled(f"{self._sign} and {len(findings) - _MOST_NOTES + 1} more remarks", "$text-warning")
        self._notes.update(Content("\n").join(lines))
        self._notes.display = bool(lines)

    @property
    def rule(self) -> RewriteRule | None:
        """The rule under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, RewriteRule) else None

    @property
    def chosen(self) -> list[RewriteRule]:
        """The marked rules, or else the one under the cursor."""
        return [row.data for row in self.table.chosen if isinstance(row.data, RewriteRule)]


def _row(place: int, rule: RewriteRule) -> Row:
    kind = next((choice.label for choice in PARAMETERS if choice.value == rule.parameter), rule.parameter)
    cells: dict[str, Cell | str] = {
        "place": str(place),
        "type": kind.removesuffix(" Number"),
        "mode": rule.mode,
        "current": Cell(rule.current, "bold"),
        "new": rule.new or "(removed)",
        "stop": "yes" if rule.stop else "",
    }
    return Row(rule.id, cells, rule)
