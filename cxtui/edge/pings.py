"""What the switch's pings found out about its registrations (S-101, S-102, W-018, W-020)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cxtui.models.registration import MOST_PINGS, Registration

_PINGED_FLAG = 1 << 6
_LATE = 1.5
"""Intervals after which an answer is missed: the rounds of the switch and ours are not in step."""


@dataclass(slots=True)
class _Pinged:
    """A contact that is pinged: since when, and the round trip as it was read last."""

    since: float
    trip: int


class Pings:
    """Follows the pings of one switch, which come every ``interval`` seconds, by what it says of its contacts."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._pinged: dict[str, _Pinged] = {}

    def judge(self, row: Registration, contact: Mapping[str, Any], now: float) -> Registration:
        """The registration after a round of pings."""
        if not _number(contact, "CFlags") & _PINGED_FLAG:
            self._pinged.pop(row.ruid, None)
            return replace(row, missed=0, round_trip=None) if row.missed else row
        trip, known = _number(contact, "KA-Roundtrip"), self._pinged.get(row.ruid)
        answered = self._answered_at(row, contact, trip, known)
        if known is None:
            known = self._pinged[row.ruid] = _Pinged(now, trip)
        known.trip = trip
        late = _LATE * self._interval
        if now - answered <= late:
            return _answered(row, answered, trip)
        # The first round may not have reached it yet.
        if now - known.since < late:
            return row
        return replace(row, round_trip=None, missed=row.missed + 1, pings=remember(row.pings, now, None))

    def forget(self, present: Collection[str]) -> None:
        """Keep nothing of contacts that are not ``present`` (records)."""
        self._pinged = {ruid: known for ruid, known in self._pinged.items() if ruid in present}

    def _answered_at(self, row: Registration, contact: Mapping[str, Any], trip: int, known: _Pinged | None) -> float:
        """When it answered last, 0 for never.

        A REGISTER turns the switch's moment of the last answer to its own, and leaves the round trip as it was.
        """
        at, registered = _number(contact, "Last-Keepalive"), _number(contact, "Last-Modified")
        if trip and (at > registered or (known is not None and trip != known.trip)):
            return float(at)
        return row.last_ping_at or 0.0


def remember(pings: str, at: float, trip: int | None) -> str:
    """The history of pings with one more; the oldest leave it."""
    one = f"{int(at)}:{'-' if trip is None else trip}"
    kept = pings.split()
    return pings if one in kept[-2:] else " ".join([*kept, one][-MOST_PINGS:])


def _answered(row: Registration, at: float, trip: int) -> Registration:
    if row.last_ping_at is not None and at <= row.last_ping_at:
        return replace(row, missed=0)
    return replace(row, last_ping_at=at, round_trip=trip, missed=0, pings=remember(row.pings, at, trip))


def _number(contact: Mapping[str, Any], name: str) -> int:
    value = contact.get(name, 0)
    return value if isinstance(value, int) else 0
