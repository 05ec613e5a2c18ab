"""The heartbeats of agents; an agent knows by its last one whether the database is still the one it wrote to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cxtui.models.edge import Edge
from cxtui.models.fields import specs
from cxtui.store.errors import StoreError

from .context import Context


class Replaced(StoreError):
    """The database is not the one that an agent wrote to a moment ago: a backup was restored, or the edge forgotten."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What an agent wrote last: the id of its edge, and when."""

    edge_id: int = 0
    at: float = 0.0


def beat(context: Context, before: Beat, name: str, generation: int, **facts: object) -> Beat:
    """Record that an edge is alive and is proven to run ``generation``.

    ``facts`` are fields of ``Edge``, as the agent saw them. Raises ``Replaced`` where the beat before is gone.
    """
    with context.database.bulk() as link:
        recognise(link, before)
        link.execute(
            "INSERT INTO edge(version, name, heartbeat_at, generation, listens, software, trouble, refusal, calls,"
            " registered, round_trip) VALUES (1, ?1, ?2, ?3, '', '', '', '', 0, 0, 0)"
            " ON CONFLICT(name) DO UPDATE SET heartbeat_at = ?2, generation = ?3",
            (name, context.now(), generation),
        )
        known = {field: value for field, value in facts.items() if field in specs(Edge)}
        if known:
            wanted = ", ".join(f"{field} = ?" for field in known)
            link.execute(f"UPDATE edge SET {wanted} WHERE name = ?", (*known.values(), name))  # noqa: S608
        return Beat(*link.execute("SELECT id, heartbeat_at FROM edge WHERE name = ?", (name,)).fetchone())


def recognise(link: sqlite3.Connection, before: Beat) -> None:
    """Raise ``Replaced`` where a beat is gone; another agent of that name would only have beaten later."""
    if not before.at:
        return
    row = link.execute("SELECT heartbeat_at FROM edge WHERE id = ?", (before.edge_id,)).fetchone()
    if row is None or row[0] < before.at:
        raise Replaced("The database was replaced, or the edge forgotten: everything is read anew.")
