"""A screen as an SVG picture: small, the same every time, and without fonts from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

CELL, LINE, MARGIN = 8.43, 18, 10
"""Width and height of a cell and the margin round the screen, in pixels; 14 pixels of a monospaced font fit."""

_GROUP = re.compile(r"[^ ]+(?: [^ ]+)*")

FONTS = "'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace"

SIXTEEN = TerminalTheme(
    (18, 22, 28),
    (213, 219, 227),
    [
        *((0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16)),
        *((36, 114, 200), (188, 63, 188), (17, 168, 205), (229, 229, 229)),
    ],
    [
        *((102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67)),
        *((59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255)),
    ],
)
"""What stands for the terminal's own colours."""


@dataclass(frozen=True)
class Look:
    """How a run of cells is drawn."""

    ink: str
    paper: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    faint: bool = False


def svg(lines: Iterable[Strip], columns: int, title: str, paper: str) -> str:
    """The picture of the lines of a screen; ``paper`` is the colour under most of it, or a name for the terminal's."""
    paper = paper if paper.startswith("#") else _hex(None, ink=False)
    rows = [list(_runs(line, columns)) for line in lines]
    looks: dict[Look, str] = {}
    body: list[str] = []
    for number, row in enumerate(rows):
        body += _papers(number, row, paper)
        body += _words(number, row, looks)
    width, height = columns * CELL + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font:14px {FONTS}}}",
            *(f".{name}{{{_css(look)}}}" for look, name in looks.items()),
            "</style>",
            f'<rect width="100%" height="100%" rx="6" fill="{paper}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _runs(line: Strip, columns: int) -> Iterator[tuple[int, str, Look]]:
    """The runs of one look in a line, each with its first column."""
    place = 0
    pairs = [(segment.text, _look(segment)) for segment in line.crop(0, columns) if segment.text]
    for look, group in groupby(pairs, key=lambda pair: pair[1]):
        text = "".join(part for part, _ in group)
        yield place, text, look
        place += cell_len(text)


def _papers(number: int, row: list[tuple[int, str, Look]], paper: str) -> Iterator[str]:
    """What lies under the words of a line, where it is not the paper of the whole."""
    for colour, group in groupby(row, key=lambda run: run[2].paper):
        runs = list(group)
        cells = sum(cell_len(text) for _, text, _ in runs)
        if colour != paper:
            left, top = MARGIN + runs[0][0] * CELL, MARGIN + number * LINE
            yield f'<rect x="{left:g}" y="{top}" width="{cells * CELL:g}" height="{LINE}" fill="{colour}"/>'


def _words(number: int, row: list[tuple[int, str, Look]], looks: dict[Look, str]) -> Iterator[str]:
    """The words of a line, each group where its cells are: viewers disagree about spaces and the width of fonts."""
    for place, text, look in row:
        for group in _GROUP.finditer(text):
            name = looks.setdefault(look, f"c{len(looks)}")
            x = MARGIN + (place + cell_len(text[: group.start()])) * CELL
            y = MARGIN + number * LINE + 13
            width = cell_len(group[0]) * CELL
            yield f'<text class="{name}" x="{x:g}" y="{y}" textLength="{width:g}">{escape(group[0])}</text>'


def _look(segment: Segment) -> Look:
    style = segment.style or Style()
    ink, paper = _hex(style.color, ink=True), _hex(style.bgcolor, ink=False)
    if style.reverse:
        ink, paper = paper, ink
    return Look(ink, paper, bool(style.bold), bool(style.italic), bool(style.underline), bool(style.dim))


def _hex(colour: Color | None, *, ink: bool) -> str:
    return (colour or Color.default()).get_truecolor(SIXTEEN, foreground=ink).hex


def _css(look: Look) -> str:
    more = (
        "font-weight:bold;" * look.bold
        + "font-style:italic;" * look.italic
        + "text-decoration:underline;" * look.underline
        + "opacity:.6;" * look.faint
    )
    return f"fill:{look.ink};{more}".rstrip(";")
