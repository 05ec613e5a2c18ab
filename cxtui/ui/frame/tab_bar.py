"""The tabs: a click or the digit in front of the name shows one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from cxtui.ui.panes.tabs import Tab
from cxtui.ui.text import styled


class TabBar(Widget):
    """One line of names."""

    DEFAULT_CSS = """
    TabBar { height: 1; }
    """
    active: reactive[str] = reactive("")

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)

    def render(self) -> Content:
        """The titles; the key of each where the line is wide enough for them."""
        gap, texts = self._texts()
        return Content(" " * gap).join(
            styled(text, "bold reverse" if tab.name == self.active else "$foreground-muted")
            for tab, text in zip(self._tabs, texts, strict=True)
        )

    def on_click(self, event: events.Click) -> None:
        """Show the tab under the pointer."""
        gap, texts = self._texts()
        x = 0
        for tab, text in zip(self._tabs, texts, strict=True):
            if x <= event.x < x + len(text):
                self.post_message(self.Picked(tab.name))
            x += len(text) + gap

    def _texts(self) -> tuple[int, list[str]]:
        """The gap and the texts that fit, the most telling first."""
        titles = [tab.title for tab in self._tabs]
        keyed = [f" {tab.key[0]} {tab.title} " for tab in self._tabs]
        for gap, texts in ((1, keyed), (0, keyed), (1, [f" {title} " for title in titles]), (2, titles)):
            if sum(map(len, texts)) + gap * (len(texts) - 1) <= self.size.width:
                return gap, texts
        return 1, titles
