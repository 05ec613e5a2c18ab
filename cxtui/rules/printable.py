"""Text made printable: what comes from a network, a database or a file cannot steer the terminal it is shown on."""

from __future__ import annotations

from unicodedata import category

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
