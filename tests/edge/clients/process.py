"""A program that ends with the test that started it."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.edge.clients.waiting import wait_until

_GRACE = 1.0


class Child:
    """A running program with its descendants, in a process group of its own; both outputs go to the file `log`.

    It has no terminal and nothing to read. `stop` or `kill` leaves neither process nor zombie; what a test forgets is
    killed when the interpreter ends.
    """

    def __init__(self, argv: Sequence[str], log: Path) -> None:
        """Start `argv` in the folder of `log`."""
        __tracebackhide__ = True
        self.log = log
        self._name = Path(argv[0]).name
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env={"PATH": f"{os.environ['PATH']}:/usr/sbin", "HOME": str(log.parent), "TERM": "dumb", "LC_ALL": "C"},
                start_new_session=True,
            )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        """The process, which is also the number of its group."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the program has ended. Its exit is left uncollected, so that nobody else gets the group's number."""
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait(self, timeout: float) -> int:
        """The exit code; descendants that outlive the program are killed. Fails after `timeout` seconds."""
        try:
            wait_until(lambda: self.ended, f"the end of {self._name}", timeout)
        finally:
            self.kill()
        return self._process.returncode

    def stop(self) -> None:
        """Ask the program to end, and kill what is left of its group after a second."""
        if not self.ended:
            self._process.terminate()
        with suppress(AssertionError):
            wait_until(lambda: self.ended, "", _GRACE)
        self.kill()

    def kill(self) -> None:
        """Kill the whole group and collect the exit code."""
        atexit.unregister(self.kill)
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def tail(self, lines: int = 8) -> str:
        """The last lines of the output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
