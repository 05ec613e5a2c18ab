"""What is read of a list for its table: the rows that were asked for, or those around the row under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from cxtui.services.grids import Grid, GridPart, Shown
from cxtui.ui.columns import ListLook
from cxtui.ui.desk import Desk
from cxtui.ui.widgets.rows import Row

_STRIDE = 500
_STRIDES = 4
"""How far a row is sought that others have pushed away: its list grew while it was held still or not on the screen."""


class Found(NamedTuple):
    """A part of a list; `sought` where it is another one than was asked for."""

    part: GridPart
    sought: bool = False


def read(grid: Grid, offset: int, limit: int, anchor: int | None, *, recount: bool) -> Found:
    """Read the rows from `offset`, or those around the row `anchor` (key) where that has slid further down."""
    part = grid.read(offset, limit, recount=recount)
    if anchor is None or _place(part, anchor) is not None:
        return Found(part)
    start = part.offset + len(part.rows)
    for begin in range(start, min(part.total, start + _STRIDE * _STRIDES), _STRIDE):
        place = _place(grid.read(begin, _STRIDE), anchor)
        if place is not None:
            return Found(grid.read(max(0, place - limit // 2), limit), sought=True)
    return Found(part)


def table_rows(found: Iterable[Shown], look: ListLook, desk: Desk) -> tuple[Row, ...]:
    """Give what was read as rows of a table."""
    now = desk.context.now()
    rows = (_edited_elsewhere(shown, desk.session) for shown in found)
    return tuple(Row(shown.row.id, look.row_cells(shown, now, desk.glyphs), shown) for shown in rows)


def _place(part: GridPart, key: int) -> int | None:
    return next((index for index, shown in enumerate(part.rows, part.offset) if shown.row.id == key), None)


def _edited_elsewhere(shown: Shown, session: str) -> Shown:
    """A row without this console among those in which it is being edited."""
    if not shown.editors:
        return shown
    return replace(shown, editors=tuple(editor for editor in shown.editors if editor[0] != session))
