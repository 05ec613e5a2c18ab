"""How far a long verb is, on a terminal."""

from __future__ import annotations

import sys
from time import monotonic

_PATIENCE = 1.0
_PAUSE = 0.25
_ROOM = 40


class Meter:
    """Says on standard error how far the work is, once it has taken a second."""

    def __init__(self) -> None:
        self._began = self._last = monotonic()
        self._shown = False

    def __enter__(self) -> Meter:
        """Begin to measure."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self.clear()

    def __call__(self, done: int, total: int) -> None:
        """So much is done."""
        now = monotonic()
        if now - self._began < _PATIENCE or now - self._last < _PAUSE or not sys.stderr.isatty():
            return
        self._last, self._shown = now, True
        self._write(f"{done * 100 // max(total, 1)} % of {total:,}")

    def clear(self) -> None:
        """Take the line away, before anything else is said."""
        if self._shown:
            self._shown = False
            self._write("")
            sys.stderr.write("\r")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{_ROOM}}")
        sys.stderr.flush()
