"""A field that can be looked at and not changed."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from cxtui.ui.text import plain


class Fixed(Static, can_focus=True):
    """Shows a value; ``value`` is the text that a form would have to type for it."""

    DEFAULT_CSS = """
    Fixed { width: 1fr; height: auto; }
    Fixed:focus { text-style: reverse; }
    """

    def __init__(self, value: str, shown: str) -> None:
        super().__init__(_lines(shown))
        self.value = value

    def show(self, value: str, shown: str) -> None:
        """Show another value."""
        self.value = value
        self.update(_lines(shown))


def _lines(shown: str) -> Content:
    return Content("\n").join(plain(line) for line in (shown or "–").split("\n"))
