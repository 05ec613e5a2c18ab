"""The agent: the long-running process beside a switch, which makes it match the database and tells what it sees.

It keeps nothing that it could not read again: killed at any moment, and started anew, it converges.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any

from cxtui.services import edge_reports
from cxtui.services.beats import Replaced
from cxtui.services.context import Context
from cxtui.store.errors import StoreError
from cxtui.store.watch import Watch

from .blocking import Blocking
from .comparing import Comparison
from .control import Control, Event, Refused, SwitchGone
from .heartbeat import Heartbeat
from .jobs import Jobs
from .noticing import Notice
from .publishing import Publisher
from .reconciling import Reconciliation
from .registrations import Registrations
from .station import Post, Station

_LOOK = 0.5
_BEAT = 5.0
_AGAIN = 0.5
_UNHEARD = 0.1
_UNREAD = 30.0
_COMPARE = 300.0
_FIRST_COMPARE = 2.0


class Agent:
    """One agent for one edge, until ``stop``."""

    def __init__(self, context: Context, post: Post) -> None:
        self._control = Control(self._hear, lambda: self._gone.set())
        self._station = Station(context, post, self._control)
        self._publisher = Publisher(self._station)
        self._heartbeat = Heartbeat(self._station, self._publisher, every=_BEAT, unread=_UNREAD)
        self._registrations = Registrations(self._station)
        self._blocking = Blocking(self._station)
        self._comparison = Comparison(self._station, self._blocking)
        reconciliation = Reconciliation(self._publisher, self._blocking, self._registrations, self._comparison)
        self._jobs = Jobs(self._station, self._registrations, reconciliation.run, reconciliation.compare)
        self._changed = asyncio.Event()
        self._gone = asyncio.Event()
        self._stopped = asyncio.Event()

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
        written = Notice(self._station.context.database.path.parent, self._changed.set)
        watch.start()
        try:
            while not self._stopped.is_set():
                trouble = await self._until_stopped(self._serve())
                if trouble:
                    await self._heartbeat.tell(trouble)
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
        self._station.forget()
        try:
            await self._control.connect(post.host, post.port, post.secret)
            while await self._was_replaced():
                self._jobs.cancel()
        except (SwitchGone, Refused, StoreError) as problem:
            # A switch may refuse without a word; an empty reason would be taken for the end, and tried again at once.
            return str(problem) or type(problem).__name__
        finally:
            self._jobs.cancel()
            await self._control.close()
        return "the connection to the switch broke"

    async def _was_replaced(self) -> bool:
        """Settle and work; True where that ended because the database is another one."""
        try:
            await self._settle()
            await self._work()
        except Replaced:
            return True
        return False

    async def _settle(self) -> None:
        """After a gap nothing is known: everything is read again before anything is followed."""
        self._publisher.forget()
        self._station.forget()
        await self._heartbeat.begin()
        await self._station.store(edge_reports.give_up_jobs, self._station.context, self._station.edge_id)
        await self._publisher.bring()
        await self._registrations.read_all()
        await self._blocking.restore()
        await self._heartbeat.settled()

    async def _work(self) -> None:
        self._changed.set()
        works = (
            self._follow_changes(),
            self._heartbeat.follow(self._changed.set),
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
            await self._station.recognise()
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

    async def _keep_comparing(self) -> None:
        await asyncio.sleep(_FIRST_COMPARE)
        while True:
            with suppress(Refused):
                await self._comparison.run()
            await asyncio.sleep(_COMPARE)

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
            self._heartbeat.hear_trouble()


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
