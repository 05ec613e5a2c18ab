"""The screen that holds the frame."""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from cxtui.ui.widgets.row_table import RowTable

_ROWS_WITHIN = 0.25
"""Seconds after which the frame is painted although its rows are not there yet."""


class MainScreen(Screen[None]):
    """The one screen under the dialogs.

    Textual repaints a whole screen whenever the focus moves, 16 kB over a slow line; the widgets that look different
    with the focus repaint themselves, so nothing else has to. It also paints a screen at every step of its coming up,
    five times; this one is painted when its rows are there, once.
    """

    # Without a name it would be the first field there is: the hidden filter, which then takes the first keys.
    AUTO_FOCUS = "RowTable"

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    class Unfocused(Message):
        """No widget has the focus, so no key of a list or form would work."""

    def __init__(self, *, id: str | None = None) -> None:
        # With the width's class from the start, nothing is styled and laid out for another width first.
        width, breakpoints = self.app.size.width, self.app.HORIZONTAL_BREAKPOINTS or []
        super().__init__(id=id, classes=" ".join([name for least, name in breakpoints if width >= least][-1:]))
        self._opening = True

    def on_mount(self) -> None:
        """Wait for the rows, but not for ever."""
        self.set_timer(_ROWS_WITHIN, self._open)

    def on_idle(self) -> None:
        """Paint as soon as the rows are there and all has found its place."""
        if self._opening and all(table.settled for table in self.query(RowTable)):
            self._open()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As any screen; what is about to be painted for the first time is not asked for once more."""
        repaint = repaint and (bool(regions) or not self._opening)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def watch_focused(self, focused: Widget | None) -> None:
        """Say that the focus is lost."""
        if focused is None and self.is_mounted:
            self.post_message(self.Unfocused())

    def _open(self) -> None:
        if self._opening:
            self._opening = False
            self._on_timer_update()
            self._compositor_refresh()

    def _compositor_refresh(self) -> None:
        if not self._opening:
            super()._compositor_refresh()
