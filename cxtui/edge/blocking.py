"""Blocks at one switch: those it made itself, those it has to make, and those it has to let go of."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from time import time
from typing import Any

from cxtui.services import edges
from cxtui.services.edges import Sighting

from .control import Event
from .evidence import Evidence, canonical
from .proofs import newest_audit
from .station import Station
from .table import BY_ITSELF, WANTED, Table

LAYER = "table"
_AGAIN = "knocks on"
_FLUSH = 0.2
_AT_ONCE = 100
_ROUNDS = 2_000

_Held = tuple[int, str, float | None]
"""The id of a block, the layer that holds it and when that lets go."""

_Wanted = tuple[int, str, float | None]
"""The id of a block, its address and when it ends."""


class Blocking:
    """The switch's table of blocked addresses and the database's blocks, made the same."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._table = Table(station)
        self._evidence = Evidence()
        self._blocked: dict[str, float] = {}
        self._expired: set[str] = set()
        self._drops: dict[str, int] = {}
        self._dropped: dict[str, int] = {}
        self._stir = asyncio.Event()
        self._after = 0
        self._audited = 0

    def hear(self, event: Event) -> None:
        """A failed attempt, a packet that was dropped, or a block whose time is over."""
        source = canonical(str(event.get("source", "")))
        if not source:
            return
        if event["event"] == "failed":
            self._evidence.note(event, time())
            if not event.get("blocked"):
                return
            # The switch counts whole seconds: it lets go at this moment at the earliest.
            self._blocked[source] = math.floor(_moment(event)) + self._station.post.block_seconds
        elif event["event"] == "dropped":
            count = event.get("count")
            # Two processes of the switch tell in any order.
            self._drops[source] = max(count if isinstance(count, int) else 0, self._drops.get(source, 0))
        else:
            self._expired.add(source)
        self._stir.set()

    async def follow(self) -> None:
        """Write down what events told, several at once; runs until it is cancelled."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            await self._flush()
            await asyncio.sleep(_FLUSH)

    async def restore(self) -> None:
        """After a gap: what the switch was known to hold and lost is set again or forgotten, and nothing is missed."""
        station, after = self._station, 0
        present = await self._table.contents()
        strangers = {name: word for name, word in present.items() if canonical(name) == name}
        while page := await station.store(self._page, after):
            lost = [row for row in page if row[1] not in present]
            await self._hold([(key, address, ends) for key, address, wanted, ends in lost if _wanted(wanted, ends)])
            await self._report([], [(key, LAYER) for key, _, wanted, ends in lost if not _wanted(wanted, ends)])
            for row in page:
                strangers.pop(row[1], None)
            after = page[-1][0]
        await self._take_in(strangers)
        self._after = 0

    async def held(self) -> set[str]:
        """The addresses in the switch's table, as they stand there."""
        return {*await self._table.contents()}

    async def reconcile(self) -> None:
        """Put in force what is wanted, let go of what is not, and read back both."""
        station = self._station
        await station.store(edges.end_expired, station.context)
        for _ in range(_ROUNDS):
            to_hold, to_free, audited = await station.store(self._work)
            await self._hold(to_hold)
            await self._free(to_free)
            if to_hold:
                self._after = max(self._after, to_hold[-1][0])
            if not to_hold and not to_free:
                self._audited = audited
                return

    async def drop_strangers(self, held: Collection[str]) -> None:
        """Let go of what the switch blocks and the database knows no block of."""
        known = await self._station.store(self._known, held)
        for name in held:
            if name not in known:
                await self._delete(name)

    async def _take_in(self, strangers: Mapping[str, str]) -> None:
        """What the switch blocked while nobody listened becomes a block; what an agent put there and is over, ends.

        What was put there by hand stays: comparing shows it.
        """
        known = await self._station.store(self._known, strangers)
        found = []
        for address, word in strangers.items():
            if address in known:
                continue
            if word == WANTED:
                await self._delete(address)
            elif word in BY_ITSELF:
                ends = await self._table.ends(address)
                found.append(Sighting(address, time(), 1, BY_ITSELF[word], source=LAYER, expires_at=ends))
        if found:
            await self._station.store(edges.record, self._station.context, found)
        live = await self._station.store(self._known, strangers)
        await self._report([(key, LAYER, ends) for key, ends in live.values()], [])

    def _known(self, names: Collection[str]) -> dict[str, tuple[int, float | None]]:
        with self._station.context.database.reading() as link:
            return edges.blocks_of(link, [name for name in names if canonical(name) == name])

    def _work(self) -> tuple[list[_Wanted], list[tuple[int, str]], int]:
        station = self._station
        audited = newest_audit(station.context)
        with station.context.database.reading() as link:
            to_hold = edges.fresh(link, station.edge_id, self._after, self._audited, time())
            to_free = edges.leaving(link, station.edge_id)
        return to_hold, to_free, audited

    def _page(self, after: int) -> list[tuple[int, str, str, float | None]]:
        with self._station.context.database.reading() as link:
            return edges.holds(link, self._station.edge_id, LAYER, after)

    async def _hold(self, rows: Sequence[_Wanted]) -> None:
        proven: list[_Held] = []
        for part in _parts(rows):
            answers = await asyncio.gather(*(self._table.put(address, ends) for _, address, ends in part))
            proven += [(key, LAYER, ends) for (key, _, ends), good in zip(part, answers, strict=True) if good]
        await self._report(proven, [])

    async def _free(self, rows: Sequence[tuple[int, str]]) -> None:
        freed = []
        for part in _parts(rows):
            answers = await asyncio.gather(*(self._delete(address) for _, address in part))
            freed += [(key, LAYER) for (key, _), good in zip(part, answers, strict=True) if good]
        await self._report([], freed)

    async def _delete(self, address: str) -> bool:
        gone = await self._table.delete(address)
        self._dropped.pop(address, None)
        self._evidence.forget(address)
        return gone

    async def _report(self, held: Iterable[_Held], released: Iterable[tuple[int, str]]) -> None:
        held, released = list(held), list(released)
        if held or released:
            station = self._station
            await station.store(edges.report, station.context, station.edge_id, held, released)

    async def _flush(self) -> None:
        blocked, self._blocked = self._blocked, {}
        expired, self._expired = self._expired, set()
        drops, self._drops = self._drops, {}
        seen = [found for one, ends in blocked.items() if (found := self._evidence.sighting(one, ends)) is not None]
        seen += self._more(drops)
        for source in expired:
            self._dropped.pop(source, None)
        held, over = await self._station.store(self._write, seen, {*blocked}, expired)
        # One that the switch let go of too early is looked at again.
        self._after = min([self._after, *(key - 1 for key, ends in over if ends is None or ends > time())])
        await self._report(held, [(key, LAYER) for key, _ in over])

    def _more(self, drops: dict[str, int]) -> list[Sighting]:
        """What blocked sources sent since they were told of last.

        A count that fell a little was told late; one that fell by more than half began anew.
        """
        found = []
        for source, count in drops.items():
            before = self._dropped.get(source, 0)
            if before // 2 <= count < before:
                continue
            self._dropped[source] = count
            more = count - before if count >= before else count
            if more:
                found.append(Sighting(source, time(), more, _AGAIN, source=LAYER))
        return found

    def _write(
        self, seen: list[Sighting], blocked: set[str], expired: set[str]
    ) -> tuple[list[_Held], list[tuple[int, float | None]]]:
        context = self._station.context
        with context.database.reading() as link:
            known = edges.blocks_of(link, (one.address for one in seen if one.reason == _AGAIN))
        # What knocks on a block that is over begins none: the switch is just letting go of it.
        if seen := [one for one in seen if one.reason != _AGAIN or one.address in known]:
            edges.record(context, seen)
        with context.database.reading() as link:
            live = edges.blocks_of(link, blocked | expired)
        held = [(live[source][0], LAYER, live[source][1]) for source in blocked if source in live]
        return held, [live[source] for source in expired - blocked if source in live]


def _wanted(wanted: str, ends: float | None) -> bool:
    return wanted == "blocked" and (ends is None or ends > time())


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _moment(event: Event) -> float:
    try:
        return float(event.get("at", 0)) or time()
    except (TypeError, ValueError):
        return time()
