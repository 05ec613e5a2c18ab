"""From a row to a line of the screen: as few segments as possible, because each costs some forty bytes on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import Align, clean, fit
from cxtui.ui.widgets.rows import GAP, GUTTER, Cell, Column, Row, Slot, Tone, arrange

CACHED_LINES = 512

_CODES_PER_CELL = 8
"""No more of a hostile text than this is cleaned for a cell: a base character, its marks and some."""


class Cursor(IntEnum):
    """Whether the cursor is on a line, and how it looks."""

    OFF = 0
    BLURRED = 1
    FOCUSED = 2


class Line(NamedTuple):
    """All that decides what stands on one line of the table."""

    row: Row | None
    cursor: Cursor = Cursor.OFF
    marked: bool = False
    divided: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of a table: whole ones for a line, colour and weight only for a tone."""

    header: Style
    note: Style
    lines: Mapping[Cursor, Style]
    divider: Style
    tones: Mapping[Tone, Style]


class RowPainter:
    """Paints the lines of a table of one width, one set of columns and one look."""

    def __init__(self, columns: Sequence[Column], width: int, look: Look, glyphs: Glyphs) -> None:
        self.width = width
        self.slots: tuple[Slot, ...] = arrange(columns, width)
        self._look = look
        self._glyphs = glyphs
        self._lines: dict[tuple[int, Cursor, bool, bool], tuple[Row, Strip]] = {}

    def header(self) -> Strip:
        """Paint the titles."""
        titles: list[tuple[str, Tone]] = [
            (self._fit(slot.column.title, slot.width, slot.column.align), "") for slot in self.slots
        ]
        return self._strip(self._look.header, {}, " " * GUTTER, titles)

    def line(self, line: Line) -> Strip:
        """Paint one line; the last ones painted are kept."""
        if line.row is None:
            text = " " * GUTTER + self._fit(line.note, max(0, self.width - GUTTER)) if line.note else ""
            style = self._look.note if line.note else self._look.lines[Cursor.OFF]
            return Strip([Segment(text.ljust(self.width)[: self.width], style)], self.width)
        key = (line.row.key, line.cursor, line.marked, line.divided)
        cached = self._lines.get(key)
        if cached is not None and cached[0] == line.row:
            return cached[1]
        strip = self._row(line.row, line)
        if len(self._lines) >= CACHED_LINES:
            self._lines.clear()
        self._lines[key] = (line.row, strip)
        return strip

    def changed_width(self, old: Line, new: Line) -> int:
        """Give how many cells from the left must be repainted to turn one line into another; 0 if they are equal."""
        if old == new:
            return 0
        if old.row is None or new.row is None or old[1:] != new[1:]:
            return self.width
        for slot in reversed(self.slots):
            before, after = old.row.cell(slot.column.key), new.row.cell(slot.column.key)
            if before != after:
                return slot.x + max(self._extent(before, slot), self._extent(after, slot))
        return 0

    def _extent(self, cell: Cell, slot: Slot) -> int:
        """Give the width of a cell without the blanks after it."""
        return cell_len(self._fit(cell.text, slot.width, slot.column.align).rstrip())

    def _row(self, row: Row, line: Line) -> Strip:
        base = self._look.lines[line.cursor]
        if line.divided:
            base += self._look.divider
        # The bright cursor takes its own colours alone: no tone is readable on every theme's accent.
        tones = {} if line.cursor is Cursor.FOCUSED else self._look.tones
        mark = self._glyphs.mark if line.marked else " "
        cursor = self._glyphs.cursor if line.cursor else " "
        cells: list[tuple[str, Tone]] = []
        for slot in self.slots:
            cell = row.cell(slot.column.key)
            cells.append((self._fit(cell.text, slot.width, slot.column.align), cell.tone))
        return self._strip(base, tones, f"{mark}{cursor} ", cells)

    def _fit(self, text: str, width: int, align: Align = "left") -> str:
        limit = _CODES_PER_CELL * (width + 1)
        safe = clean(text) if len(text) <= limit else clean(text[:limit]) + self._glyphs.ellipsis
        return fit(safe, width, align, self._glyphs.ellipsis)

    def _strip(self, base: Style, tones: Mapping[Tone, Style], gutter: str, cells: Sequence[tuple[str, Tone]]) -> Strip:
        """Join gutter and cells to a strip; blanks go with the text before them, for no tone shows on a blank."""
        runs: list[tuple[Style, str]] = []
        style, text = base, gutter
        for index, (cell, tone) in enumerate(cells):
            wanted = base + tones[tone] if tone in tones else base
            if wanted != style and not cell.isspace():
                if not text.isspace():
                    runs.append((style, text))
                    text = ""
                style = wanted
            text += cell if index == len(cells) - 1 else cell + " " * GAP
        runs.append((style, text))
        segments = [Segment(text, style) for style, text in runs]
        return Strip(segments).adjust_cell_length(self.width, base)
