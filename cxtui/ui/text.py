"""Text safety: whatever comes from a network, a database or a file is made harmless here before it is shown.

Textual writes the characters of a string to the terminal as they are, so an escape sequence in a User-Agent would be
obeyed by the operator's terminal; and markup in a plain string is interpreted. Everything shown goes through here.
"""

from __future__ import annotations

from typing import Literal, LiteralString

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from cxtui.rules.printable import MAX_MARKS, UNSHOWN, clean

__all__ = ["MAX_MARKS", "UNSHOWN", "clean", "clip", "fit", "mix", "plain", "styled"]

Align = Literal["left", "right", "center"]


def plain(text: str) -> Content:
    """Give `text` as content for any widget: cleaned, and never read as markup."""
    return Content(clean(text))


def styled(text: str, style: str) -> Content:
    """Give `text` as cleaned content in one style, such as ``"bold $text-error"``."""
    return Content.styled(clean(text), style)


def mix(template: LiteralString, **values: object) -> Content:
    """Give content of a markup template written in our own source, with ``$name`` replaced by cleaned values.

    The values are never read as markup; the template must be a literal.
    """
    return Content.from_markup(template, **{name: clean(str(value)) for name, value in values.items()})


def clip(text: str, width: int) -> str:
    """Give ``text`` cleaned and cut to at most ``width`` cells, so that a stranger's words leave room for ours."""
    text = clean(text)
    return text if cell_len(text) <= width else fit(text, width).rstrip()


def fit(text: str, width: int, align: Align = "left", ellipsis: str = "…") -> str:
    """Give cleaned text cut or padded to exactly `width` cells; what is cut off is marked by `ellipsis`."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        room = max(0, width - cell_len(ellipsis))
        text = set_cell_size(text, room).rstrip() + ellipsis
        size = cell_len(text)
        if size > width:
            return set_cell_size(text, width)
    spare = " " * (width - size)
    if align == "right":
        return spare + text
    if align == "center":
        half = len(spare) // 2
        return spare[:half] + text + spare[half:]
    return text + spare
