"""A switch and its agent in one process, until somebody ends it: an edge to try, without installing anything."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any

from cxtui.services import edges
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.store.errors import StoreError

from .agent import Agent
from .site import EdgeError, Site
from .sites import post_of
from .station import Post
from .telling import Tell, Teller
from .trial import Trial

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 60.0
"""Seconds after which a switch that ended is started again at once: it did not end for the same reason."""

_A_BEAT = 7.0
_LOOK = 0.1


class Foreground:
    """One edge in the foreground. ``tell`` gets each line that the operator should read."""

    def __init__(self, context: Context, site: Site, tell: Tell) -> None:
        self.trial = Trial(site)
        self._context = context
        self._site = site
        self._tell = tell
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()

    async def run(self) -> None:
        """Work until ``stop``; then the switch is ended and the edge leaves the database. Raises ``EdgeError``."""
        name = self._site.name
        with ExitStack() as kept:
            kept.enter_context(_only_one(self._site.run, name))
            await self._refuse_second()
            if self._stopped.is_set():
                return
            began = monotonic()
            try:
                await self.trial.start()
                self._tell(f"Kamailio is ready after {monotonic() - began:.1f} s, process {self.trial.pid}.")
                self._tell(f"It listens on {', '.join(self._site.listens)}. Its log: {self.trial.log}")
                await self._work()
            finally:
                await self.trial.stop()
                with suppress(StoreError):
                    edges.leave(self._context, name)
        self._tell(f"{name} has ended and left the list of edges.")

    async def _work(self) -> None:
        post = post_of(self._site, self.trial.log)
        await attend(self._context, post, self._tell, self._keep_switch(), self._stopped.wait())

    async def _keep_switch(self) -> None:
        """Start the switch again whenever it ends, after pauses that grow."""
        pause, since = _FIRST_PAUSE, monotonic()
        while True:
            code = await self.trial.wait()
            if monotonic() - since > _STEADY:
                pause = _FIRST_PAUSE
            self._tell(f"Kamailio ended ({_ended(code)}); it is started again in {pause:g} s.")
            await asyncio.sleep(pause)
            pause, since = min(2 * pause, _LONGEST_PAUSE), monotonic()
            try:
                await self.trial.start()
                self._tell(f"Kamailio is ready again, process {self.trial.pid}.")
            except EdgeError as problem:
                self._tell(str(problem))

    async def _refuse_second(self) -> None:
        """Raise ``EdgeError`` where an agent speaks for this edge already, wherever it runs."""
        name = self._site.name
        heard = self._heartbeat()
        if self._context.now() - heard > SILENT_AFTER:
            return
        self._tell(f"{name} spoke a moment ago: looking whether its agent still lives …")
        until = monotonic() + _A_BEAT
        while monotonic() < until and not self._stopped.is_set():
            if self._heartbeat() != heard:
                raise EdgeError(f"An agent speaks for {name} already: end it, or choose another name with --name.")
            await asyncio.sleep(_LOOK)

    def _heartbeat(self) -> float:
        with self._context.database.reading() as link:
            row = link.execute("SELECT heartbeat_at FROM edge WHERE name = ?", (self._site.name,)).fetchone()
        return float(row[0]) if row else 0.0


async def attend(context: Context, post: Post, tell: Tell, *others: Coroutine[Any, Any, Any]) -> None:
    """Run an agent, and tell how its edge stands, until one of ``others`` ends."""
    agent = Agent(context, post)
    working = asyncio.ensure_future(agent.run())
    beside = [asyncio.ensure_future(work) for work in (Teller(context, post.name, tell).follow(), *others)]
    try:
        done, _ = await asyncio.wait([working, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        agent.stop()
        await working


def until_signalled(work: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], object]) -> None:
    """Run ``work`` in a loop of its own; SIGINT and SIGTERM call ``stop``."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        await work()

    asyncio.run(main())


def runs_in(run: Path) -> bool:
    """Whether an edge runs in the foreground with its files in this folder."""
    try:
        with (run / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _only_one(run: Path, name: str) -> IO[bytes]:
    """The lock of a folder, held until it is closed. Raises ``EdgeError`` where it is held, or not ours alone."""
    try:
        run.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = run.stat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise EdgeError(f"{run} is not yours alone: name a folder with --run that nobody else can write to.")
        lock = (run / "lock").open("ab")
    except OSError as problem:
        raise EdgeError(f"The folder {run} cannot be used: {problem.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise EdgeError(f"{name} runs already in {run}: end it, or choose another name with --name.") from None
    return lock


def _ended(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
