"""Hears of commits at once: the kernel tells when the database's write-ahead log is written (inotify)."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_MODIFY, _CREATE, _MOVED_TO = 0x2, 0x100, 0x80
_VISIBLE = 0.005
"""The log is written a moment before the commit can be read."""

_PAUSE = 0.02
_MOST = 65_536


class Notice:
    """Calls ``tell`` after a file in ``folder`` was written, at most fifty times a second, until ``stop``.

    Where the kernel gives no watch, it stays silent: whoever uses it looks now and then by himself as well.
    """

    def __init__(self, folder: Path, tell: Callable[[], object]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watch >= 0:
            libc.inotify_add_watch(self._watch, os.fsencode(folder), _MODIFY | _CREATE | _MOVED_TO)
            self._loop.add_reader(self._watch, self._written)

    def stop(self) -> None:
        """Let go of the watch."""
        if self._watch >= 0:
            self._loop.remove_reader(self._watch)
            os.close(self._watch)
            self._watch = -1

    def _written(self) -> None:
        self._loop.remove_reader(self._watch)
        self._drain()
        self._tell()
        self._loop.call_later(_VISIBLE, self._tell)
        self._loop.call_later(_PAUSE, self._again)

    def _again(self) -> None:
        if self._watch >= 0:
            self._loop.add_reader(self._watch, self._written)

    def _drain(self) -> None:
        try:
            while len(os.read(self._watch, _MOST)) == _MOST:
                continue
        except BlockingIOError:
            return
