"""The page of a row table: which rows it shows, and how it follows size, focus, wheel and scroll position."""

from __future__ import annotations

from contextlib import suppress
from typing import Self

from textual import events
from textual.dom import NoScreen
from textual.widget import Widget

from cxtui.ui.widgets.row_canvas import RowCanvas
from cxtui.ui.widgets.rows import Row
from cxtui.ui.widgets.sized import Sized

WHEEL_LINES = 3


class RowPage(Sized, RowCanvas):
    """The part of a list that is on the screen; it fits the terminal, and has no keys."""

    @property
    def cursor(self) -> int:
        """Index of the row under the cursor."""
        return self._view.spot.cursor

    @property
    def row_at_cursor(self) -> Row | None:
        """The row that a key means; none in an empty list and while another list is awaited.

        It is the one under the cursor. When another one has just come there by itself, it is for a moment the one that
        was seen there (``RowTable.grace``).
        """
        return self._view.meant

    @property
    def total(self) -> int:
        """Length of the list."""
        return self._view.total

    @property
    def capped(self) -> bool:
        """Whether the list is longer than `total` says."""
        return self._view.capped

    @property
    def visible_range(self) -> tuple[int, int]:
        """First visible index and the one after the last."""
        return self._view.visible

    @property
    def settled(self) -> bool:
        """Whether the rows of this list are there, and the one under the cursor among them."""
        return self._view.loaded and not self._view.stale and self._view.pending is None

    @property
    def following(self) -> bool:
        """Whether rows that arrive above are shown; a move ends it, Home begins it again.

        It ends as well when they have pushed the row under the cursor to the end of the page: the cursor stays on it.
        """
        return self._view.following

    @property
    def newer(self) -> bool:
        """Whether rows have arrived above the page since."""
        return self._view.newer

    @property
    def scroll_step(self) -> int:
        """Rows the view moves when the cursor leaves it: a larger step repaints the page less often on a slow line."""
        return self._view.scroll_step

    @scroll_step.setter
    def scroll_step(self, rows: int) -> None:
        self._view.scroll_step = max(1, rows)

    def on_resize(self) -> None:
        """Fit the page to the new size."""
        # No taller than the terminal, whatever an automatic height makes of a long list.
        self._view.resize(max(0, min(self.size.height, self.app.size.height) - 1))
        self._settle()

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the focus as any widget does, without painting all of the table anew."""
        self.app.call_later(self._take_focus, scroll_visible)
        return self

    def on_focus(self, event: events.Focus) -> None:
        """Brighten the cursor."""
        self._focus_changed(event, True)

    def on_blur(self, event: events.Blur) -> None:
        """Dim the cursor."""
        self._focus_changed(event, False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the view down."""
        self._wheel(event, WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the view up."""
        self._wheel(event, -WHEEL_LINES)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow a scroll position that was set from outside."""
        if (moved := round(new_value) - self._view.spot.top) and self._view.page:
            self._view.scroll(moved)
            self._settle()

    def _take_focus(self, scroll_visible: bool) -> None:
        with suppress(NoScreen):
            self.screen.set_focus(self, scroll_visible=scroll_visible)

    def _focus_changed(self, event: events.Focus | events.Blur, focused: bool) -> None:
        # In place of the inherited handlers, which repaint the whole widget where one line differs.
        event.prevent_default()
        self.has_focus = focused
        if isinstance(self.parent, Widget):
            self.parent.post_message(events.DescendantFocus(self) if focused else events.DescendantBlur(self))
        self._settle()

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self._view.scroll(rows)
        self._settle()
