"""The tabs: a click or the digit in front of the name shows one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from cxtui.ui.text import styled


class TabBar(Widget):
    """One line of names."""

    DEFAULT_CSS = """
    TabBar { height: 1; padding: 0 1; }
    """
    active: reactive[str] = reactive("")

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, tabs: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)

    def render(self) -> Content:
        """Digit and title of each."""
        return Content("  ").join(
            styled(self._text(index), "bold reverse" if name == self.active else "$foreground-muted")
            for index, (name, _) in enumerate(self._tabs)
        )

    def on_click(self, event: events.Click) -> None:
        """Show the tab under the pointer."""
        x = self.styles.padding.left
        for index, (name, _) in enumerate(self._tabs):
            width = len(self._text(index))
            if x <= event.x < x + width:
                self.post_message(self.Picked(name))
            x += width + 2

    def _text(self, index: int) -> str:
        return f" {index + 1} {self._tabs[index][1]} "
