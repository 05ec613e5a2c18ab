"""Watching a user log in at a switch, until the user's own device did (S-083, W-101)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import time

from cxtui.models.edge_job import EdgeJob
from cxtui.services.edge_jobs import WATCH_SECONDS
from cxtui.services.ladders import Bearings, bearings, host_of, own_places, tell
from cxtui.sip import ladder
from cxtui.sip.conversations import Attempt, Conversation, Conversations
from cxtui.sip.judging import judged
from cxtui.sip.trace import Message, Proof

from . import exchange
from .control import Event
from .station import Station
from .switch_config import PROBE

SECONDS = 60.0
_AFTER_FINAL = 1.0
_LOOK = 0.25
"""Seconds between two looks whether somebody still waits for what is watched."""

_PAUSE = 0.02
_TELL = 1.0
"""Seconds between two times that the count of others is written down."""

_MOST_WAITING = 200
_MOST_OF_OTHERS = 150
"""Of the messages that wait to be read, so many at most are not from where the user is registered."""

_MOST_NAMED = 3
_WHY = {Proof.DIFFERS: "wrong password", Proof.UNKNOWN: "unknown user", Proof.MATCH: "right password"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a watch ended: a sentence, empty where there is nothing to add to the ladder, and the ladder, if any."""

    result: str
    ladder: str = ""


class Watches:
    """The watches of one switch, one at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._current: _Watch | None = None

    def hear(self, event: Event) -> None:
        """A message of a watched user."""
        if self._current is not None:
            self._current.hear(event)

    async def run(self, job: EdgeJob) -> Outcome | None:
        """Watch the user of a job; None where nobody waits for it any more."""
        # Somebody who stopped waiting may begin anew at once.
        soon = time() + 2 * _LOOK
        while self._current is not None and time() < soon:
            await asyncio.sleep(_LOOK / 10)
        if self._current is not None:
            return Outcome("Another user is being watched at this edge: wait a minute.")
        seconds = min(float(job.body), WATCH_SECONDS[1]) if job.body.isdecimal() else SECONDS
        watch = self._current = _Watch(self._station, job, seconds)
        try:
            await self._station.ask("htable.setxs", "watched", "user", _pattern(job.username), round(seconds) + 1)
            await self._station.ask("sipdump.enable", 1)
            return await watch.run()
        finally:
            try:
                await self._station.ask("sipdump.enable", 0)
                await self._station.ask("htable.delete", "watched", "user")
            finally:
                self._current = None


class _Watch:
    """One watch: what is heard is sorted into that of the user's device, which ends it, and that of others.

    The device is who proves the password, or else who comes from where the user is registered; while that is nowhere,
    whoever uses the name and is not blocked may be it. Others are counted.
    """

    def __init__(self, station: Station, job: EdgeJob, seconds: float) -> None:
        self._station = station
        self._job = job
        self._seconds = seconds
        self._waiting: asyncio.Queue[Event] = asyncio.Queue()
        self._heard = Conversations(own_places(station.post.listens), self._is_mine)
        self._known = Bearings(wanted=True)
        self._devices: set[str] = set()
        self._barred: dict[str, None] = {}
        self._others = 0
        self._last = ""
        self._told, self._told_at = "", 0.0

    def hear(self, event: Event) -> None:
        """Put a message aside until it is read; a source that is blocked gets no answer, and tells nothing."""
        host = host_of(exchange.place_of(event, "source"))
        if host in self._known.blocked:
            if len(self._barred) < _MOST_WAITING:
                self._barred[host] = None
        elif self._waiting.qsize() < (_MOST_WAITING if host in self._known.home else _MOST_OF_OTHERS):
            self._waiting.put_nowait(event)

    async def run(self) -> Outcome | None:
        """Listen until the device is heard, the time is over, or nobody waits any more."""
        began = time()
        deadline = began + self._seconds
        events: list[Event] = []
        while await self._station.store(self._take_in, events):
            if self._devices:
                deadline = min(deadline, time() + _AFTER_FINAL)
            left = deadline - time()
            if left <= 0:
                return await self._station.store(self._outcome, began)
            events = await self._next(min(left, _LOOK))
        return None

    async def _next(self, seconds: float) -> list[Event]:
        """What is heard within a time: all that waits, as soon as there is anything."""
        try:
            async with asyncio.timeout(seconds):
                events = [await self._waiting.get()]
        except TimeoutError:
            return []
        # A flood is read in pieces, so that the agent comes to the rest of its work.
        await asyncio.sleep(_PAUSE)
        while not self._waiting.empty():
            events.append(self._waiting.get_nowait())
        return events

    def _is_mine(self, message: Message) -> bool:
        return message.proof is Proof.MATCH or host_of(message.source) in self._known.home

    def _take_in(self, events: Sequence[Event]) -> bool:
        """Sort what was heard; whether anybody still waits."""
        context = self._station.context
        self._look(host_of(exchange.place_of(event, "source")) for event in events)
        with context.database.reading() as link:
            secret = partial(exchange.secret_of, link)
            messages = [judged(exchange.message_of(event), secret) for event in events if not _is_probe(event)]
        for attempt in map(self._heard.add, messages):
            if attempt is not None:
                self._weigh(attempt)
        if self._known.wanted and self._words != self._told and time() - self._told_at > _TELL:
            self._told, self._told_at = self._words, time()
            tell(context, self._job, self._told)
        return self._known.wanted

    def _look(self, hosts: Iterable[str]) -> None:
        """See anew where the user is registered, and which of those that are heard are blocked."""
        asked = {*hosts, *islice(self._known.blocked, _MOST_WAITING)} - {""}
        self._known = bearings(self._station.context, self._job, asked)

    def _weigh(self, attempt: Attempt) -> None:
        """Whose attempt it is."""
        host, known = host_of(attempt.source), self._known
        if attempt.proof is Proof.MATCH or host in known.home or not (known.home or host in known.blocked):
            self._devices.add(host)
        else:
            self._others += 1
            self._last = f"{host}: {_WHY.get(attempt.proof, 'refused')}"

    @property
    def _words(self) -> str:
        """What others tried, as a sentence; "" for nothing."""
        if not self._others:
            return ""
        where = "elsewhere" if self._known.home else "blocked addresses"
        counted = f"1 attempt from {where}" if self._others == 1 else f"{self._others} attempts from {where}, last"
        return f"{counted}{',' if self._others == 1 else ''} {self._last}."

    def _outcome(self, began: float) -> Outcome:
        self._look(host_of(source) for conversation in self._heard for source in conversation.sources)
        best = self._heard.newest(self._worth)
        if best is None:
            return Outcome(f"{self._job.username} sent nothing in {time() - began:.0f} s.{self._hindrance()}")
        # The one attempt of a stranger is what the ladder shows.
        words = "" if self._others == 1 and not self._devices else self._words
        return Outcome(words, ladder.dump(self._heard.trace(best)))

    def _worth(self, conversation: Conversation) -> int:
        """How much a conversation tells of the user's device; nothing where its source is blocked."""
        attempt, sources, home = conversation.attempt, conversation.sources, self._known.home
        host = host_of(attempt.source if attempt else sources[0])
        if attempt and host in self._devices:
            return 4
        if host in self._known.blocked:
            return 0
        if host in home:
            return 3
        if attempt:
            return 2
        return int(not home or any(host_of(source) in home for source in sources))

    def _hindrance(self) -> str:
        """What else is to be said when nothing was heard of the device."""
        barred = dict.fromkeys([*self._barred, *self._known.blocked])
        at_home = [host for host in self._known.home if host in barred]
        if at_home:
            return f" {at_home[0]}, where it is registered, is blocked."
        if self._others or not barred:
            return f" {self._words}" if self._others else ""
        more = f" and {len(barred) - _MOST_NAMED} more" if len(barred) > _MOST_NAMED else ""
        return f" Passed over, because blocked: {', '.join([*barred][:_MOST_NAMED])}{more}."


def _is_probe(event: Event) -> bool:
    """Whether it belongs to the probe of a console, which is no real attempt."""
    return f"sip:{PROBE}@" in exchange.text_of(event)


def _pattern(username: str) -> str:
    """What the switch looks for in a message: the user in an address, or in credentials."""
    user = re.sub(r"([^A-Za-z0-9_-])", r"\\\1", username)
    return f'sips?:{user}@|username="{user}"'
