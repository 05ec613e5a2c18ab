"""What operators asked an edge to do once: a ping, a message, a removal, a watch, a comparison."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from time import time
from typing import Any

from cxtui.models.edge_job import EdgeJob, Task
from cxtui.models.errors import SentenceError
from cxtui.models.registration import Registration
from cxtui.services import edge_reports
from cxtui.store.errors import StoreError
from cxtui.store.rows import by_id, first

from .contacts import Contact
from .control import Event, Refused
from .pings import remember
from .registrations import Registrations
from .station import Station
from .watches import Watches

_ANSWER = 35.0
"""Longer than the switch itself waits for an answer."""

_TIMED_OUT = 2
_METHODS = {Task.PING: "OPTIONS", Task.MESSAGE: "MESSAGE"}


class Jobs:
    """Carries out the jobs of one edge, each on its own, so that a silent phone holds up no other."""

    def __init__(
        self,
        station: Station,
        registrations: Registrations,
        reconcile: Callable[[], Awaitable[str]],
        compare: Callable[[], Awaitable[str]],
    ) -> None:
        self._station = station
        self._registrations = registrations
        self._all: dict[Task, Callable[[], Awaitable[str]]] = {Task.RECONCILE: reconcile, Task.COMPARE: compare}
        self._replies: dict[str, asyncio.Future[Event]] = {}
        self._watches = Watches(station)
        self._running: set[asyncio.Task[None]] = set()

    def hear(self, event: Event) -> None:
        """An answer to what was sent, or a message of a watched user."""
        if event["event"] == "message":
            self._watches.hear(event)
            return
        waiting = self._replies.get(str(event.get("call", "")))
        if waiting is not None and not waiting.done():
            waiting.set_result(event)

    async def take(self) -> None:
        """Begin the jobs that wait."""
        for job in await self._station.store(edge_reports.take_jobs, self._station.context, self._station.edge_id):
            task = asyncio.create_task(self._carry_out(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """Leave what is running; it is told as given up when the agent is back."""
        for task in self._running:
            task.cancel()

    async def _carry_out(self, job: EdgeJob) -> None:
        try:
            await self._do(job)
        except SentenceError as problem:
            said = f"The switch did not do it: {problem}." if isinstance(problem, Refused) else str(problem)
            # Where the connection or the database broke, it is told as given up when the agent is back.
            with suppress(StoreError):
                await self._end(job, said, failed=True)

    async def _do(self, job: EdgeJob) -> None:
        if job.task not in set(Task):
            await self._end(job, "The agent of this edge is older and does not know how.", failed=True)
            return
        task = Task(job.task)
        if task in self._all:
            await self._end(job, await self._all[task]())
        elif task is Task.WATCH:
            await self._watch(job)
        else:
            row = await self._station.store(self._registration, job)
            contact = await self._registrations.find(row.username, row.ruid) if row else None
            if row is None or contact is None:
                await self._end(job, "It is not registered any more.", failed=True)
            elif task is Task.REMOVE:
                gone = await self._registrations.remove(row.username, row.ruid)
                await self._end(job, "Removed." if gone else "The switch still holds it.", failed=not gone)
            else:
                await self._send(job, _METHODS[task], row, contact)

    def _registration(self, job: EdgeJob) -> Registration | None:
        with self._station.context.database.reading() as link:
            found = by_id(link, Registration, job.registration_id) if job.registration_id else None
            if found is None and job.ruid:
                found = first(link, Registration, "edge_id = ? AND ruid = ?", (self._station.edge_id, job.ruid))
        return found

    async def _send(self, job: EdgeJob, method: str, row: Registration, contact: Contact) -> None:
        name = f"{job.id}-{secrets.token_hex(4)}"
        answer: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        self._replies[f"cxtui-{name}"] = answer
        # As a call would go: where it registered from if it is behind a NAT, else where it said.
        places = (_known(contact, part) for part in ("Address", "Received", "Socket"))
        try:
            sent = await self._station.ask("cxtui.send", name, method, *places, job.body)
            if not isinstance(sent, dict) or sent.get("sent") != 1:
                await self._end(job, "The switch could not send it.", failed=True)
                return
            async with asyncio.timeout(_ANSWER):
                replied = await answer
        except TimeoutError:
            await self._end(job, "The switch told of no answer.", failed=True)
            return
        finally:
            self._replies.pop(f"cxtui-{name}", None)
        await self._answered(job, row, sent, replied)

    async def _answered(self, job: EdgeJob, row: Registration, sent: Any, replied: Event) -> None:
        status = int(replied.get("code", 0) or 0)
        if replied.get("type") == _TIMED_OUT or status == 0:
            await self._pinged(job, row, None)
            waited = max(0.0, _moment(replied, "at") - _moment(sent, "began"))
            await self._end(job, f"No answer in {waited:.0f} s.", failed=True)
            return
        trip = max(0, round((_moment(replied, "at") - _moment(sent, "began")) * 1e6))
        await self._pinged(job, row, trip)
        refused = job.task == Task.MESSAGE and status >= 300
        await self._end(job, f"Answered {status} in {trip / 1000:.1f} ms.", failed=refused, status=status, trip=trip)

    async def _pinged(self, job: EdgeJob, asked: Registration, trip: int | None) -> None:
        """A ping by hand stands in the history like any other."""
        # It may have registered anew meanwhile.
        row = await self._station.store(self._registration, job)
        if job.task != Task.PING or row is None or row.ruid != asked.ruid:
            return
        now = time()
        row = replace(row, round_trip=trip, pings=remember(row.pings, now, trip))
        if trip is not None:
            row = replace(row, last_ping_at=now, missed=0)
        await self._station.store(edge_reports.registered, self._station.context, [row], [])

    async def _watch(self, job: EdgeJob) -> None:
        seen = await self._watches.run(job)
        if seen is not None:
            await self._end(job, seen.result, failed=not seen.ladder, ladder=seen.ladder)

    async def _end(
        self,
        job: EdgeJob,
        result: str,
        *,
        failed: bool = False,
        status: int = 0,
        trip: int | None = None,
        ladder: str = "",
    ) -> None:
        await self._station.store(
            edge_reports.finish_job,
            self._station.context,
            job,
            result,
            failed=failed,
            status=status,
            round_trip=trip,
            ladder=ladder,
        )


def _known(contact: Contact, name: str) -> str:
    text = str(contact.get(name, ""))
    return "" if text in ("<null>", "[not set]") else text


def _moment(said: Any, name: str) -> float:
    try:
        return float(said[name])
    except (TypeError, ValueError, KeyError):
        return 0.0
