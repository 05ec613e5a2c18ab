"""Plays the edges of the demo and an attack on them, through the same door as the agent of a real edge."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from time import monotonic, time
from typing import ParamSpec

from cxtui.config import Settings
from cxtui.services import edges
from cxtui.services.context import Actor, Context
from cxtui.services.edges import Sighting
from cxtui.store.database import Database
from cxtui.store.errors import StoreError

from .swarm import Swarm

EDGES = ("edge1", "edge2")
LAYERS = ("nftables", "table")

_LOOK = 0.4
_BEAT = 5.0
_BATCH = 0.1
_REACH = 2_000
"""So many of the blocks that were there before are put in force; the rest of a large list is left as it is."""

_OVER = "SELECT id FROM block WHERE id > ? AND lifted_at IS NULL AND expires_at <= ?"
_CUSTOMERS = "SELECT address FROM block WHERE ours AND lifted_at IS NULL AND wanted = 'blocked' LIMIT 50"
_NEWEST = "SELECT address FROM block WHERE lifted_at IS NULL ORDER BY ours DESC, since DESC LIMIT 20000"
P = ParamSpec("P")


@dataclass(slots=True)
class _Edge:
    """An edge that is played: what it has yet to do, each with the moment it is done."""

    name: str
    id: int = 0
    beaten_at: float = 0.0
    generation: int = -1
    fetched_at: float = 0.0
    adding: dict[int, float] = field(default_factory=dict)
    freeing: dict[int, float] = field(default_factory=dict)


class Play:
    """Edges and an attack in a thread of their own, until ``stop``.

    An edge follows a new generation, and puts a block in force or lets go of it, within 1.5 seconds. With ``rate`` it
    plays nothing but so many sightings a second of blocks that exist, for measurements. A database that cannot be
    written is tried again; ``failure`` is what ended the play before its time, which the console never notices.
    """

    def __init__(
        self, database: Database, settings: Settings, *, seed: int = 1, rate: int = 0, now: Callable[[], float] = time
    ) -> None:
        self.failure: Exception | None = None
        self._database = Database(database.path)
        self._context = Context(self._database, Actor("edge", "demo", "demo"), settings, now)
        self._rng = random.Random(seed)
        self._rate = rate
        self._now = now
        self._oldest = 0
        self._swarm = Swarm(seed)
        self._edges = [_Edge(name) for name in EDGES]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cxtui-demo", daemon=True)

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def stop(self, timeout: float = 6.0) -> bool:
        """End the play; its edges leave the database. False where that took longer than ``timeout`` seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            if self._rate:
                self._hail()
            else:
                self._play()
        except Exception as problem:
            self.failure = problem
        finally:
            for edge in self._edges if not self._rate else ():
                self._tried(edges.leave, self._context, edge.name)
            self._database.close()

    def _play(self) -> None:
        while not self._tried(self._enter) and not self._stop.wait(_LOOK):
            pass
        began, second = self._now(), 0
        while not self._stop.wait(_LOOK):
            self._tried(self._look)
            while not self._stop.is_set() and self._now() - began >= second + 1:
                second += 1
                if seen := self._swarm.step(second, self._now()):
                    self._tried(edges.record, self._context, seen)
                # After a pause, as of a laptop asleep, the seconds that were missed are not made up for.
                began = max(began, self._now() - second - 1)

    def _tried(self, act: Callable[P, object], *with_: P.args, **more: P.kwargs) -> bool:
        try:
            act(*with_, **more)
        except StoreError:
            return False
        return True

    def _enter(self) -> None:
        with self._database.reading() as link:
            top = link.execute("SELECT coalesce(max(id), 0) FROM block").fetchone()[0]
        generation = _generation(self._database)
        self._oldest = top - _REACH
        for edge in self._edges:
            edge.id, edge.generation = edges.beat(self._context, edge.name, generation), generation
            edge.beaten_at = self._now()

    def _look(self) -> None:
        """What a moment brings: time that is over, news to fetch, blocks to put in force and to let go."""
        newest = _generation(self._database)
        with self._database.reading() as link:
            over = [row[0] for row in link.execute(_OVER, (self._oldest, self._now()))]
            # A customer who was let through has no reason to knock any more, and would be blocked again.
            self._swarm.known = [row[0] for row in link.execute(_CUSTOMERS)]
        for edge in self._edges:
            self._follow(edge, newest)
            self._reconcile(edge, over)

    def _follow(self, edge: _Edge, newest: int) -> None:
        now = self._now()
        if newest == edge.generation:
            edge.fetched_at = 0.0
        elif not edge.fetched_at:
            edge.fetched_at = now + self._rng.uniform(0.2, 0.7)
        arrived = bool(edge.fetched_at) and now >= edge.fetched_at
        if arrived or now - edge.beaten_at >= _BEAT:
            running = newest if arrived else edge.generation
            edge.id = edges.beat(self._context, edge.name, running)
            edge.generation, edge.beaten_at, edge.fetched_at = running, now, 0.0

    def _reconcile(self, edge: _Edge, over: list[int]) -> None:
        now = self._now()
        with self._database.reading() as link:
            to_hold, to_free = edges.work(link, edge.id, now=now)
        for _, address in to_free:
            self._swarm.forget(address)
        edge.adding = self._due(edge.adding, [key for key, _ in to_hold if key > self._oldest])
        edge.freeing = self._due(edge.freeing, [key for key, _ in to_free])
        held = [(key, layer, None) for key, at in edge.adding.items() if at <= now for layer in LAYERS]
        done = [*over, *(key for key, at in edge.freeing.items() if at <= now)]
        free = [(key, layer) for key in done for layer in LAYERS]
        if held or free:
            edges.report(self._context, edge.id, held, free)

    def _due(self, known: dict[int, float], keys: list[int]) -> dict[int, float]:
        now = self._now()
        return {key: known.get(key) or now + self._rng.uniform(0.2, 0.9) for key in keys}

    def _hail(self) -> None:
        with self._database.reading() as link:
            addresses = [row[0] for row in link.execute(_NEWEST)]
        turns = cycle(addresses)
        began, played = monotonic(), 0
        while addresses and not self._stop.wait(_BATCH):
            due = int((monotonic() - began) * self._rate) - played
            now = self._now()
            seen = [Sighting(address, now, 1, "scanner") for address in islice(turns, due)]
            played += due
            self._tried(edges.record, self._context, seen)


def _generation(database: Database) -> int:
    with database.reading() as link:
        return int(link.execute("SELECT generation FROM account WHERE id = 1").fetchone()[0])
