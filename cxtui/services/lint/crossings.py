"""Which rows have addresses in common with others, found in one walk over all addresses.

Networks nest: of two that meet one holds the other. So a walk in the order of their first addresses, the wider before
those inside, knows at each of them what holds it. What exactly meets, and whether it may, is asked for those few alone.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field

from cxtui.models.ip_auth import Direction

_RANGES = (
    "SELECT 1 AS entry, id, direction, port, first, last FROM ip_auth"
    " WHERE enabled AND typeof(first) = 'blob' AND typeof(last) = 'blob'"
    " UNION ALL SELECT 0, sip_user_id, '', 0, first, last FROM allowed_range JOIN sip_user ON sip_user.id = sip_user_id"
    " WHERE enabled AND typeof(first) = 'blob' AND typeof(last) = 'blob' ORDER BY first, last DESC"
)


@dataclass(slots=True)
class _Open:
    """Ranges that the walk is inside of and that nothing was found for yet; ``until`` is where the last of all ends."""

    waiting: list[tuple[bytes, int]] = field(default_factory=list)
    until: bytes = b""

    def add(self, first: bytes, last: bytes, key: int) -> None:
        """A range begins."""
        if self.until < first:
            self.waiting.clear()
        self.waiting.append((last, key))
        self.until = max(self.until, last)

    def reached(self, first: bytes, found: set[int]) -> bool:
        """Whether any range is still open at ``first``; those that waited for that are found now."""
        if self.until < first:
            self.waiting.clear()
            return False
        found.update(key for last, key in self.waiting if last >= first)
        self.waiting.clear()
        return True


@dataclass(frozen=True, slots=True)
class Crossings:
    """The ids of IP entries that meet others or an allow list, and of SIP users whose list meets an entry.

    Only enabled ones are looked at; entries meet within their direction and port, lists only those that send to us.
    """

    entries: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)


def crossings(link: sqlite3.Connection) -> Crossings:
    """Walk over all addresses of the account; a million take some seconds and no memory but for what is found."""
    found = Crossings()
    beside: defaultdict[tuple[str, int], _Open] = defaultdict(_Open)
    sending, lists = _Open(), _Open()
    for is_entry, key, direction, port, first, last in link.execute(_RANGES):
        if is_entry:
            place = beside[direction, port]
            if place.reached(first, found.entries):
                found.entries.add(key)
            place.add(first, last, key)
        if is_entry and direction == Direction.EGRESS:
            if lists.reached(first, found.users):
                found.entries.add(key)
            sending.add(first, last, key)
        elif not is_entry:
            if sending.reached(first, found.entries):
                found.users.add(key)
            lists.add(first, last, key)
    return found
