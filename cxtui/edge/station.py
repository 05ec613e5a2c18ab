"""What the parts of an agent share: its edge, its database and the connection to its switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from cxtui.services import beats
from cxtui.services.context import Context

from .control import Control

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where an agent stands: the name of its edge and how its switch is reached.

    ``ping_interval`` and ``block_seconds`` count seconds and are those of the switch's configuration;
    ``missed_pings`` is after how many unanswered pings a registration in the mode *Enabled (Timeout)* is removed.
    ``log`` is the switch's log, for what it says when it refuses; None where there is no file.
    """

    name: str
    port: int
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    ping_interval: float = 60.0
    missed_pings: int = 3
    block_seconds: float = 3600.0
    listens: str = ""
    log: Path | None = None


class Station:
    """One agent at work. The database is used in one thread of its own, so that a slow disk stalls no event."""

    def __init__(self, context: Context, post: Post, control: Control) -> None:
        self.context = context
        self.post = post
        self.control = control
        self.generation = 0
        self._beaten = beats.Beat()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cxtui-agent-db")

    async def store(self, service: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
        """Run a service, in order with all others of this agent. Raises what the service raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(service, *given, **more))

    async def beat(self, **facts: object) -> None:
        """Say that the agent lives, and what it saw of its edge."""
        said = partial(beats.beat, self.context, self._beaten, self.post.name, self.generation, **facts)
        self._beaten = await self.store(said)

    async def recognise(self) -> None:
        """Raise ``Replaced`` where what this agent wrote down is gone, and with it all that it knows of the rows."""
        await self.store(self._recognise)

    def forget(self) -> None:
        """Take the database as it is now."""
        self._beaten = beats.Beat(self.edge_id)

    @property
    def edge_id(self) -> int:
        """The id of the edge in the database."""
        return self._beaten.edge_id

    def _recognise(self) -> None:
        with self.context.database.reading() as link:
            beats.recognise(link, self._beaten)

    async def ask(self, method: str, *given: Any, timeout: float = 10.0) -> Any:
        """The result of an RPC at the switch. Raises ``Refused`` or ``SwitchGone``."""
        return await self.control.call(method, *given, timeout=timeout)

    def close(self) -> None:
        """End the thread of the database, after what it has begun."""
        self._thread.shutdown(wait=True)
