"""A real switch with its agent over a database, on loopback, for one test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

from cxtui.edge.agent import Agent
from cxtui.edge.site import Site
from cxtui.edge.station import Post
from cxtui.edge.trial import Trial
from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.edge.clients.ports import free
from tests.support import query

SECRET = "a-secret-of-the-tests-0123"
PATIENCE = 10.0


class Bench:
    """One edge: ``site`` is how its switch is configured, ``address`` where it takes SIP (UDP and TCP).

    The switch and the agent run in a thread of their own; ``stop_switch``, ``kill_switch``, ``stop_agent`` and their
    opposites let them come and go. ``rpc`` asks the switch by the agent's own connection.
    """

    def __init__(self, context: Context, run: Path, name: str = "edge1", host: str = "127.0.0.1", **site: Any) -> None:
        self.context = replace(context, now=time, database=Database(context.database.path))
        self.name = name
        port, control = free(2), free()
        self.address = f"{host}:{port}"
        listens = (f"udp:{self.address}", f"tcp:{self.address}", f"udp:[::1]:{port + 1}")
        self.address6 = f"[::1]:{port + 1}"
        known = {
            "realm": "sip.example.net",
            "database": str(context.database.path),
            "children": 2,
            "reply_timeout": 1500,
        }
        self.site = Site(
            **{**known, "name": name, "run": run / name, "listens": listens, "secret": SECRET, **site},
            control=f"127.0.0.1:{control}",
        )
        self.trial = Trial(self.site)
        self.agent: Agent | None = None
        self._working: Future[None] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"bench-{name}", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The SIP port."""
        return int(self.address.rpartition(":")[2])

    def start(self) -> Bench:
        """Start switch and agent, and wait until the agent has proven what runs."""
        self.start_switch()
        self.start_agent()
        self.until_proven()
        return self

    def start_switch(self) -> None:
        """Start the switch."""
        self._do(self.trial.start())

    def stop_switch(self) -> None:
        """End the switch politely."""
        self._do(self.trial.stop())

    def kill_switch(self) -> None:
        """End the switch and all of its processes at once."""
        import os
        import signal

        os.killpg(self.trial.pid, signal.SIGKILL)
        self._do(self.trial.wait())

    def start_agent(self) -> None:
        """Start an agent, as another process would."""
        post = Post(
            name=self.name,
            port=self.site.control_port,
            secret=SECRET,
            ping_interval=self.site.ping_interval,
            missed_pings=self.site.missed_pings,
            block_seconds=self.site.block_seconds,
            listens=" ".join(self.site.listens),
            log=self.trial.log,
        )

        async def make() -> Agent:
            return Agent(self.context, post)

        self.agent = self._do(make())
        self._working = asyncio.run_coroutine_threadsafe(self.agent.run(), self._loop)

    def stop_agent(self) -> None:
        """End the agent."""
        if self.agent is not None and self._working is not None:
            self._loop.call_soon_threadsafe(self.agent.stop)
            self._working.result(PATIENCE)
            self.agent = None

    def rpc(self, method: str, *given: Any) -> Any:
        """What the switch answers to an RPC. Raises ``Refused``."""
        assert self.agent is not None
        return self._do(self.agent._control.call(method, *given))

    def until(self, condition: Callable[[], Any], what: str = "", seconds: float = PATIENCE) -> Any:
        """Wait until a condition holds, and return what it gave."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            if self._working is not None and self._working.done() and self._working.exception():
                raise AssertionError("the agent ended") from self._working.exception()
            if found := condition():
                return found
            sleep(0.01)
        raise AssertionError(f"not within {seconds:g} s: {what or condition}; the edge says {self.row()}")

    def until_proven(self) -> int:
        """Wait until the edge is proven to run the newest generation, and return it."""

        def proven() -> int:
            found = query(
                self.context.database,
                "SELECT account.generation FROM account, edge WHERE name = ? AND edge.generation = account.generation"
                " AND edge.trouble = ''",
                (self.name,),
            )
            # A new database begins with generation 0.
            return int(found[0][0]) + 1 if found else 0

        return int(self.until(proven, "the newest generation is proven")) - 1

    def row(self) -> dict[str, Any]:
        """What the agent said of its edge."""
        columns = [row[1] for row in query(self.context.database, "PRAGMA table_info(edge)")]
        found = query(self.context.database, "SELECT * FROM edge WHERE name = ?", (self.name,))
        return dict(zip(columns, found[0], strict=True)) if found else {}

    def log(self) -> str:
        """What the switch said."""
        return self.trial.log.read_text(encoding="utf-8", errors="replace") if self.trial.log.exists() else ""

    def close(self) -> None:
        """End everything."""
        try:
            self.stop_agent()
        finally:
            self.stop_switch()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
            self._loop.close()
            self.context.database.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
