"""The edges as their agents report them, and the door through which an agent reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from cxtui.models.block import Wanted
from cxtui.models.edge import Edge
from cxtui.rules.addresses import pack
from cxtui.store.rows import all_where

from .context import Context
from .ownership import owner_of

SILENT_AFTER = 15.0
"""Seconds without a heartbeat after which an edge counts as silent."""


@dataclass(frozen=True, slots=True)
class EdgeState:
    """One edge: whether it speaks, and whether it runs the newest configuration."""

    edge: Edge
    silent: bool
    behind: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an agent saw of one blocked address; it is counted onto the block, or begins one.

    ``hits`` are those since the last report. ``expires_at`` is when the firewall will let go by itself.
    """

    address: str
    at: float
    hits: int
    reason: str
    usernames: str = ""
    user_agent: str = ""
    source: str = ""
    expires_at: float | None = None


def states(link: sqlite3.Connection, now: float) -> list[EdgeState]:
    """Every edge, by name."""
    wanted = link.execute("SELECT generation FROM account WHERE id = 1").fetchone()
    generation = int(wanted[0]) if wanted else 0
    return [
        EdgeState(edge, now - edge.heartbeat_at > SILENT_AFTER, max(0, generation - edge.generation))
        for edge in all_where(link, Edge, "1 ORDER BY name")
    ]


def beat(context: Context, name: str, generation: int) -> int:
    """Record that an edge is alive and runs ``generation``; returns the id of the edge."""
    with context.database.bulk() as link:
        link.execute(
            "INSERT INTO edge(version, name, heartbeat_at, generation) VALUES (1, ?1, ?2, ?3)"
            " ON CONFLICT(name) DO UPDATE SET heartbeat_at = ?2, generation = ?3",
            (name, context.now(), generation),
        )
        return int(link.execute("SELECT id FROM edge WHERE name = ?", (name,)).fetchone()[0])


def leave(context: Context, name: str) -> None:
    """Take an edge out of the list with all that it holds; blocks that nobody holds any more and nobody wants end."""
    with context.database.bulk() as link:
        link.execute("DELETE FROM hold WHERE edge_id IN (SELECT id FROM edge WHERE name = ?)", (name,))
        link.execute("DELETE FROM edge WHERE name = ?", (name,))
        _end_unheld(link, context.now())


def record(context: Context, sightings: Iterable[Sighting]) -> int:
    """Count sightings onto their blocks and begin new ones, in one transaction; returns how many there were."""
    count = 0
    with context.database.bulk() as link:
        for count, seen in enumerate(sightings, start=1):  # noqa: B007
            packed = pack(seen.address)
            known = link.execute(
                "UPDATE block SET hits = hits + ?, last_seen = ?, user_agent = coalesce(nullif(?, ''), user_agent),"
                " usernames = coalesce(nullif(?, ''), usernames) WHERE packed = ? AND lifted_at IS NULL",
                (seen.hits, seen.at, seen.user_agent[:300], seen.usernames[:500], packed),
            ).rowcount
            if not known:
                _begin(link, packed, seen)
    return count


def report(
    context: Context, edge_id: int, held: Iterable[tuple[int, str, float | None]], released: Iterable[tuple[int, str]]
) -> None:
    """What an agent read back: layers that hold a block (block id, layer, expiry) and layers that let go of one."""
    now = context.now()
    with context.database.bulk() as link:
        link.executemany(
            "INSERT INTO hold(version, block_id, edge_id, layer, seen_at, expires_at) VALUES (1, ?, ?, ?, ?, ?)"
            " ON CONFLICT(block_id, edge_id, layer) DO UPDATE SET seen_at = excluded.seen_at,"
            " expires_at = excluded.expires_at",
            ((block_id, edge_id, layer, now, expires) for block_id, layer, expires in held),
        )
        link.executemany(
            "DELETE FROM hold WHERE block_id = ? AND edge_id = ? AND layer = ?",
            ((block_id, edge_id, layer) for block_id, layer in released),
        )
        _end_unheld(link, now)


def work(
    link: sqlite3.Connection, edge_id: int, limit: int = 1000
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What is left to do for an edge: blocks to put in force and blocks to let go, as (id, address)."""
    to_hold = link.execute(
        "SELECT id, address FROM block WHERE lifted_at IS NULL AND wanted = ?"
        " AND id NOT IN (SELECT block_id FROM hold WHERE edge_id = ?) ORDER BY since DESC LIMIT ?",
        (Wanted.BLOCKED.value, edge_id, limit),
    ).fetchall()
    to_free = link.execute(
        "SELECT DISTINCT block.id, address FROM block JOIN hold ON hold.block_id = block.id"
        " WHERE lifted_at IS NULL AND wanted = ? AND edge_id = ? LIMIT ?",
        (Wanted.UNBLOCKED.value, edge_id, limit),
    ).fetchall()
    return to_hold, to_free


def _begin(link: sqlite3.Connection, packed: bytes, seen: Sighting) -> None:
    owner = owner_of(link, packed)
    link.execute(
        "INSERT INTO block(version, address, notes, expires_at, packed, company_id, ours, since, last_seen, hits,"
        " reason, usernames, user_agent, source, wanted) VALUES (1, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seen.address,
            seen.expires_at,
            packed,
            owner,
            int(owner is not None),
            seen.at,
            seen.at,
            seen.hits,
            seen.reason[:200],
            seen.usernames[:500],
            seen.user_agent[:300],
            seen.source[:40],
            Wanted.BLOCKED.value,
        ),
    )


def _end_unheld(link: sqlite3.Connection, now: float) -> None:
    link.execute(
        "UPDATE block SET lifted_at = ? WHERE lifted_at IS NULL AND wanted = ?"
        " AND id NOT IN (SELECT block_id FROM hold)",
        (now, Wanted.UNBLOCKED.value),
    )
