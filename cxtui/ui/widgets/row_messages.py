"""What a row table tells its pane; the names are also attributes of `RowTable`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from cxtui.ui.widgets.rows import Row

if TYPE_CHECKING:
    from cxtui.ui.widgets.row_table import RowTable


class TableMessage(Message):
    """A message of one table; `control` serves ``@on(RowTable.Chosen, "#id")``."""

    def __init__(self, table: RowTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> RowTable:
        """The table."""
        return self.table


class Latest(TableMessage):
    """A message that a later one of its kind makes needless."""

    def can_replace(self, message: Message) -> bool:
        """Give way to a later message of the same kind from the same table."""
        return isinstance(message, type(self)) and message.table is self.table


class WindowWanted(Latest, namespace="row_table"):
    """Rows `offset` .. `offset + limit` are to be fetched and delivered.

    `anchor` is the key of the row under the cursor when a list that may have moved is read again: the window around
    that row, where it was `sought`, may be delivered instead.
    """

    def __init__(self, table: RowTable, offset: int, limit: int, anchor: int | None = None) -> None:
        super().__init__(table)
        self.offset = offset
        self.limit = limit
        self.anchor = anchor


class CursorMoved(Latest, namespace="row_table"):
    """The row under the cursor is another one, or has changed."""

    def __init__(self, table: RowTable, row: Row | None) -> None:
        super().__init__(table)
        self.row = row


class NewerChanged(Latest, namespace="row_table"):
    """Rows have arrived above the page, or are shown now."""

    def __init__(self, table: RowTable, newer: bool) -> None:
        super().__init__(table)
        self.newer = newer


class MarksChanged(Latest, namespace="row_table"):
    """Other rows are marked; `marked` holds their keys."""

    def __init__(self, table: RowTable, marked: frozenset[int]) -> None:
        super().__init__(table)
        self.marked = marked


class Chosen(TableMessage, namespace="row_table"):
    """A row was opened with Enter or a click on the cursor."""

    def __init__(self, table: RowTable, row: Row) -> None:
        super().__init__(table)
        self.row = row
