"""How the edges stand, as their agents last said."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cxtui.models.edge import Edge
from cxtui.store.rows import all_where

SILENT_AFTER = 15.0
"""Seconds without a heartbeat after which an edge counts as silent."""


@dataclass(frozen=True, slots=True)
class EdgeState:
    """One edge: whether it speaks, and whether it runs the newest configuration."""

    edge: Edge
    silent: bool
    behind: int


def states(link: sqlite3.Connection, now: float) -> list[EdgeState]:
    """Every edge, by name."""
    wanted = link.execute("SELECT generation FROM account WHERE id = 1").fetchone()
    generation = int(wanted[0]) if wanted else 0
    return [
        EdgeState(edge, now - edge.heartbeat_at > SILENT_AFTER, max(0, generation - edge.generation))
        for edge in all_where(link, Edge, "1 ORDER BY name")
    ]
