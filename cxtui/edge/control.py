"""The agent's connection to its switch: JSON-RPC and pushed events over one TCP connection of Kamailio's evapi."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

from cxtui.rules.printable import clean

from .netstring import BadFrame, Frames, frame
from .site import EdgeError

Event = dict[str, Any]
OnEvent = Callable[[Event], object]

_READ = 256 << 10
_WELCOME = 3.0
_SAID = 200
_HEARD = b'{"jsonrpc":"2.0","method":"cxtui.heard","id":0}'
_HEARD_EVERY = 100
"""Events after which the switch is shown that they are read: it stops telling one that takes none (route TELL)."""


class SwitchGone(EdgeError):
    """The switch cannot be reached, or the connection broke before the answer came."""


class Refused(EdgeError):
    """The switch answered with an error: ``code`` and what it said."""

    def __init__(self, code: int, said: str) -> None:
        self.code, self.said = code, clean(said)[:_SAID]
        super().__init__(self.said)


class Control:
    """One connection. ``on_event`` is called for each pushed event, ``on_gone`` once when the connection breaks."""

    def __init__(self, on_event: OnEvent, on_gone: Callable[[], object] = lambda: None) -> None:
        self._on_event = on_event
        self._on_gone = on_gone
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        # Two agents on one switch by mistake hear each other's answers; numbers that differ keep them apart.
        self._next = random.SystemRandom().randrange(1 << 30)
        self._welcome: asyncio.Future[None] | None = None
        self._heard = 0

    @property
    def open(self) -> bool:
        """Whether the connection stands and the switch has taken it."""
        return self._writer is not None and self._welcome is not None and self._welcome.done()

    async def connect(self, host: str, port: int, secret: str) -> None:
        """Connect and prove who we are. Raises ``SwitchGone``."""
        try:
            async with asyncio.timeout(_WELCOME):
                reader, self._writer = await asyncio.open_connection(host, port, limit=_READ)
        except (OSError, TimeoutError):
            raise SwitchGone(f"the control connection to {host}:{port} is refused: is Kamailio running?") from None
        self._welcome = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(reader))
        self._send(secret.encode())
        try:
            async with asyncio.timeout(_WELCOME):
                await asyncio.shield(self._welcome)
        except TimeoutError:
            await self.close()
            raise SwitchGone("the switch takes the connection and says nothing: Kamailio hangs or is stopped") from None
        except SwitchGone:
            await self.close()
            raise SwitchGone("the switch does not take the agent's secret: write its configuration anew") from None

    async def call(self, method: str, *params: Any, timeout: float = 10.0) -> Any:
        """The result of an RPC. Raises ``Refused``, or ``SwitchGone`` after ``timeout`` seconds without an answer."""
        if self._writer is None:
            raise SwitchGone("there is no connection to the switch")
        self._next = (self._next + 1) & 0x7FFFFFFF
        number, answer = self._next, asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        request = {"jsonrpc": "2.0", "method": method, "params": list(params), "id": number}
        try:
            self._send(json.dumps(request).encode())
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError:
            raise SwitchGone(f"the switch did not answer {method} within {timeout:g} s") from None
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Close the connection; calls that wait fail."""
        reading, self._reading = self._reading, None
        self._fail()
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                reading.result()

    def _send(self, payload: bytes) -> None:
        if self._writer is not None:
            self._writer.write(frame(payload))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        frames = Frames()
        try:
            while data := await reader.read(_READ):
                for payload in frames.feed(data):
                    self._take(payload)
        except (OSError, BadFrame):
            pass
        finally:
            self._fail()
            self._on_gone()

    def _take(self, payload: bytes) -> None:
        try:
            said = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if said.get("event") == "welcome":
            if self._welcome is not None and not self._welcome.done():
                self._welcome.set_result(None)
        elif "event" in said:
            self._heard += 1
            if self._heard % _HEARD_EVERY == 0:
                self._send(_HEARD)
            self._on_event(said)
        else:
            self._answer(said)

    def _answer(self, said: dict[str, Any]) -> None:
        number = said.get("id")
        waiting = self._waiting.get(number) if isinstance(number, int) else None
        if waiting is None or waiting.done():
            return
        error = said.get("error")
        if isinstance(error, dict):
            waiting.set_exception(Refused(int(error.get("code", 500)), str(error.get("message", "no reason given"))))
        else:
            waiting.set_result(said.get("result"))

    def _fail(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_exception(SwitchGone("the connection was closed"))
            self._welcome.exception()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(SwitchGone("the connection to the switch broke"))
