"""Many rows of one kind, written past the ORM: versioned and audited as the ``Writer`` does one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

from cxtui.models.fields import Entity, values
from cxtui.store import many

from .audit_trail import Audited
from .labels import label
from .outcome import Gone
from .writing import Writer

E = TypeVar("E", bound=Entity)


def add(writer: Writer, rows: Sequence[E], *, audited: bool = True) -> list[E]:
    """Store new rows and return them with their ids, which run on from the first one."""
    if not rows:
        return []
    link, kind = writer.past_the_orm(), type(rows[0])
    ids = count(many.next_id(link, kind))
    stored = [replace(row, id=key) for row, key in zip(rows, ids, strict=False)]
    many.insert(link, kind, stored)
    if audited:
        writer.audit_many(("CREATE", row, {}, values(row), "") for row in stored)
    return stored


def update(writer: Writer, rows: Sequence[tuple[E, Mapping[str, Any]]], *, audited: bool = True) -> list[E]:
    """Store what is wanted over rows, which must be as they are stored, and return them as they are then."""
    sets: dict[tuple[str, ...], list[tuple[E, Mapping[str, Any]]]] = {}
    for row, wanted in rows:
        names = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
        if names:
            sets.setdefault(names, []).append((row, wanted))
    for names, part in sets.items():
        changed = ((row, [wanted[name] for name in names]) for row, wanted in part)
        _all_of(many.update(writer.past_the_orm(), type(part[0][0]), names, changed), [row for row, _ in part])
        if audited:
            writer.audit_many(_updates(part, names))
    touched = {row.id for part in sets.values() for row, _ in part}
    return [replace(row, version=row.version + 1, **wanted) if row.id in touched else row for row, wanted in rows]


def delete(writer: Writer, rows: Sequence[Entity], *, audited: bool = True) -> None:
    """Delete rows, which must be as they are stored."""
    if not rows:
        return
    _all_of(many.delete(writer.past_the_orm(), type(rows[0]), rows), rows)
    if audited:
        writer.audit_many(("DELETE", row, values(row), {}, "") for row in rows)


def note(writer: Writer, action: str, rows: Iterable[tuple[Entity, str]]) -> None:
    """Audit something that is no field of many rows, each with its message."""
    writer.audit_many((action, row, {}, {}, message) for row, message in rows)


def _updates(rows: Iterable[tuple[Entity, Mapping[str, Any]]], names: Sequence[str]) -> Iterator[Audited]:
    for row, wanted in rows:
        before = {name: getattr(row, name) for name in names}
        yield "UPDATE", row, before, {name: wanted[name] for name in names}, ""


def _all_of(written: int, rows: Sequence[Entity]) -> None:
    if written != len(rows):
        which = label(rows[0]) if len(rows) == 1 else f"One of {len(rows)} rows, such as {label(rows[0])},"
        raise Gone(f"{which} was changed in the meantime; nothing was written.")
