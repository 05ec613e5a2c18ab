"""Plain tables: aligned by what the first rows need, cut only where a screen would break the lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from cxtui.rules.printable import clean

MEASURED = 500
"""Rows that are looked at before the first line is written; a longer cell further down pushes its line."""

GAP = "  "
_NARROWEST = 8
_SHORTEST_HEAD = 4


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; its cells may be cut down to ``least``, or never if they are numbers, which stand right."""

    head: str
    right: bool = False
    least: int = _NARROWEST


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], room: int | None = None) -> Iterator[str]:
    """The lines of a table; every row has a cell for each column.

    ``room`` is the width in cells that it must fit: text is cut first, then columns are left out from the right. A
    number that has lost digits would be another number.
    """
    cleaned = (tuple(clean(cell) for cell in row) for row in rows)
    known = list(islice(cleaned, MEASURED))
    needed = [max((width(row[place]) for row in known), default=0) for place in range(len(columns))]
    widths = [max(width(column.head), need) for column, need in zip(columns, needed, strict=True)]
    if room is not None:
        widths = _narrowed(columns, widths, needed, room)
    heads = tuple(column.head for column in columns)
    for row in chain([heads], known, cleaned):
        cells = (_cell(text, size, column, room) for text, size, column in zip(row, widths, columns, strict=False))
        yield GAP.join(cells).rstrip()


def width(text: str) -> int:
    """The terminal cells that a cleaned text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def cut(text: str, size: int) -> str:
    """A cleaned text within ``size`` cells; a sign says that it was longer."""
    if width(text) <= size:
        return text
    kept, taken = [], 0
    for character in text:
        taken += _cells(character)
        if taken > size - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _narrowed(columns: Sequence[Column], widths: Sequence[int], needed: Sequence[int], room: int) -> list[int]:
    """The widths of as many columns as fit, long heads and then the widest texts cut as far as that takes."""
    least = [
        min(size, max(need, _SHORTEST_HEAD)) if column.right else min(size, max(need, _SHORTEST_HEAD), column.least)
        for column, size, need in zip(columns, widths, needed, strict=True)
    ]
    count = len(least)
    while count > 1 and _line(least[:count]) > room:
        count -= 1
    narrowed = list(widths[:count])
    while _line(narrowed) > room:
        spare = [size - low for size, low in zip(narrowed, least, strict=False)]
        if not any(above > 0 for above in spare):
            return [min(narrowed[0], room), *narrowed[1:]]
        widest = max(range(count), key=lambda at: (spare[at] > 0, narrowed[at] > needed[at], narrowed[at]))
        narrowed[widest] -= 1
    return narrowed


def _line(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _cell(text: str, size: int, column: Column, room: int | None) -> str:
    if room is not None:
        text = cut(text, size)
    spare = " " * (size - width(text))
    return spare + text if column.right else text + spare
