"""The screen that holds the frame."""

from __future__ import annotations

from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class MainScreen(Screen[None]):
    """The one screen under the dialogs.

    Textual repaints a whole screen whenever the focus moves, 16 kB over a slow line; the widgets that look different
    with the focus repaint themselves, so nothing else has to.
    """

    # Without a name it would be the first field there is: the hidden filter, which then takes the first keys.
    AUTO_FOCUS = "RowTable"

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    class Unfocused(Message):
        """No widget has the focus, so no key of a list or form would work."""

    def watch_focused(self, focused: Widget | None) -> None:
        """Say that the focus is lost."""
        if focused is None and self.is_mounted:
            self.post_message(self.Unfocused())
