"""A field of several lines, as safe as ``Entry``. Imported when a form needs it: a text area is heavy."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import TextArea

from cxtui.ui.widgets.entry import one_to_one

_KEYS_OF_THE_FORM = {"pageup", "pagedown", "f5", "f6", "f7", "f8"}


class Lines(TextArea, inherit_bindings=False):
    """Text of several lines; Tab leaves it, its cursor does not blink, and the keys of the form's tabs pass it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in TextArea.BINDINGS
        if isinstance(binding, Binding) and not {*binding.key.split(",")} & _KEYS_OF_THE_FORM
    ]

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__(text, id=id, compact=True, show_line_numbers=False, tab_behavior="focus", soft_wrap=True)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """The line as it is shown."""
        text = super().get_line(line_index)
        plain = one_to_one(text.plain)
        return text if plain == text.plain else Text(plain, end="")

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines; blank once it is removed: a window that opens then paints what was under it, without styles."""
        if not self.is_attached:
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)
