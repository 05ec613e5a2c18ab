"""Text safety: whatever comes from a network, a database or a file is made harmless here before it is shown.

Textual writes the characters of a string to the terminal as they are, so an escape sequence in a User-Agent would be
obeyed by the operator's terminal; and markup in a plain string is interpreted. Everything shown goes through here.
"""

from __future__ import annotations

from typing import Literal, LiteralString
from unicodedata import category

from rich.cells import cell_len, set_cell_size
from textual.content import Content

Align = Literal["left", "right", "center"]

UNSHOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that has no picture of its own: C1, bidi, zero-width, format, surrogate."""

MAX_MARKS = 4
"""Combining marks kept on one character; no living script stacks more."""

_FIRST_MARK = "\u0300"
_NEWLINE_PICTURE = "\N{SYMBOL FOR NEWLINE}"
_UNSHOWN_RANGES = (
    (0x80, 0x9F),  # C1: 0x9B is CSI to some terminals
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x115F, 0x1160),  # Hangul fillers: blank, and of disputed width
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates cannot be encoded, the driver would raise
    (0xFE00, 0xFE0F),  # variation selectors change the width of what stands before them
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0x1F3FB, 0x1F3FF),  # skin tones: terminals disagree whether they take cells
    (0xE0000, 0xE0FFF),
)


def _pictures() -> dict[int, str]:
    """Give the translation of every character that must not reach a terminal."""
    pictures = {code: UNSHOWN for first, last in _UNSHOWN_RANGES for code in range(first, last + 1)}
    pictures |= {code: chr(0x2400 + code) for code in range(0x20)}
    pictures |= {0x7F: "\N{SYMBOL FOR DELETE}"}
    pictures |= dict.fromkeys((133, 8232, 8233), _NEWLINE_PICTURE)
    return pictures


_PICTURES = _pictures()


def clean(text: str) -> str:
    """Give `text` as one line with every control, format and surrogate character as a visible picture.

    The result holds no character that moves the cursor, changes the order or the width of its neighbours or cannot
    be encoded; more than `MAX_MARKS` combining marks in a row end in `UNSHOWN`. Cleaning twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_PICTURES)
    return text if max(text) < _FIRST_MARK else _cap_marks(text)


def _cap_marks(text: str) -> str:
    """Give `text` with runs of combining marks cut, and a dotted circle for a first mark to stand on."""
    kept: list[str] = []
    marks = 0
    for char in text:
        if char < _FIRST_MARK or not category(char).startswith("M"):
            marks = 0
            kept.append(char)
            continue
        marks += 1
        if not kept:
            kept.append("\N{DOTTED CIRCLE}")
        if marks <= MAX_MARKS:
            kept.append(char)
        elif marks == MAX_MARKS + 1:
            kept.append(UNSHOWN)
    return "".join(kept)


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
