"""Questions about addresses that the indexes answer: what covers a range, what lies in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from cxtui.models.fields import Entity

from .names import table_of
from .rows import E, all_where


def overlapping(
    link: sqlite3.Connection,
    entity: type[E],
    first: bytes,
    last: bytes,
    covering: Sequence[bytes],
    where: str = "1",
    values: Sequence[Any] = (),
    most_inside: int = -1,
) -> list[E]:
    """The rows whose range meets ``first`` … ``last`` and for which the SQL condition ``where`` holds.

    Networks nest, so each such row lies inside the range or covers it; the covering ones come first. ``covering``
    holds the first addresses that a covering network can have (``rules.addresses.covering_firsts``). No more than
    ``most_inside`` of those inside are read (-1: all).
    """
    condition = f"first BETWEEN ? AND ? AND {where} ORDER BY first, last DESC LIMIT ?"
    inside = all_where(link, entity, condition, (first, last, *values, most_inside))
    seen = {row.id for row in inside}
    around = covers(link, entity, last, covering, where, values)
    return [*(row for row in around if row.id not in seen), *inside]


def covers(
    link: sqlite3.Connection,
    entity: type[E],
    last: bytes,
    covering: Sequence[bytes],
    where: str = "1",
    values: Sequence[Any] = (),
) -> list[E]:
    """The rows whose range reaches from one of ``covering`` to ``last`` or beyond, widest first."""
    if not covering:
        return []
    marks = ",".join("?" * len(covering))
    condition = f"first IN ({marks}) AND last >= ? AND {where} ORDER BY first, last DESC"
    return all_where(link, entity, condition, (*covering, last, *values))


def exists(link: sqlite3.Connection, entity: type[Entity], where: str, values: Sequence[Any]) -> bool:
    """Whether any row meets the SQL condition ``where``."""
    return link.execute(f"SELECT 1 FROM {table_of(entity)} WHERE {where} LIMIT 1", values).fetchone() is not None
