"""Which ranges meet which, for many of them at once and without comparing each with each.

Networks nest: of two that meet one holds the other. So a walk in the order of their first addresses knows at each of
them all that hold it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import AllowedRange
from cxtui.rules.addresses import covering_firsts, parse_network, unpack
from cxtui.store.probes import covers

Range = tuple[bytes, bytes]
"""First and last address, packed; of a host name more than 16 bytes, and then both are the same."""

MOST = 200
"""So many that hold one range are looked at. No company can have that many different ones, so two of them are foreign
to each other and say themselves what is wrong with them.
"""

_GROUPS = 1_000
_ADDRESS = 16
_ENTITY: dict[str, type[IpAuth] | type[AllowedRange]] = {"ip_auth": IpAuth, "allowed_range": AllowedRange}
_INSIDE = {
    "ip_auth": "SELECT id, first, last FROM ip_auth WHERE first BETWEEN ? AND ?",
    "allowed_range": "SELECT id, first, last FROM allowed_range WHERE first BETWEEN ? AND ?",
}


def among(ranges: Sequence[Range]) -> dict[int, list[int]]:
    """For the place of each range that meets others the places of those, at most ``MOST``."""
    found: dict[int, list[int]] = {}
    holding: list[int] = []
    for place in _ordered(ranges):
        first = ranges[place][0]
        _close(holding, ranges, first)
        for outer in holding[:MOST]:
            found.setdefault(place, []).append(outer)
            beside = found.setdefault(outer, [])
            if len(beside) < MOST:
                beside.append(place)
        holding.append(place)
    return found


def with_stored(link: sqlite3.Connection, table: str, ranges: Sequence[Range]) -> dict[int, list[int]]:
    """For the place of each range that meets rows of ``table`` their ids, the widest first.

    The statements are some hundreds at most, and no row is read twice: few ranges are looked up one by one, of many the
    rows between the first and the last of each group are gone through.
    """
    stored = list(_candidates(link, table, ranges))
    both = [*ranges, *((first, last) for _, first, last in stored)]
    found: dict[int, list[int]] = {}
    holding: tuple[list[int], list[int]] = [], []
    for place in _ordered(both):
        ours = place < len(ranges)
        for kept in holding:
            _close(kept, both, both[place][0])
        for outer in holding[ours]:
            mine, row = (place, outer) if ours else (outer, place)
            found.setdefault(mine, []).append(stored[row - len(ranges)][0])
        holding[not ours].append(place)
    return found


def _ordered(ranges: Sequence[Range]) -> list[int]:
    """The places of ranges in the order of their first addresses, the wider before those inside."""
    places = sorted(range(len(ranges)), key=lambda place: ranges[place][1], reverse=True)
    places.sort(key=lambda place: ranges[place][0])
    return places


def _close(holding: list[int], ranges: Sequence[Range], first: bytes) -> None:
    """Forget those that end before ``first``."""
    while holding and ranges[holding[-1]][1] < first:
        holding.pop()


def _candidates(link: sqlite3.Connection, table: str, ranges: Sequence[Range]) -> Iterator[tuple[int, bytes, bytes]]:
    seen: set[int] = set()
    for low, high in _groups(ranges):
        holding = covers(link, _ENTITY[table], low, _before(low))
        around = ((row.id, row.first, row.last) for row in holding)
        for row in (*around, *link.execute(_INSIDE[table], (low, high))):
            if row[0] not in seen:
                seen.add(row[0])
                yield row


def _groups(ranges: Sequence[Range]) -> Iterator[Range]:
    """The bounds of groups of neighbouring ranges."""
    rest = iter([ranges[place] for place in _ordered(ranges)])
    size = max(1, len(ranges) // _GROUPS)
    while part := list(islice(rest, size)):
        yield part[0][0], max(last for _, last in part)


def _before(low: bytes) -> list[bytes]:
    """Where a network that holds the address and begins before it can begin."""
    if len(low) != _ADDRESS:
        return []
    return [first for first in covering_firsts(parse_network(unpack(low))) if first < low]
