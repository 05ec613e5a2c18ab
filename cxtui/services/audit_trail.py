"""What a change leaves in the audit log: a row for each row it touched, chained to the one before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from cxtui.models.audit import AuditEntry
from cxtui.models.fields import Entity, specs, values
from cxtui.rules import chain
from cxtui.store import many
from cxtui.store.names import table_of

from .labels import label

Audited: TypeAlias = tuple[str, Entity, Mapping[str, Any], Mapping[str, Any], str]
"""What the audit says of a row: action, row, fields before and after, and a message to say instead of its label."""


def append(link: sqlite3.Connection, change: AuditEntry, rows: Iterable[Audited], head: str) -> str:
    """Add an audit row for each of ``rows``, in their order, and return the chain of the last one.

    ``change`` holds what they have in common, ``head`` is the chain of the newest row there is.
    """
    named = _unchained(change)

    def entries() -> Iterator[list[Any]]:
        nonlocal head
        for action, row, before, after, message in rows:
            named.update(action=action, entity=table_of(type(row)), entity_id=row.id, label=message or label(row))
            named.update(before=image(before), after=image(after))
            head = chain.link(head, named)
            yield [*named.values(), head]

    many.append(link, AuditEntry, [*named, "chain"], entries())
    return head


def chained(previous: str, entry: AuditEntry) -> str:
    """The chain of an audit row that follows one with the chain ``previous``."""
    return chain.link(previous, _unchained(entry))


def image(named: Mapping[str, Any]) -> str:
    """Field values as JSON, as the audit keeps them; ``restore`` reads it."""
    plain = {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in named.items()}
    return json.dumps(plain) if plain else ""


def restore(entity: type[Entity], stored: str) -> dict[str, Any]:
    """The field values in an audit row's ``before`` or ``after``; fields this program no longer has are left out."""
    known = specs(entity)
    return {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for name, value in json.loads(stored or "{}").items()
        if name in known
    }


def _unchained(entry: AuditEntry) -> dict[str, Any]:
    return {name: value for name, value in values(entry).items() if name != "chain"}
