"""Blocks at one switch: those it made itself, those it has to make, and those it has to let go of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from time import time
from typing import Any

from cxtui.services import edges
from cxtui.services.edges import Sighting

from .control import Event, Refused
from .evidence import Evidence, canonical
from .proofs import newest_audit
from .station import Station

LAYER = "table"
TABLE = "blocked"
_AGAIN = "knocks on"
_FLUSH = 0.2
_AT_ONCE = 100
_ROUNDS = 2_000
_FOR_EVER = 10 * 365 * 86_400
_DUMP_TIMEOUT = 60.0


class Blocking:
    """The switch's table of blocked addresses and the database's blocks, made the same."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._evidence = Evidence()
        self._blocked: set[str] = set()
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
            if event.get("blocked"):
                self._blocked.add(source)
                self._stir.set()
        elif event["event"] == "dropped":
            count = event.get("count")
            self._drops[source] = count if isinstance(count, int) else 0
            self._stir.set()
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
        held = await self.held()
        while page := await station.store(self._page, after):
            lost = [row for row in page if row[1] not in held]
            await self._hold([(key, address, ends) for key, address, wanted, ends in lost if _wanted(wanted, ends)])
            await self._report([], [(key, LAYER) for key, _, wanted, ends in lost if not _wanted(wanted, ends)])
            after = page[-1][0]
        self._after = 0

    async def held(self) -> set[str]:
        """The addresses in the switch's table."""
        said = await self._station.ask("htable.dump", TABLE, timeout=_DUMP_TIMEOUT)
        slots = said if isinstance(said, list) else []
        entries = (entry for slot in slots if isinstance(slot, dict) for entry in slot.get("slot", ()))
        return {canonical(str(entry.get("name", ""))) for entry in entries if isinstance(entry, dict)} - {""}

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

    async def drop_strangers(self, held: set[str]) -> None:
        """Let go of what the switch blocks and the database knows no block of."""
        known = await self._station.store(self._known, held)
        for address in held - known:
            await self._delete(address)

    def _known(self, addresses: set[str]) -> set[str]:
        with self._station.context.database.reading() as link:
            return {*edges.blocks_of(link, addresses)}

    def _work(self) -> tuple[list[tuple[int, str, float | None]], list[tuple[int, str]], int]:
        station = self._station
        audited = newest_audit(station.context)
        with station.context.database.reading() as link:
            to_hold = edges.fresh(link, station.edge_id, self._after, self._audited, time())
            to_free = edges.leaving(link, station.edge_id)
        return to_hold, to_free, audited

    def _page(self, after: int) -> list[tuple[int, str, str, float | None]]:
        with self._station.context.database.reading() as link:
            return edges.holds(link, self._station.edge_id, LAYER, after)

    async def _hold(self, rows: Sequence[tuple[int, str, float | None]]) -> None:
        now, proven = time(), []
        for part in _parts(rows):
            asked = (self._set(address, ends, now) for _, address, ends in part)
            answers = await asyncio.gather(*asked)
            proven += [(key, LAYER, ends) for (key, _, ends), good in zip(part, answers, strict=True) if good]
        await self._report(proven, [])

    async def _set(self, address: str, ends: float | None, now: float) -> bool:
        left = _FOR_EVER if ends is None else max(1, round(ends - now))
        await self._station.ask("htable.setxs", TABLE, address, "wanted", left)
        return await self._is_held(address)

    async def _free(self, rows: Sequence[tuple[int, str]]) -> None:
        freed = []
        for part in _parts(rows):
            answers = await asyncio.gather(*(self._delete(address) for _, address in part))
            freed += [(key, LAYER) for (key, _), good in zip(part, answers, strict=True) if good]
        await self._report([], freed)

    async def _delete(self, address: str) -> bool:
        # What was counted of it goes too: the next mistake would else block it again at once.
        for table in (TABLE, "failures", "unasked", "drops"):
            try:
                await self._station.ask("htable.delete", table, address)
            except Refused:
                continue
        self._dropped.pop(address, None)
        return not await self._is_held(address)

    async def _is_held(self, address: str) -> bool:
        try:
            await self._station.ask("htable.get", TABLE, address)
        except Refused:
            return False
        return True

    async def _report(self, held: Iterable[tuple[int, str, float | None]], released: Iterable[tuple[int, str]]) -> None:
        held, released = list(held), list(released)
        if held or released:
            station = self._station
            await station.store(edges.report, station.context, station.edge_id, held, released)

    async def _flush(self) -> None:
        blocked, self._blocked = self._blocked, set()
        expired, self._expired = self._expired, set()
        drops, self._drops = self._drops, {}
        ends = time() + self._station.post.block_seconds
        seen = [found for source in blocked if (found := self._evidence.sighting(source, ends)) is not None]
        seen += self._more(drops)
        held, released = await self._station.store(self._write, seen, blocked, expired)
        await self._report(held, released)

    def _more(self, drops: dict[str, int]) -> list[Sighting]:
        """What blocked sources sent since they were told of last."""
        found = []
        for source, count in drops.items():
            before = self._dropped.get(source, 0)
            self._dropped[source] = count
            if count > before:
                found.append(Sighting(source, time(), count - before, _AGAIN, source=LAYER))
        return found

    def _write(
        self, seen: list[Sighting], blocked: set[str], expired: set[str]
    ) -> tuple[list[tuple[int, str, float | None]], list[tuple[int, str]]]:
        context = self._station.context
        with context.database.reading() as link:
            known = edges.blocks_of(link, (one.address for one in seen if one.reason == _AGAIN))
        # What knocks on a block that is over begins none: the switch is just letting go of it.
        if seen := [one for one in seen if one.reason != _AGAIN or one.address in known]:
            edges.record(context, seen)
        with context.database.reading() as link:
            live = edges.blocks_of(link, blocked | expired)
        held = [(live[source][0], LAYER, live[source][1]) for source in blocked if source in live]
        return held, [(live[source][0], LAYER) for source in expired - blocked if source in live]


def _wanted(wanted: str, ends: float | None) -> bool:
    return wanted == "blocked" and (ends is None or ends > time())


def _parts(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
