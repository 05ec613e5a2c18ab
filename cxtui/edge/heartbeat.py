"""The heartbeat of an edge: that its agent lives, what its switch says of itself, and why it is not reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, perf_counter, time
from typing import Any

from cxtui.store.errors import StoreError

from .publishing import Publisher
from .station import Station

_STEADY = 2.0
"""The switch counts whole seconds: a start that seems to have moved by less is the same start."""

_UNREADABLE = "the switch cannot read the database: logins are answered with 500, and nobody is blocked for it"


class Heartbeat:
    """Beats for one edge every ``every`` seconds.

    That the switch cannot read the database is told until it was silent about that for ``unread`` seconds.
    """

    def __init__(self, station: Station, publisher: Publisher, *, every: float, unread: float) -> None:
        self._station = station
        self._publisher = publisher
        self._every, self._unread = every, unread
        self._unread_at: float | None = None
        self._up_since: float | None = None
        self._trouble, self._told_at = "", 0.0

    def hear_trouble(self) -> None:
        """The switch just could not read the database."""
        self._unread_at = monotonic()

    async def begin(self) -> None:
        """Beat for the first time on a connection, before the switch is known. Raises ``Refused`` or ``SwitchGone``."""
        await self._beat()

    async def settled(self) -> None:
        """The switch has said all that is asked at the beginning: it is reached."""
        await self._station.beat(trouble="")
        self._trouble = ""

    async def follow(self, beaten: Callable[[], object]) -> None:
        """Beat, and call ``beaten`` after each; runs until it is cancelled. Raises ``Refused`` or ``SwitchGone``."""
        while True:
            await asyncio.sleep(self._every)
            await self._beat(**self._reading())
            beaten()

    async def tell(self, trouble: str) -> None:
        """Write down why the switch is not reached; where even that is impossible, the silence tells it.

        Every commit wakes every console, so the same trouble is only told with the next heartbeat.
        """
        if trouble == self._trouble and monotonic() - self._told_at < self._every:
            return
        with suppress(StoreError):
            await self._station.beat(trouble=trouble[:300])
            self._trouble, self._told_at = trouble, monotonic()

    def _reading(self) -> dict[str, object]:
        """Whether the switch could read the database of late; it tells when it could not."""
        if self._unread_at is None:
            return {}
        if monotonic() - self._unread_at < self._unread:
            return {"refusal": _UNREADABLE}
        self._unread_at = None
        return {} if self._publisher.refused_until else {"refusal": ""}

    async def _beat(self, **more: object) -> None:
        ask, post = self._station.ask, self._station.post
        began = perf_counter()
        software = str(await ask("core.version"))
        trip = round((perf_counter() - began) * 1e6)
        up_since = self._started(await ask("core.uptime"))
        calls = await ask("dlg.stats_active")
        counts = await ask("stats.get_statistics", "usrloc:")
        await self._station.beat(
            listens=post.listens,
            software=software[:80],
            up_since=up_since,
            calls=int(calls.get("all", 0)) if isinstance(calls, dict) else 0,
            registered=_statistic(counts, "usrloc:location_contacts"),
            round_trip=trip,
            ping_interval=max(1, round(post.ping_interval)),
            **more,
        )

    def _started(self, uptime: Any) -> float:
        """When the switch started."""
        up_since = time() - (int(uptime.get("uptime", 0)) if isinstance(uptime, dict) else 0)
        if self._up_since is None or abs(up_since - self._up_since) > _STEADY:
            self._up_since = up_since
        return self._up_since


def _statistic(said: Any, name: str) -> int:
    for line in said if isinstance(said, list) else []:
        found, _, value = str(line).partition(" = ")
        if found == name and value.isdigit():
            return int(value)
    return 0
