"""A real edge for the demo: Kamailio with its agent, phones that register and call, intruders, all on loopback."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import time

from cxtui.config import Settings
from cxtui.edge.foreground import Foreground
from cxtui.edge.site import EdgeError, Site
from cxtui.edge.sites import trial_site
from cxtui.edge.switch_config import PACKAGES
from cxtui.edge.trial import switch_program, unusable
from cxtui.rules.passwords import PROFILES, generate
from cxtui.services import credentials, edge_states, lookup
from cxtui.services.context import Actor, Context
from cxtui.store.database import Database

from . import phones
from .customers import OPERATOR, PROGRAM
from .intruders import besiege
from .phones import Phone

NAME = "edge1"
HOST = "127.0.0.1"
PORTS = range(5060, 5160, 10)
USERS = ("1001", "1002", "2001", "reception")
"""Sample users that get a phone: the first calls the second, the last loses its power at times."""

_READY = 20.0
_LOOK = 0.05
_PINGS = 10
_BLOCK_SECONDS = 300
_MOST_FAILURES = 8
_CALL, _PAUSE = 25.0, 20.0
_ON, _OFF = 75.0, 60.0
"""Seconds that the last phone has power, and then none: time enough to be pinged in vain, and to be removed."""


class RealEdge:
    """The edge of a demo in a thread of its own, until ``stop``. ``failure`` is what ended it before its time."""

    def __init__(self, database: Database, settings: Settings, *, attack: bool = True) -> None:
        self.failure: Exception | None = None
        self.phones: list[Phone] = []
        self._attack = attack
        self._database = Database(database.path)
        self._context = Context(self._database, Actor(OPERATOR, HOST, PROGRAM), settings, time)
        self._folder = folder_of(database.path)
        self._site: Site | None = None
        self._edge: Foreground | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cxtui-demo-edge", daemon=True)

    def start(self) -> None:
        """Start everything, and wait until the edge is proven to run. Raises ``EdgeError``."""
        _require_programs()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._say(f"Starting Kamailio on {HOST} and {len(USERS)} phones …")
        self._thread.start()
        if not self._settled.wait(_READY):
            self.failure = EdgeError(f"The edge was not ready after {_READY:g} s; its log is in {self._folder}.")
        if self.failure is not None:
            failure = self.failure
            self.stop()
            raise failure

    def stop(self, timeout: float = 15.0) -> bool:
        """End everything; the edge leaves the database. False where that took longer than ``timeout`` seconds."""
        if self._loop is not None and self._edge is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._edge.stop)
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as problem:
            self.failure = problem
        finally:
            self._settled.set()
            self._database.close()

    async def _main(self) -> None:
        self._site = _site(self._context, self._folder)
        self._loop = asyncio.get_running_loop()
        self._edge = Foreground(self._context, self._site, lambda line: None)
        playing = asyncio.create_task(self._play(self._site))
        playing.add_done_callback(self._over)
        try:
            await self._edge.run()
        finally:
            playing.cancel()
            for phone in self.phones:
                phone.lose_power()
            shutil.rmtree(self._folder, ignore_errors=True)
            with suppress(asyncio.CancelledError):
                await playing

    def _over(self, playing: asyncio.Task[None]) -> None:
        """An edge without what plays on it is no demo."""
        if not playing.cancelled() and playing.exception() is not None and self._edge is not None:
            self._edge.stop()

    async def _play(self, site: Site) -> None:
        """Everything beside the edge, once it runs."""
        await self._until_proven()
        address = site.listens[0].partition(":")[2]
        self.phones = list(self._make_phones(site, address))
        for phone in self.phones:
            phone.switch_on()
        await self._until_proven()
        self._settled.set()
        host, _, port = address.rpartition(":")
        works = [self._talk(site), self._fail_at_times()]
        if self._attack:
            works.append(besiege((host, int(port)), site.realm))
        await asyncio.gather(*works)

    async def _until_proven(self) -> None:
        while not self._is_proven():
            await asyncio.sleep(_LOOK)

    def _is_proven(self) -> bool:
        with self._database.reading() as link:
            return any(state.current for state in edge_states.states(link, time()) if state.edge.name == NAME)

    def _make_phones(self, site: Site, address: str) -> Iterator[Phone]:
        """A phone for each of ``USERS`` that is there, with a password that nobody else knows."""
        policy = PROFILES[self._context.settings.password_profile]
        # Another demo's phones have other addresses.
        network = f"127.61.{secrets.randbelow(256)}"
        for place, name in enumerate(USERS, start=1):
            user = lookup.sip_user(self._context, name)
            if user is None:
                continue
            password = generate(policy, secrets.choice, name)
            credentials.set_password(self._context, user, password)
            own = f"{network}.{place}"
            yield Phone(self._folder / name, name, password, realm=site.realm, edge=address, address=own)

    async def _talk(self, site: Site) -> None:
        """The first phone calls the second, again and again."""
        while len(self.phones) > 1:
            await asyncio.sleep(_PAUSE)
            await asyncio.to_thread(self.phones[0].dial, f"sip:{self.phones[1].user}@{site.realm}")
            await asyncio.sleep(_CALL)
            await asyncio.to_thread(self.phones[0].hang_up)

    async def _fail_at_times(self) -> None:
        """The last phone loses its power, and gets it back."""
        while self.phones:
            await asyncio.sleep(_ON)
            self.phones[-1].lose_power()
            await asyncio.sleep(_OFF)
            self.phones[-1].switch_on()

    def _say(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def folder_of(path: Path) -> Path:
    """Where the files of the edge are, beside the database of the demo."""
    return path.with_name(f"{path.stem}-edge")


def _site(context: Context, folder: Path) -> Site:
    """The first port that is free for UDP and TCP. Raises ``EdgeError``."""
    for port in PORTS:
        listens = (f"udp:{HOST}:{port}", f"tcp:{HOST}:{port}")
        if not any(map(unusable, listens)):
            return trial_site(
                context,
                folder,
                NAME,
                listens,
                children=2,
                ping_interval=_PINGS,
                max_failures=_MOST_FAILURES,
                block_seconds=_BLOCK_SECONDS,
            )
    raise EdgeError(f"Every tenth port from {PORTS.start} to {PORTS.stop} is in use on {HOST}.")


def _require_programs() -> None:
    """Raise ``EdgeError`` where a program is missing."""
    if not (switch_program() and phones.program()):
        raise EdgeError(f"The edge of the demo needs: apt-get install {' '.join((*PACKAGES, phones.PACKAGE))}")
