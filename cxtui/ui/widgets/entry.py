"""Text fields that show control characters as pictures instead of sending them to the terminal."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.strip import Strip
from textual.widgets import Input

from cxtui.ui.text import UNSHOWN, clean

_TYPED_TOO = frozenset({"slash", "backslash", "at", "minus", "plus", "underscore"})


def one_to_one(text: str) -> str:
    """As ``clean``, with one character for each, so that cursor positions stay true."""
    if text.isascii() and text.isprintable():
        return text
    return "".join((clean(character) or UNSHOWN)[-1] for character in text)


class Entry(Input):
    """A one-line field. What is pasted into it is kept as it is and shown harmlessly; its cursor does not blink."""

    def __init__(self, value: str | None = None, **options: Any) -> None:
        super().__init__(value, **{"compact": True, **options})
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here, so that no footer offers it; Textual knows no character of some names."""
        letter = key.removeprefix("shift+")
        return key in _TYPED_TOO or (len(letter) == 1 and letter.isalpha()) or super().check_consume_key(key, character)

    @property
    def _value(self) -> Text:
        text = super()._value
        plain = one_to_one(text.plain)
        return text if plain == text.plain else Text(plain, no_wrap=True, overflow="ignore", end="")

    def render_line(self, y: int) -> Strip:
        """The line; blank once it is removed: a window that opens then paints what was under it, without styles."""
        return super().render_line(y) if self.is_attached else Strip.blank(self.size.width)
