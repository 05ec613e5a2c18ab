"""What a row table shows: immutable columns, cells, rows and windows, and how columns share a width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from rich.cells import cell_len

from cxtui.ui.text import Align

Tone = Literal["", "muted", "accent", "success", "warning", "danger", "bold"]

GUTTER = 3
"""Cells before the first column: mark, cursor, blank."""

GAP = 2
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `width` is in cells, the gap not counted; the title widens it where needed. Columns of the lowest `priority` are
    dropped first. `flex` shares the cells left over.
    """

    key: str
    title: str
    width: int
    priority: int = 0
    align: Align = "left"
    flex: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a tone. The tone repeats what the words say; it never stands for them."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `key` identifies it in every window, `data` is whatever the pane wants back."""

    key: int
    cells: Mapping[str, Cell | str]
    data: object = field(default=None, compare=False)

    def cell(self, column: str) -> Cell:
        """Give the cell of a column; a missing one is empty."""
        cell = self.cells.get(column, "")
        return Cell(cell) if isinstance(cell, str) else cell


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a long list: `rows` begin at index `offset` of `total`; `capped` says that there are more than that."""

    offset: int
    rows: Sequence[Row]
    total: int
    capped: bool = False

    @property
    def end(self) -> int:
        """Index after the last row of this part."""
        return self.offset + len(self.rows)

    def find(self, key: int) -> int | None:
        """Give the index in the list of the row with this key, if it is in this part."""
        return next((index for index, row in enumerate(self.rows, self.offset) if row.key == key), None)


class Slot(NamedTuple):
    """Where a column stands on the line, in cells."""

    column: Column
    x: int
    width: int


def arrange(columns: Sequence[Column], width: int) -> tuple[Slot, ...]:
    """Place columns on a line of `width` cells: those that do not fit are dropped by priority, never squeezed.

    Among equal priorities the rightmost is dropped first. The last one is kept, and cut, however narrow the line is.
    """
    room = max(0, width - GUTTER)
    kept = [(column, max(column.width, cell_len(column.title))) for column in columns]

    def spare() -> int:
        return room - sum(size for _, size in kept) - GAP * (len(kept) - 1)

    while len(kept) > 1 and spare() < 0:
        del kept[min(range(len(kept)), key=lambda index: (kept[index][0].priority, -index))]
    shares = sum(column.flex for column, _ in kept)
    left = spare() if shares else 0
    slots: list[Slot] = []
    x = GUTTER
    for column, size in kept:
        extra = left * column.flex // shares if column.flex and left > 0 else 0
        left -= extra
        shares -= column.flex
        slots.append(Slot(column, x, max(0, min(size + extra, width - x))))
        x += size + extra + GAP
    return tuple(slots)
