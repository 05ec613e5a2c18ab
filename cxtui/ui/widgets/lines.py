"""A field of several lines, as safe as ``Entry``. Imported when a form needs it: a text area is heavy."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import TextArea

from cxtui.ui.widgets.entry import one_to_one


class Lines(TextArea):
    """Text of several lines; Tab leaves it, and its cursor does not blink."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(text, id=id, compact=True, show_line_numbers=False, tab_behavior="focus", soft_wrap=True)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """The line as it is shown."""
        text = super().get_line(line_index)
        plain = one_to_one(text.plain)
        return text if plain == text.plain else Text(plain, end="")
