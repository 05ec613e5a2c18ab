"""The one table of the console: a virtual list on Textual's Line API that fetches only what it shows.

The pane answers `RowTable.WindowWanted` with `RowTable.deliver`; the length of the list costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, TypeAlias

from textual import events
from textual.binding import Binding, BindingType

from cxtui.ui.glyphs import UTF8, Glyphs
from cxtui.ui.widgets import row_messages
from cxtui.ui.widgets.row_page import RowPage
from cxtui.ui.widgets.row_spots import Swap
from cxtui.ui.widgets.rows import Column, Row, Window


class RowTable(RowPage, inherit_bindings=False):
    """A list of rows with a cursor and marks, of any length.

    Only lines that differ are repainted. While rows are on their way the old picture stands. All cell text is cleaned.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "step(1)", "Down", show=False, id="table.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="table.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="table.page-down"),
        Binding("ctrl+u", "half_page(-1)", "Half a page up", show=False, id="table.half-page-up"),
        Binding("ctrl+d", "half_page(1)", "Half a page down", show=False, id="table.half-page-down"),
        Binding("home,g", "first", "First", show=False, id="table.first"),
        Binding("end,G,shift+g", "last", "Last", show=False, id="table.last"),
        Binding("enter", "choose", "Open", show=False, id="table.choose"),
        Binding("space", "toggle_mark", "Mark", show=False, id="table.mark"),
    ]
    WindowWanted: TypeAlias = row_messages.WindowWanted
    CursorMoved: TypeAlias = row_messages.CursorMoved
    MarksChanged: TypeAlias = row_messages.MarksChanged
    NewerChanged: TypeAlias = row_messages.NewerChanged
    Chosen: TypeAlias = row_messages.Chosen
    grace = 0.0
    """Seconds for which keys still mean the row that was seen, after another one has come under the cursor by itself.

    For a list that changes by itself: no hand is faster than a row that vanishes.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty_text: str = "",
        glyphs: Glyphs = UTF8,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Show `columns`; `empty_text` tells which key fills an empty list."""
        super().__init__(columns, empty_text, glyphs, name=name, id=id, classes=classes)
        self._told: Row | None = None
        self._newer_told = False
        self._swap: Swap | None = None

    @property
    def marked(self) -> frozenset[int]:
        """Keys of the marked rows, shown or not."""
        return self._marked

    def deliver(self, window: Window, *, sought: bool = False) -> None:
        """Take fetched rows, on the UI thread; repaint the lines that differ and nothing else.

        `sought` rows are others than were asked for: those around the row under the cursor.
        """
        self._view.deliver(window, sought=sought)
        self._give_time()
        self._settle()

    def reload(self) -> None:
        """Ask for the rows on screen again: the list may have changed."""
        if self._view.page <= 0:
            return
        row = None if self._view.pending else self._view.current
        self._view.wanted = self._view.span()
        self.post_message(self.WindowWanted(self, *self._view.wanted, anchor=row.key if row else None))

    def reset(self, *, keep_marks: bool = False) -> None:
        """Start over at the first row of another list: a new scope, filter or order.

        The old rows stay on screen until new ones are delivered, but no action finds them. Marks are cleared, because
        what is not seen must not be acted on, unless the pane says that they still hold.
        """
        self._view.reset()
        if not keep_marks:
            self.clear_marks()
        self._settle()

    def move_to(self, index: int) -> None:
        """Put the cursor on a row by index, fetching it if need be."""
        self._view.to(index)
        self._settle()

    def clear_marks(self) -> None:
        """Unmark every row."""
        self._mark(frozenset())

    def action_step(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._view.step(rows)
        self._settle()

    def action_page(self, pages: int) -> None:
        """Move view and cursor by pages."""
        self._view.leap(pages * self._view.page)
        self._settle()

    def action_half_page(self, halves: int) -> None:
        """Move view and cursor by half pages."""
        self._view.leap(halves * max(1, self._view.page // 2))
        self._settle()

    def action_first(self) -> None:
        """Go to the first row, and show the rows that arrive above it."""
        self._view.to_start()
        self._settle()

    def action_last(self) -> None:
        """Go to the last row."""
        self._view.to_end()
        self._settle()

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if (row := self.row_at_cursor) is not None:
            self.post_message(self.Chosen(self, row))

    def action_toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and go on to the next."""
        if (row := self.row_at_cursor) is not None and self._view.swap is None:
            self._mark(self._marked ^ {row.key})
            self.action_step(1)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row; open it if the cursor is there already."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1:
            return
        event.stop()
        index = self._view.spot.top + offset.y - 1
        if index >= self._view.total:
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self._view.to(index, self._view.spot.top)
            self._settle()

    def _mark(self, marked: frozenset[int]) -> None:
        if marked != self._marked:
            self._marked = marked
            self.post_message(self.MarksChanged(self, marked))
            self._settle()

    def _settle(self) -> None:
        """Bring screen, fetches and pane in line with the view."""
        super()._settle()
        view = self._view
        if (span := view.need()) is not None:
            self.post_message(self.WindowWanted(self, *span))
        if view.newer != self._newer_told:
            self._newer_told = view.newer
            self.post_message(self.NewerChanged(self, view.newer))
        row = self.row_at_cursor
        if view.loaded and not view.stale and self._is_news(row):
            self._told = row
            self.post_message(self.CursorMoved(self, row))

    def _give_time(self) -> None:
        """Let keys mean the row that was seen until the eye has met the one that came in its place."""
        swap = self._view.swap
        if swap is None or swap is self._swap:
            return
        self._swap = swap
        if self.grace:
            self.set_timer(self.grace, partial(self._accept, swap))
        else:
            self._view.swap = None

    def _accept(self, swap: Swap) -> None:
        if self._view.swap is swap:
            self._view.swap = None
            self._settle()

    def _is_news(self, row: Row | None) -> bool:
        told = self._told
        return row is not told and (row != told or (row and row.data) != (told and told.data))
