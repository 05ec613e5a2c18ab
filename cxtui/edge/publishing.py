"""Bringing a switch to the newest configuration, and proving that it runs it (S-014, W-034)."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from cxtui.rules.printable import clean
from cxtui.services import edge_reports

from .control import Refused
from .proofs import changed_since, unproven
from .station import Station

_ROUNDS = 6
_ONGOING = 0.05
_ONGOING_MOST = 60
_FIRST_RETRY = 2.0
_LAST_RETRY = 60.0
_RELOAD_TIMEOUT = 60.0
_LOG_READ = 16_384
_SAID = 360


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the database wants an edge to run."""

    generation: int
    addresses: int
    rewrites: int
    changed_at: float
    audited: int = field(compare=False)


def wanted(link: sqlite3.Connection) -> Wanted:
    """The newest configuration, and how far the audit had come with it."""
    row = link.execute(
        "SELECT generation, addresses_at, rewrites_at, changed_at, (SELECT coalesce(max(id), 0) FROM audit)"
        " FROM account WHERE id = 1"
    ).fetchone()
    return Wanted(*row)


class Publisher:
    """Follows the generation of the database at one switch."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._proven: Wanted | None = None
        self._audited = 0
        self._retry = _FIRST_RETRY
        self._log_at = 0
        self.refused_until = 0.0
        """When a refused reload is tried again, by the monotonic clock; 0 where none was refused."""

    async def bring(self) -> None:
        """Reload what is behind, read back what runs, and write down what was proven. Raises ``SwitchGone``."""
        station = self._station
        for _ in range(_ROUNDS):
            aim = await station.store(self._wanted)
            # After a refusal the database may be back at what was proven: then the refusal is over.
            if aim == self._proven and not self.refused_until:
                return
            try:
                live = await self._live()
                if live != (aim.addresses, aim.rewrites, aim.generation):
                    await self._reload(aim, live)
                    live = await self._live()
                # Where changes come faster than reloads end, the switch runs a later one by now.
                if _between(aim, live, await station.store(self._wanted)):
                    await self._prove(aim)
                    return
            except Refused as refusal:
                await self._refused(refusal)
                return
        await self._refused(Refused(500, "the reload was taken, and yet another generation is read back"))

    def forget(self) -> None:
        """The switch may run something else now: nothing is proven any more."""
        self._proven = None
        self.refused_until = 0.0

    def _wanted(self) -> Wanted:
        with self._station.context.database.reading() as link:
            return wanted(link)

    async def _live(self) -> tuple[int, int, int]:
        read = await self._station.ask("cxtui.generation")
        return _number(read, "addresses"), _number(read, "rewrites"), _number(read, "database")

    async def _reload(self, aim: Wanted, live: tuple[int, int, int]) -> None:
        if live[0] != aim.addresses:
            await self.order("permissions.addressReload")
        if live[1] != aim.rewrites:
            await self.order("dialplan.reload")
        if live[2] != aim.generation:
            # The switch's connection reads the file itself; a moment later it is the same as ours.
            await asyncio.sleep(_ONGOING / 10)

    async def order(self, method: str) -> None:
        """Have the switch reload something. Raises ``Refused`` with what it said."""
        self._log_at = await asyncio.to_thread(self._log_size)
        for _ in range(_ONGOING_MOST):
            try:
                await self._station.ask(method, timeout=_RELOAD_TIMEOUT)
                return
            except Refused as refusal:
                if "ongoing reload" not in refusal.said:
                    raise Refused(refusal.code, f"{method}: {refusal.said}") from None
            # One reload of a module a second: the switch itself keeps that pause.
            await asyncio.sleep(_ONGOING)
        raise Refused(500, f"{method}: still another reload after {_ONGOING * _ONGOING_MOST:g} s")

    async def _prove(self, aim: Wanted) -> None:
        station, first = self._station, self._proven is None
        verified = time()
        if not first and (missing := await self._missing(aim)):
            raise Refused(500, missing)
        self._audited = aim.audited
        reloaded = {"reloaded_at": verified} if self._changes_memory(aim) else {}
        self._proven, self._retry, self.refused_until = aim, _FIRST_RETRY, 0.0
        station.generation = aim.generation
        if not first:
            way = (aim.generation, aim.changed_at, verified)
            await station.store(edge_reports.published, station.context, station.edge_id, *way)
        await station.beat(refusal="", retry_at=None, **reloaded)

    async def _missing(self, aim: Wanted) -> str:
        """What the switch does not show of this change; a row that was saved once more is not of it."""
        station = self._station
        rows = await station.store(changed_since, station.context, self._audited, aim.audited)
        while missing := await unproven(station, rows):
            left = await station.store(changed_since, station.context, self._audited, aim.audited)
            if left == rows:
                return missing
            rows = left
        return ""

    def _changes_memory(self, aim: Wanted) -> bool:
        before = self._proven
        return before is None or (before.addresses, before.rewrites) != (aim.addresses, aim.rewrites)

    async def _refused(self, refusal: Refused) -> None:
        self.refused_until, again = monotonic() + self._retry, time() + self._retry
        self._retry = min(2 * self._retry, _LAST_RETRY)
        said = refusal.said
        reason = await asyncio.to_thread(self._errors_since, self._log_at)
        if reason:
            said = f"{said} ({reason})"
        await self._station.beat(refusal=said[:500], retry_at=again)

    def _log_size(self) -> int:
        log = self._station.post.log
        try:
            return log.stat().st_size if log is not None else 0
        except OSError:
            return 0

    def _errors_since(self, size: int) -> str:
        """What the switch wrote into its log meanwhile, cleaned; it names the row, which the RPC does not."""
        log = self._station.post.log
        if log is None:
            return ""
        try:
            with log.open("rb") as file:
                file.seek(size if size <= log.stat().st_size else 0)
                lines = file.read(_LOG_READ).decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        errors = [line.partition("]: ")[2] or line for line in lines if "ERROR" in line or "CRITICAL" in line]
        return clean("; ".join(dict.fromkeys(errors)))[:_SAID]


def _between(aim: Wanted, live: tuple[int, int, int], newest: Wanted) -> bool:
    """Whether what was read back is one configuration, a later one, or any between them."""
    first = (aim.addresses, aim.rewrites, aim.generation)
    last = (newest.addresses, newest.rewrites, newest.generation)
    return all(one <= read <= other for one, read, other in zip(first, live, last, strict=True))


def _number(read: Any, name: str) -> int:
    text = str(read.get(name, "")) if isinstance(read, dict) else ""
    return int(text) if text.isascii() and text.isdigit() else -1
