"""Writing many rows of a table in one statement, past the ORM."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from cxtui.models.fields import Entity

from .names import table_of
from .rows import columns


def next_id(link: sqlite3.Connection, entity: type[Entity]) -> int:
    """The id that the next new row of ``entity`` gets; ids are never used again."""
    found = link.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table_of(entity),)).fetchone()
    return int(found[0]) + 1 if found else 1


def insert(link: sqlite3.Connection, entity: type[Entity], rows: Iterable[Entity]) -> None:
    """Store new rows, each under its id."""
    names = columns(entity)
    marks = ",".join("?" * len(names))
    statement = f"INSERT INTO {table_of(entity)}({', '.join(names)}) VALUES ({marks})"
    link.executemany(statement, map(attrgetter(*names), rows))


def append(link: sqlite3.Connection, entity: type[Entity], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Store the values of the columns ``names`` of new rows, which get the next ids in this order."""
    marks = ",".join("?" * len(names))
    statement = f"INSERT INTO {table_of(entity)}(version, {', '.join(names)}) VALUES (1, {marks})"
    link.executemany(statement, rows)


def update(
    link: sqlite3.Connection, entity: type[Entity], names: Sequence[str], rows: Iterable[tuple[Entity, Sequence[Any]]]
) -> int:
    """Store values of the columns ``names`` over rows that have the same version still; how many those were."""
    sets = ", ".join(f"{name} = ?" for name in names)
    statement = f"UPDATE {table_of(entity)} SET {sets}, version = version + 1 WHERE id = ? AND version = ?"
    return link.executemany(statement, ((*values, row.id, row.version) for row, values in rows)).rowcount


def delete(link: sqlite3.Connection, entity: type[Entity], rows: Iterable[Entity]) -> int:
    """Delete rows that have the same version still; how many those were."""
    statement = f"DELETE FROM {table_of(entity)} WHERE id = ? AND version = ?"
    return link.executemany(statement, _keys(rows)).rowcount


def _keys(rows: Iterable[Entity]) -> Iterator[tuple[int, int]]:
    return ((row.id, row.version) for row in rows)
