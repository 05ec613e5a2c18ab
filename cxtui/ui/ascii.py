"""Everything in ASCII for a terminal that knows nothing else: borders, dashes and names as well as signs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from cxtui.ui.glyphs import ASCII, Glyphs

_LIKE = str.maketrans(
    {
        **dict.fromkeys("–—‐‑─━═▁▂▔▬", "-"),
        **dict.fromkeys("│┃║▏▎▍▌▐▕▊▉█▃▄▅▆▇", "|"),
        **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╷╵╴╶", "+"),
        **dict.fromkeys("“”„″", '"'),
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("·•●◉", "*"),
        "→": ">",
        "←": "<",
        "↑": "^",
        "↓": "v",
        "×": "x",
        "…": "~",
        "\u00a0": " ",
    }
)


class AsciiOnly(LineFilter):
    """Puts a character of the same width that looks alike, or else a question mark, for what is not ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same line in ASCII."""
        return [
            segment if segment.control or segment.text.isascii() else Segment(_ascii(segment.text), segment.style)
            for segment in segments
        ]


def ascii_filters(glyphs: Glyphs) -> Sequence[LineFilter]:
    """The filters of a screen that shows these signs."""
    return [AsciiOnly()] if glyphs is ASCII else []


def _ascii(text: str) -> str:
    return "".join(
        character if character.isascii() else "?" * cell_len(character) for character in text.translate(_LIKE)
    )
