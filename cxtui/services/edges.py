"""The door through which the agent of an edge reports: that it is alive, what it saw, what it holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from cxtui.models.block import Wanted
from cxtui.rules.addresses import pack, unpack

from . import beats
from .context import Context
from .ownership import owner_of

_END = (
    "UPDATE block SET lifted_at = ? WHERE lifted_at IS NULL AND (wanted = ? OR expires_at <= ?)"
    " AND NOT EXISTS (SELECT 1 FROM hold WHERE block_id = block.id)"
)


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


def beat(context: Context, name: str, generation: int, **facts: object) -> int:
    """Record that an edge is alive and is proven to run ``generation``; returns the id of the edge.

    ``facts`` are fields of ``Edge``, as the agent saw them.
    """
    return beats.beat(context, beats.Beat(), name, generation, **facts).edge_id


def leave(context: Context, name: str) -> None:
    """Take an edge out of the list with all that it holds; blocks that nobody holds any more and nobody wants end."""
    with context.database.bulk() as link:
        for table in ("hold", "registration", "propagation", "drift", "edge_job"):
            link.execute(f"DELETE FROM {table} WHERE edge_id IN (SELECT id FROM edge WHERE name = ?)", (name,))  # noqa: S608
        link.execute("DELETE FROM edge WHERE name = ?", (name,))
        link.execute(_END, (context.now(), Wanted.UNBLOCKED.value, context.now()))


def record(context: Context, sightings: Iterable[Sighting]) -> int:
    """Count sightings onto their blocks and begin new ones, in one transaction; returns how many there were."""
    count = 0
    with context.database.bulk() as link:
        for count, seen in enumerate(sightings, start=1):  # noqa: B007
            packed = pack(seen.address)
            known = link.execute("SELECT usernames FROM block WHERE packed = ? AND lifted_at IS NULL", (packed,))
            row = known.fetchone()
            if row is None:
                _begin(link, packed, seen)
                continue
            agent, names = _cut(seen.user_agent, 300), _joined(row[0], seen.usernames)
            link.execute(
                "UPDATE block SET hits = hits + ?, last_seen = max(last_seen, ?),"
                " user_agent = coalesce(nullif(?, ''), user_agent), usernames = ?,"
                # NULL, a block without an end, stays so.
                " expires_at = max(expires_at, coalesce(?, expires_at)) WHERE packed = ? AND lifted_at IS NULL",
                (seen.hits, seen.at, agent, names, seen.expires_at, packed),
            )
    return count


def report(
    context: Context, edge_id: int, held: Iterable[tuple[int, str, float | None]], released: Iterable[tuple[int, str]]
) -> None:
    """What an agent read back: layers that hold a block (block id, layer, expiry) and layers that let go of one.

    A block that was lifted while the agent was putting it in force is on its way out again, until the agent lets go;
    where the address was blocked anew meanwhile, it is the new block that is held.
    """
    now, held, released = context.now(), list(held), list(released)
    with context.database.bulk() as link:
        heirs = _heirs(link, [block_id for block_id, _, _ in held])
        held = [(heirs.get(block_id, block_id), layer, expires) for block_id, layer, expires in held]
        link.executemany(
            "INSERT INTO hold(version, block_id, edge_id, layer, seen_at, expires_at) VALUES (1, ?, ?, ?, ?, ?)"
            " ON CONFLICT(block_id, edge_id, layer) DO UPDATE SET seen_at = excluded.seen_at,"
            " expires_at = excluded.expires_at",
            ((block_id, edge_id, layer, now, expires) for block_id, layer, expires in held),
        )
        link.executemany(
            "UPDATE block SET lifted_at = NULL WHERE id = ? AND lifted_at IS NOT NULL",
            ((block_id,) for block_id, _, _ in held),
        )
        link.executemany(
            "DELETE FROM hold WHERE block_id = ? AND edge_id = ? AND layer = ?",
            ((block_id, edge_id, layer) for block_id, layer in released),
        )
        link.executemany(f"{_END} AND id = ?", ((now, Wanted.UNBLOCKED.value, now, key) for key, _ in released))


def _heirs(link: sqlite3.Connection, ids: list[int]) -> dict[int, int]:
    """The live block of the same address for each of the blocks that is over and has one."""
    rows = link.execute(
        "SELECT block.id, newer.id FROM block JOIN block AS newer ON newer.packed = block.packed"
        " WHERE block.id IN (SELECT value FROM json_each(?)) AND block.lifted_at IS NOT NULL"
        " AND newer.lifted_at IS NULL",
        (json.dumps(ids),),
    )
    return {int(old): int(new) for old, new in rows}


def work(
    link: sqlite3.Connection, edge_id: int, limit: int = 1000, now: float = 0.0
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What is left to do for an edge: blocks to put in force and blocks to let go, as (id, address).

    A block whose time is over at ``now`` is not put in force again.
    """
    to_hold = link.execute(
        "SELECT id, address FROM block WHERE lifted_at IS NULL AND wanted = ?"
        " AND (expires_at IS NULL OR expires_at > ?)"
        " AND NOT EXISTS (SELECT 1 FROM hold WHERE block_id = block.id AND edge_id = ?) ORDER BY since DESC LIMIT ?",
        (Wanted.BLOCKED.value, now, edge_id, limit),
    ).fetchall()
    return to_hold, leaving(link, edge_id, limit)


def leaving(link: sqlite3.Connection, edge_id: int, limit: int = 1000) -> list[tuple[int, str]]:
    """Blocks that an edge holds and has to let go of, as (id, address)."""
    return link.execute(
        "SELECT DISTINCT block.id, address FROM block JOIN hold ON hold.block_id = block.id"
        " WHERE lifted_at IS NULL AND wanted = 'unblocked' AND edge_id = ? LIMIT ?",
        (edge_id, limit),
    ).fetchall()


def fresh(
    link: sqlite3.Connection, edge_id: int, after: int, audited: int, now: float, limit: int = 1000
) -> list[tuple[int, str, float | None]]:
    """Blocks that an edge has yet to put in force, as (id, address, expiry), in the order of their ids.

    Looked at are only those with an id above ``after``, and those that an operator touched since the row ``audited``
    of the audit log: so a million blocks in force cost nothing.
    """
    return link.execute(
        "SELECT id, address, expires_at FROM block WHERE (id > ?1 OR id IN (SELECT entity_id FROM audit"
        " WHERE id > ?2 AND entity = 'block')) AND lifted_at IS NULL AND wanted = 'blocked'"
        " AND (expires_at IS NULL OR expires_at > ?3)"
        " AND NOT EXISTS (SELECT 1 FROM hold WHERE block_id = block.id AND edge_id = ?4) ORDER BY id LIMIT ?5",
        (after, audited, now, edge_id, limit),
    ).fetchall()


def holds(
    link: sqlite3.Connection, edge_id: int, layer: str, after: int, limit: int = 5000
) -> list[tuple[int, str, str, float | None]]:
    """What a layer of an edge is known to hold, as (block id, address, wanted, expiry), a page after a block id."""
    return link.execute(
        "SELECT block.id, address, wanted, block.expires_at FROM hold JOIN block ON block.id = block_id"
        " WHERE edge_id = ? AND layer = ? AND block.id > ? ORDER BY block.id LIMIT ?",
        (edge_id, layer, after, limit),
    ).fetchall()


def blocks_of(link: sqlite3.Connection, addresses: Iterable[str]) -> dict[str, tuple[int, float | None]]:
    """The live block of each address that has one: its id and when it expires."""
    found = {}
    for address in addresses:
        row = link.execute(
            "SELECT id, expires_at FROM block WHERE packed = ? AND lifted_at IS NULL", (pack(address),)
        ).fetchone()
        if row:
            found[address] = (int(row[0]), row[1])
    return found


def end_expired(context: Context) -> int:
    """End blocks whose time is over and that no edge holds any more; returns how many."""
    with context.database.reading() as link:
        over = link.execute(
            "SELECT 1 FROM block WHERE lifted_at IS NULL AND expires_at <= ?"
            " AND NOT EXISTS (SELECT 1 FROM hold WHERE block_id = block.id) LIMIT 1",
            (context.now(),),
        ).fetchone()
    if over is None:
        return 0
    with context.database.bulk() as link:
        return link.execute(
            "UPDATE block SET lifted_at = ?1 WHERE lifted_at IS NULL AND expires_at <= ?1"
            " AND NOT EXISTS (SELECT 1 FROM hold WHERE block_id = block.id)",
            (context.now(),),
        ).rowcount


def _begin(link: sqlite3.Connection, packed: bytes, seen: Sighting) -> None:
    owner = owner_of(link, packed)
    link.execute(
        "INSERT INTO block(version, address, notes, expires_at, packed, company_id, ours, since, last_seen, hits,"
        " reason, usernames, user_agent, source, wanted) VALUES (1, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            unpack(packed),
            seen.expires_at,
            packed,
            owner,
            int(owner is not None),
            seen.at,
            seen.at,
            seen.hits,
            _cut(seen.reason, 200),
            _cut(seen.usernames, 500),
            _cut(seen.user_agent, 300),
            _cut(seen.source, 40),
            Wanted.BLOCKED.value,
        ),
    )


def _joined(known: str, more: str) -> str:
    """Names with those that are new behind them, as many as there is room for."""
    if not more or more == known:
        return known
    return _cut(" ".join(dict.fromkeys([*known.split(), *more.split()])), 500)


def _cut(text: str, length: int) -> str:
    """What an attacker sent, as data: cut, and without the halves of characters that no file can hold."""
    return text[:length].encode("utf-8", "replace").decode()
