"""The agent: the long-running process beside a switch, which makes it match the database and tells what it sees.

It keeps nothing that it could not read again: killed at any moment, and started anew, it converges.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from time import monotonic, perf_counter, time
from typing import Any

from cxtui.services import edge_reports
from cxtui.services.context import Context
from cxtui.store.errors import StoreError
from cxtui.store.watch import Watch

from .blocking import Blocking
from .comparing import Comparison
from .control import Control, Event, Refused, SwitchGone
from .jobs import Jobs
from .noticing import Notice
from .publishing import Publisher
from .registrations import Registrations
from .station import Post, Station

_LOOK = 0.5
_BEAT = 5.0
_AGAIN = 0.5
_UNHEARD = 0.1
_UNREAD = 30.0
_UNREADABLE = "the switch cannot read the database: logins are answered with 500, and nobody is blocked for it"
_COMPARE = 300.0
_FIRST_COMPARE = 2.0


class Agent:
    """One agent for one edge, until ``stop``."""

    def __init__(self, context: Context, post: Post) -> None:
        self._control = Control(self._hear, lambda: self._gone.set())
        self._station = Station(context, post, self._control)
        self._publisher = Publisher(self._station)
        self._registrations = Registrations(self._station)
        self._blocking = Blocking(self._station)
        self._comparison = Comparison(self._station, self._blocking)
        self._jobs = Jobs(self._station, self._registrations, self._reconcile, self._compare)
        self._changed = asyncio.Event()
        self._gone = asyncio.Event()
        self._stopped = asyncio.Event()
        self._up_since: float | None = None
        self._trouble, self._told_at = "", 0.0
        self._unread_at: float | None = None

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()

    async def run(self) -> None:
        """Work until ``stop``. A switch or database that cannot be reached is tried again and again."""
        loop = asyncio.get_running_loop()

        def notice(*_: object) -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._changed.set)

        watch = Watch(self._station.context.database, notice, period=_LOOK)
        watch.start()
        written = Notice(self._station.context.database.path.parent, self._changed.set)
        try:
            while not self._stopped.is_set():
                trouble = await self._until_stopped(self._serve())
                if trouble:
                    await self._tell(trouble)
                    await self._until_stopped(asyncio.sleep(_AGAIN, ""))
        finally:
            watch.stop()
            written.stop()
            await self._control.close()
            self._station.close()

    async def _serve(self) -> str:
        """One connection from beginning to end; why it ended, empty when the agent was stopped."""
        post = self._station.post
        self._gone.clear()
        try:
            await self._control.connect(post.host, post.port, post.secret)
            await self._settle()
            await self._work()
        except (SwitchGone, Refused, StoreError) as problem:
            return str(problem)
        finally:
            self._jobs.cancel()
            await self._control.close()
        return "the connection to the switch broke"

    async def _settle(self) -> None:
        """After a gap nothing is known: everything is read again before anything is followed."""
        self._publisher.forget()
        await self._beat(trouble="")
        self._trouble = ""
        await self._station.store(edge_reports.give_up_jobs, self._station.context, self._station.edge_id)
        await self._publisher.bring()
        await self._registrations.read_all()
        await self._blocking.restore()

    async def _work(self) -> None:
        self._changed.set()
        works = (
            self._follow_changes(),
            self._keep_beating(),
            self._keep_comparing(),
            self._registrations.follow(),
            self._registrations.poll(),
            self._blocking.follow(),
            self._gone.wait(),
        )
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _end(tasks)

    async def _follow_changes(self) -> None:
        while True:
            await self._wait_for_change()
            self._changed.clear()
            if monotonic() >= self._publisher.refused_until:
                await self._publisher.bring()
            await self._jobs.take()
            await self._blocking.reconcile()

    async def _wait_for_change(self) -> None:
        """A commit, or the moment to try a refused reload again."""
        left = self._publisher.refused_until - monotonic() if self._publisher.refused_until else None
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, left) if left is not None else None):
                await self._changed.wait()

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            await self._beat(**self._reading())
            self._changed.set()

    async def _keep_comparing(self) -> None:
        await asyncio.sleep(_FIRST_COMPARE)
        while True:
            with suppress(Refused):
                await self._comparison.run()
            await asyncio.sleep(_COMPARE)

    def _reading(self) -> dict[str, object]:
        """Whether the switch could read the database of late; it tells when it could not."""
        if self._unread_at is None:
            return {}
        if monotonic() - self._unread_at < _UNREAD:
            return {"refusal": _UNREADABLE}
        self._unread_at = None
        return {} if self._publisher.refused_until else {"refusal": ""}

    async def _beat(self, **more: object) -> None:
        ask = self._station.ask
        began = perf_counter()
        software = str(await ask("core.version"))
        trip = round((perf_counter() - began) * 1e6)
        uptime = await ask("core.uptime")
        seconds = int(uptime.get("uptime", 0)) if isinstance(uptime, dict) else 0
        up_since = time() - seconds
        if self._up_since is None or abs(up_since - self._up_since) > 2:
            self._up_since = up_since
        calls = await ask("dlg.stats_active")
        counts = await ask("stats.get_statistics", "usrloc:")
        await self._station.beat(
            listens=self._station.post.listens,
            software=software[:80],
            up_since=self._up_since,
            calls=int(calls.get("all", 0)) if isinstance(calls, dict) else 0,
            registered=_statistic(counts, "usrloc:location_contacts"),
            round_trip=trip,
            ping_interval=max(1, round(self._station.post.ping_interval)),
            **more,
        )

    async def _reconcile(self) -> str:
        """Load everything anew and compare."""
        self._publisher.forget()
        for method in ("permissions.addressReload", "dialplan.reload"):
            await self._publisher.order(method)
        await self._publisher.bring()
        held = await self._blocking.held()
        await self._blocking.drop_strangers(held)
        await self._blocking.restore()
        await self._blocking.reconcile()
        await self._registrations.read_all()
        return await self._compare()

    async def _compare(self) -> str:
        found = await self._comparison.run()
        return f"{len(found)} difference{'s' if len(found) != 1 else ''}." if found else "No difference."

    async def _tell(self, trouble: str) -> None:
        """Write down why the switch is not reached; where even that is impossible, the silence tells it.

        Every commit wakes every console, so the same trouble is only told with the next heartbeat.
        """
        if trouble == self._trouble and monotonic() - self._told_at < _BEAT:
            return
        with suppress(StoreError):
            await self._station.beat(trouble=trouble[:300])
            self._trouble, self._told_at = trouble, monotonic()

    async def _until_stopped(self, work: Coroutine[Any, Any, str]) -> str:
        """What ``work`` gives; it is left where it is once the agent is stopped."""
        working = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else ""
        finally:
            await _end((working, stopped))

    def _hear(self, event: Event) -> None:
        kind = event["event"]
        if kind in ("registered", "expired"):
            self._registrations.hear(event)
        elif kind in ("failed", "dropped", "unblocked"):
            self._blocking.hear(event)
        elif kind in ("replied", "message"):
            self._jobs.hear(event)
        elif kind == "trouble":
            self._unread_at = monotonic()


async def _end(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Cancel tasks until they have ended: one that is just given its answer may not notice the first time."""
    left = set(tasks)
    while left := {task for task in left if not task.done()}:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_UNHEARD)
    for task in tasks:
        if not task.cancelled():
            task.exception()


def _statistic(said: Any, name: str) -> int:
    for line in said if isinstance(said, list) else []:
        found, _, value = str(line).partition(" = ")
        if found == name and value.isdigit():
            return int(value)
    return 0
