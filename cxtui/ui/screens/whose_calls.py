"""Callers' numbers to try, and the table of whose call each would be."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cxtui.services.sharing import Tried
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import fit, plain, styled

_NUMBER_CELLS = 17


class WhoseCalls(Vertical):
    """A field for numbers, typed or pasted, above its truth table (W-007)."""

    DEFAULT_CSS = """
    WhoseCalls { height: auto; }
    WhoseCalls > Lines { height: auto; min-height: 1; max-height: 2; padding: 0 0 0 2; }
    WhoseCalls > VerticalScroll { height: auto; max-height: 5; scrollbar-size-vertical: 1; }
    WhoseCalls > VerticalScroll > Static { height: auto; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        from cxtui.ui.widgets.lines import Lines

        self._glyphs = glyphs
        self._numbers = Lines()
        self._table = Static()

    def compose(self) -> ComposeResult:
        """The question, the field, the table."""
        yield Static(plain("Whose call? Callers' numbers to try:"))
        yield self._numbers
        with VerticalScroll(can_focus=False):
            yield self._table

    @property
    def numbers(self) -> str:
        """What stands in the field."""
        return self._numbers.text

    def focus_numbers(self) -> None:
        """Put the cursor into the field."""
        self._numbers.focus()

    def page(self, pages: int) -> None:
        """Scroll the table."""
        table = self.query_one(VerticalScroll)
        table.scroll_page_down(animate=False) if pages > 0 else table.scroll_page_up(animate=False)

    def show(self, tried: Sequence[Tried]) -> None:
        """Show whose calls they would be; of several numbers the count of each kind first."""
        if not tried:
            self._table.update(styled("Whose call each would be stands here.", "dim"))
            return
        lines = [_summary(tried)] if len(tried) > 1 else []
        self._table.update(Content("\n").join([*lines, *(_line(row, self._glyphs) for row in tried)]))


def _summary(tried: Sequence[Tried]) -> Content:
    apart = sum(row.settled for row in tried)
    none = sum(not row.companies for row in tried)
    several = len(tried) - apart - none
    return plain(f"{len(tried)} numbers: {apart} told apart, {none} of none, {several} of several")


def _line(row: Tried, glyphs: Glyphs) -> Content:
    sign, tone = (glyphs.ok, "$text-success") if row.settled else (glyphs.blocked, "$text-error")
    if not row.companies:
        sign, tone = glyphs.warning, "$text-warning"
    number = fit(row.cli, _NUMBER_CELLS, ellipsis=glyphs.ellipsis)
    why = f"  by {row.why}" if row.settled else ""
    return plain(f"{number} ") + styled(f"{sign} {row.words}", tone) + styled(why, "dim")
