"""What the firewall holds of a SIP user's device: where it is registered from, or may be (S-011, S-132)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from cxtui.models.block import BY_HAND, Block, Wanted
from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.nat_facts import Blocked
from cxtui.rules.networks import pack
from cxtui.rules.printable import clean
from cxtui.store.rows import all_where

from .blocks import ranges_of
from .registrations import addresses

_MOST_RANGES = 64
_MOST = 4
_IN_FORCE = (
    "lifted_at IS NULL AND packed BETWEEN ? AND ? AND (expires_at IS NULL OR expires_at > ?"
    " OR EXISTS (SELECT 1 FROM hold WHERE block_id = block.id)) ORDER BY packed LIMIT ?"
)


def blocked(
    link: sqlite3.Connection, user: SipUser, contacts: Sequence[Registration], now: float
) -> tuple[Blocked, ...]:
    """The blocks of the addresses of a user's contacts, in their order, then those inside its allow list."""
    return _within(link, [*_places(contacts), *ranges_of(user)[:_MOST_RANGES]], now)


def blocked_sources(link: sqlite3.Connection, contacts: Sequence[Registration], now: float) -> tuple[Blocked, ...]:
    """The blocks of the addresses of contacts alone, in their order."""
    return _within(link, _places(contacts), now)


def blocked_hosts(link: sqlite3.Connection, hosts: Iterable[str], now: float) -> frozenset[str]:
    """Which of some addresses are blocked; they are given and given back in canonical form."""
    statement = f"SELECT 1 FROM block WHERE {_IN_FORCE}"  # noqa: S608
    held = ((host, pack(host)) for host in hosts)
    return frozenset(host for host, at in held if link.execute(statement, (at, at, now, 1)).fetchone())


def tried(link: sqlite3.Connection, user: SipUser, after: float = 0.0) -> tuple[str, ...]:
    """Addresses that were blocked ``after`` a moment for using the user's name, the one seen last first, a few at most.

    Nobody knows whether one of them is the user's device: a name is easily guessed.
    """
    statement = (
        "SELECT address FROM block WHERE lifted_at IS NULL AND wanted = ? AND since > ?"
        " AND instr(' ' || usernames || ' ', ' ' || ? || ' ') ORDER BY last_seen DESC LIMIT ?"
    )
    return tuple(str(row[0]) for row in link.execute(statement, (Wanted.BLOCKED.value, after, user.username, _MOST)))


def _places(contacts: Sequence[Registration]) -> list[tuple[bytes, bytes]]:
    return [(packed, packed) for packed in addresses(contacts)]


def _within(link: sqlite3.Connection, ranges: Sequence[tuple[bytes, bytes]], now: float) -> tuple[Blocked, ...]:
    if link.execute("SELECT 1 FROM block WHERE lifted_at IS NULL LIMIT 1").fetchone() is None:
        return ()
    found: dict[int, Block] = {}
    for low, high in ranges:
        rows = all_where(link, Block, _IN_FORCE, (low, high, now, _MOST))
        found.update((row.id, row) for row in rows)
    return tuple(_told(link, row) for row in found.values())


def _told(link: sqlite3.Connection, block: Block) -> Blocked:
    holders = "SELECT DISTINCT name FROM hold JOIN edge ON edge.id = edge_id WHERE block_id = ? ORDER BY name"
    by_hand = block.reason == BY_HAND
    return Blocked(
        address=block.address,
        since=block.since,
        why="" if by_hand else f"{block.hits} × {block.reason}" if block.hits else block.reason,
        operator=block.source if by_hand else "",
        held=tuple(clean(str(row[0])) for row in link.execute(holders, (block.id,))),
        lifting=block.wanted == Wanted.UNBLOCKED,
        expires_at=block.expires_at,
    )
