"""Which ranges of a window have anything to do with others, asked in few statements for all of them.

Most have not. A statement for each of them would give the interpreter away and wait for it again a hundred times, while
the screen is at work.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property

Range = tuple[bytes, bytes]
"""First and last address, 16 bytes each; of a host name more, and then both are the same."""

_PART = "substr({blob}, place * 16 + 1, 16)"
_PLACES = "WITH RECURSIVE places(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place + 1 < ?1) "
_FIRST, _LAST = _PART.format(blob="?2"), _PART.format(blob="?3")
_BLOCKED = (
    f"{_PLACES} SELECT place FROM places WHERE EXISTS"
    f" (SELECT 1 FROM block WHERE lifted_at IS NULL AND packed BETWEEN {_FIRST} AND {_LAST})"
)
_INSIDE = (
    f"{_PLACES} SELECT place FROM places WHERE (SELECT count(*) FROM"
    f" (SELECT 1 FROM %s WHERE first BETWEEN {_FIRST} AND {_LAST} LIMIT %d)) = %d"
)
_AROUND = f"{_PLACES} SELECT first, max(last) FROM places JOIN %s ON first = {_FIRST} WHERE last > first GROUP BY first"


class Neighbours:
    """Says of a range of one window whether it may meet another one; no is certain. Names are not looked at."""

    def __init__(self, link: sqlite3.Connection, ranges: Iterable[Range]) -> None:
        self._link = link
        self._ranges = sorted({pair for pair in ranges if len(pair[0]) == 16})
        self._known = frozenset(self._ranges)

    def blocked(self, pair: Range) -> bool:
        """Whether a block may lie in it."""
        return pair not in self._known or pair in self._blocked

    def shared(self, pair: Range) -> bool:
        """Whether another IP entry may meet it."""
        return pair not in self._known or pair in self._shared

    def listed(self, pair: Range) -> bool:
        """Whether the allow list of a SIP user may meet it."""
        return pair not in self._known or pair in self._listed

    @cached_property
    def _blocked(self) -> frozenset[Range]:
        return self._at(_BLOCKED)

    @cached_property
    def _shared(self) -> frozenset[Range]:
        # Each of them is an entry itself, so one more is wanted.
        return self._at(_INSIDE % ("ip_auth", 2, 2)) | self._covered("ip_auth")

    @cached_property
    def _listed(self) -> frozenset[Range]:
        return self._at(_INSIDE % ("allowed_range", 1, 1)) | self._covered("allowed_range")

    @cached_property
    def _covering(self) -> dict[Range, tuple[bytes, ...]]:
        return {pair: tuple(_covering(*pair)) for pair in self._ranges}

    def _at(self, statement: str) -> frozenset[Range]:
        firsts, lasts = (b"".join(pair[end] for pair in self._ranges) for end in (0, 1))
        found = self._link.execute(statement, (len(self._ranges), firsts, lasts)) if self._ranges else ()
        return frozenset(self._ranges[place] for (place,) in found)

    def _covered(self, table: str) -> frozenset[Range]:
        starts: Sequence[bytes] = sorted({start for found in self._covering.values() for start in found})
        if not starts:
            return frozenset()
        ends = dict(self._link.execute(_AROUND % table, (len(starts), b"".join(starts))))
        return frozenset(
            pair
            for pair, found in self._covering.items()
            if any(start in ends and ends[start] >= pair[1] for start in found)
        )


def _covering(first: bytes, last: bytes) -> Iterable[bytes]:
    """Where a wider network that holds the range can begin, before the range itself does."""
    number = int.from_bytes(first)
    size = (int.from_bytes(last) - number).bit_length()
    known = number
    for bits in range(size, 128):
        start = number >> bits << bits
        if start != known:
            known = start
            yield start.to_bytes(16)
