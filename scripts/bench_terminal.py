"""A terminal with a stop-watch: what a program shows when, in how many bytes, and what it costs the machine."""

from __future__ import annotations

import re
import select
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.pty.terminal import Terminal

COLUMNS, ROWS = 120, 40
REST = 0.06
"""Seconds without output after which the effect of a key is over."""

GIVE_UP = 20.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What a key did: milliseconds to the first byte, to the last one or to the text that was waited for, and bytes."""

    first: float
    last: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Load:
    """What some seconds of watching cost: a second's bytes and wake-ups, and the share of a core in percent."""

    bytes: float
    cpu: float
    wakeups: float


class Watched(Terminal):
    """A program on a terminal; every chunk it writes is stamped when it arrives, before it is drawn."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._arrived = self._began = perf_counter()
        super().__init__(argv, cols=COLUMNS, rows=ROWS)

    def ready(self, pattern: str) -> float:
        """Milliseconds from the start of the program until its screen shows `pattern`."""
        return (self._shows(re.compile(pattern)) - self._began) * 1000

    def shown(self, pattern: str) -> float:
        """When the screen came to show `pattern`, on the clock of `perf_counter`."""
        return self._shows(re.compile(pattern))

    def press(self, key: str, until: str = "", rest: float = REST) -> Effect:
        """Press a key and wait for its effect: until the screen shows `until`, and then for `rest` seconds of rest."""
        self.rest(0.0)
        before, first = len(self.raw), 0.0
        pressed = perf_counter()
        self.send(key)
        seen = self._shows(re.compile(until)) if until else 0.0
        deadline = pressed + GIVE_UP
        while perf_counter() < min(deadline, max(self._arrived, pressed) + rest):
            if self._pump(rest) and not first:
                first = self._arrived
        end = seen or self._arrived
        return Effect(((first or end) - pressed) * 1000, (end - pressed) * 1000, len(self.raw) - before)

    def rest(self, seconds: float = 0.3) -> None:
        """Wait until nothing was written for so long."""
        while self._pump(seconds):
            pass

    def watch(self, seconds: float) -> Load:
        """Leave the program alone and see what it does."""
        wrote, used, woke, began = len(self.raw), self.cpu(), self._wakeups(), perf_counter()
        while (left := began + seconds - perf_counter()) > 0:
            self._pump(left)
        lasted = perf_counter() - began
        return Load(
            (len(self.raw) - wrote) / lasted, (self.cpu() - used) / lasted / 10, (self._wakeups() - woke) / lasted
        )

    def cpu(self) -> float:
        """Milliseconds of processor time so far."""
        return sum(int(task.read_text().split()[0]) for task in self._tasks("schedstat")) / 1e6

    def memory(self) -> float:
        """The proportional share of memory, in MB: what one more session costs a machine."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024

    def _wakeups(self) -> int:
        text = "".join(task.read_text() for task in self._tasks("status"))
        return sum(map(int, re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.M)))

    def _tasks(self, name: str) -> list[Path]:
        return list(Path(f"/proc/{self.pid}/task").glob(f"*/{name}"))

    def _shows(self, pattern: re.Pattern[str]) -> float:
        deadline = perf_counter() + GIVE_UP
        while not pattern.search("\n".join(self._screen.display)):
            if not self._pump(GIVE_UP) or perf_counter() > deadline:
                raise SystemExit(f"{pattern.pattern} was not shown; the screen:\n" + "\n".join(self._screen.display))
        return self._arrived

    def _pump(self, timeout: float) -> bool:
        if select.select([self._master], [], [], timeout)[0]:
            self._arrived = perf_counter()
        return super()._pump(0)
