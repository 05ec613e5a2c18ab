"""Notices that somebody has committed: this console, another one, a verb or an agent."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from .database import Database
from .errors import StoreError
from .sqlite import data_version


class Watch:
    """Calls ``notify`` (in a thread of its own) after commits, at most once every ``period`` seconds.

    The look costs 5 µs and takes no lock, so a poll is kept simple: there is no event to miss.
    ``failed`` is called with the sentence when the database can no longer be read, once for each failure.
    """

    def __init__(
        self,
        database: Database,
        notify: Callable[[], object],
        failed: Callable[[str], object] = lambda sentence: None,
        period: float = 0.2,
    ) -> None:
        self._database = database
        self._notify = notify
        self._failed = failed
        self._period = period
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cxtui-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch and wait for its thread, a second at the most."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        seen, told = self._seen(), False
        while not self._stop.wait(self._period):
            try:
                now = self._look()
            except StoreError as problem:
                if not told:
                    self._failed(str(problem))
                told = True
                continue
            if now != seen or told:
                seen, told = now, False
                self._notify()

    def _seen(self) -> tuple[sqlite3.Connection | None, int]:
        try:
            return self._look()
        except StoreError:
            return None, 0

    def _look(self) -> tuple[sqlite3.Connection | None, int]:
        """The connection belongs to it: the versions of a file that was restored in between begin anew."""
        with self._database.reading() as link:
            return link, data_version(link)
