"""Type-ahead: a key waits until what the keys before it began has taken place.

A line that stalls brings many keys at once. Without this, the text of a search would act on the list that lies under
it, where single letters unblock, undo and delete.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from time import monotonic

from textual import events
from textual.app import App, ReturnType
from textual.message import Message
from textual.message_pump import MessagePump

HOLD_SECONDS = 3.0
"""The longest that a key is held back: what takes longer is not waited for."""

_AT_REST_SECONDS = 0.5
_LOOK_SECONDS = 0.005
# A key can cause a message, and that another: each takes a place behind what already waits in a widget's queue.
_ROUNDS = 3


class Passed(Message):
    """Goes the way of a key through the widgets: when it is back, they have handled what came before it."""

    def __init__(self) -> None:
        super().__init__()
        self.back = asyncio.Event()


class PatientApp(App[ReturnType]):
    """An app that gives each key to the widget it was meant for, however fast the keys come."""

    def __init__(self) -> None:
        super().__init__()
        self._keys_ahead: deque[events.Event] = deque()
        self._feeder: asyncio.Task[None] | None = None
        self._key_at = 0.0
        self._key_target: MessagePump | None = None
        self._impatient = False

    @property
    def settled(self) -> bool:
        """Whether what is shown has the focus and what it needs to take keys."""
        return True

    async def on_event(self, event: events.Event) -> None:
        """Hold a key back while the one before it is at work."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._feeder is None and monotonic() - self._key_at > _AT_REST_SECONDS and self._calm():
            await self._take(event)
        else:
            self._keys_ahead.append(event)
            if self._feeder is None:
                self._feeder = asyncio.create_task(self._feed())

    def on_passed(self, event: Passed) -> None:
        """The widgets have handled a key."""
        event.back.set()

    async def _feed(self) -> None:
        try:
            while self._keys_ahead:
                await self._wait()
                await self._take(self._keys_ahead.popleft())
        finally:
            self._feeder = None

    async def _take(self, event: events.Event) -> None:
        self._key_at = monotonic()
        self._key_target = self.screen.focused or self.screen
        await super().on_event(event)

    async def _wait(self) -> None:
        until = monotonic() + HOLD_SECONDS
        for _ in range(_ROUNDS):
            await self._handled(until)
        while not self._calm():
            if monotonic() > until:
                self._impatient = True
            await asyncio.sleep(_LOOK_SECONDS)

    async def _handled(self, until: float) -> None:
        target, message = self._key_target, Passed()
        if target is None or not target.post_message(message):
            return
        # A message that is on its way through a widget when that is removed never comes back.
        while target.is_attached and not message.back.is_set() and monotonic() < until:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(message.back.wait(), _LOOK_SECONDS)

    def _calm(self) -> bool:
        """Whether there is nothing to wait for; what was waited for in vain is not waited for again."""
        if self.settled:
            self._impatient = False
        return self._impatient or self.settled
