"""A table over rows that are all at hand."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on

from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Row, Window


class RowList(RowTable):
    """Shows rows that were given to it; the cursor stays on its row as long as that is among them."""

    rows: Sequence[Row] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.rows = rows
        self._answer()

    def seek(self, key: int) -> None:
        """Put the cursor on the row with this key, if it is there."""
        index = next((index for index, row in enumerate(self.rows) if row.key == key), None)
        if index is not None:
            self.move_to(index)

    @property
    def chosen(self) -> list[Row]:
        """The marked rows, or else the one under the cursor."""
        marked = [row for row in self.rows if row.key in self.marked]
        return marked or ([self.row_at_cursor] if self.row_at_cursor else [])

    @on(RowTable.WindowWanted)
    def _wanted(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        self._answer()

    def _answer(self) -> None:
        self.deliver(Window(0, self.rows, len(self.rows)))
