"""Rows as the entities they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from cxtui.models.fields import Entity, Kind, per_entity, specs

from .names import table_of

E = TypeVar("E", bound=Entity)


@per_entity
def columns(entity: type[Entity]) -> tuple[str, ...]:
    """The columns of ``entity``, in the order in which ``build`` takes them."""
    return tuple(field.name for field in fields(entity))


@per_entity
def select(entity: type[Entity]) -> str:
    """``SELECT … FROM …`` of all columns of ``entity``, its table under its own name."""
    table = table_of(entity)
    return f"SELECT {', '.join(f'{table}.{column}' for column in columns(entity))} FROM {table}"


@per_entity
def _booleans(entity: type[Entity]) -> tuple[str, ...]:
    return tuple(name for name, spec in specs(entity).items() if spec.kind is Kind.BOOLEAN)


def build(entity: type[E], row: Sequence[Any]) -> E:
    """The entity in a row that was read with ``select``."""
    named = dict(zip(columns(entity), row, strict=True))
    for name in _booleans(entity):
        named[name] = bool(named[name])
    return entity(**named)


def by_id(link: sqlite3.Connection, entity: type[E], key: int) -> E | None:
    """The row with the id ``key``, or None."""
    return first(link, entity, "id = ?", (key,))


def first(link: sqlite3.Connection, entity: type[E], where: str, values: Sequence[Any] = ()) -> E | None:
    """One row for which the SQL condition ``where`` holds, or None."""
    row = link.execute(f"{select(entity)} WHERE {where} LIMIT 1", values).fetchone()
    return build(entity, row) if row else None


def all_where(link: sqlite3.Connection, entity: type[E], where: str, values: Sequence[Any] = ()) -> list[E]:
    """Every row for which the SQL condition ``where`` holds; it may end in ORDER BY and LIMIT."""
    return [build(entity, row) for row in link.execute(f"{select(entity)} WHERE {where}", values)]
