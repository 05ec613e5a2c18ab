"""A program on a real pseudo-terminal: a screen to read, a byte log, hands to type, resize, signal and hang up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from typing import TYPE_CHECKING, Any, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TIMEOUT = 20.0
"""Seconds until a condition that does not come fails the test; long, because only failures wait for it."""

ENVIRONMENT = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor", "PYTHONDONTWRITEBYTECODE": "1"}

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "esc": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    **{f"ctrl+{letter}": chr(number) for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz", 1)},
}

# What Textual and tmux send and pyte would print or choke on.
_BEYOND_PYTE = re.compile(
    rb"\x1b[P_^X\]].*?(?:\x1b\\|\x07)"  # strings: DCS, APC, PM, SOS, OSC
    rb"|\x1b\[[<=>][0-9;:]*[ -/]*[@-~]"  # private prefixes
    rb"|\x1b\[[0-?]*[ -/]+[@-~]"  # intermediates
    rb"|\x1b\[[0-9;]*t"  # window operations
    rb"|\x1b\[\?(?:1049|1047|47)[hl]",  # alternate screen
    re.S,
)
_UNFINISHED = re.compile(rb"\x1b(?:[P_^X\]](?:(?!\x1b\\|\x07).)*|\[[0-?]*[ -/]*)?$", re.S)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program in a test sees: nothing of the developer's session but PATH and HOME."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **ENVIRONMENT, **(more or {})}


def wait_until(condition: Callable[[], object], what: str, timeout: float = TIMEOUT) -> None:
    """Return once `condition()` holds; fail naming `what` if it does not within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {timeout} s"
        time.sleep(0.02)


class Terminal:
    """A program on its own pseudo-terminal; as a context manager it leaves neither process nor file descriptor.

    Output is read only while a method waits or looks, so a test that does neither is a terminal that stands still.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        ignore_hup: bool = False,
    ) -> None:
        """Start `argv` (argv[0] is looked up in PATH), with `env` on top of `environment()`."""
        self.raw = b""
        """Every byte the program has written."""
        self._screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._code: int | None = None
        variables = environment(env)
        sys.stdout.flush()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            self._become(argv, variables, cols, rows, ignore_hup)
        self._ended = os.pidfd_open(self.pid)

    @staticmethod
    def _become(argv: Sequence[str], variables: Mapping[str, str], cols: int, rows: int, ignore_hup: bool) -> None:
        """The child's side: size, signals, program. Never returns."""
        try:
            _set_size(0, cols, rows)
            signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hup else signal.SIG_DFL)
            os.execvpe(argv[0], list(argv), dict(variables))
        except BaseException as error:
            os.write(2, f"{argv[0]}: {error}".encode())
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the program's whole session and give everything back."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):  # it is not the leader of its group yet
                os.killpg(self.pid, signal.SIGKILL)
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()
        os.close(self._ended)

    def send(self, *keys: str) -> None:
        """Press keys: names of KEYS, or text to type as it is."""
        os.write(self._master, "".join(KEYS.get(key, key) for key in keys).encode())

    def screen(self) -> list[str]:
        """The screen's lines as they are now, without trailing blanks."""
        while self._pump(0):
            pass
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """The screen's lines in one string."""
        return "\n".join(self.screen())

    def wait_for(self, what: str | re.Pattern[str], timeout: float = TIMEOUT) -> None:
        """Return once the screen shows a text, or something a pattern finds; fail with the screen if it never does."""
        found = (lambda: what in self.text()) if isinstance(what, str) else (lambda: what.search(self.text()))
        self._wait(found, what, timeout)

    def wait_for_bytes(self, what: bytes, timeout: float = TIMEOUT) -> None:
        """Return once `what` is among the bytes written."""
        self._wait(lambda: what in self.raw, what, timeout)

    def _wait(self, found: Callable[[], object], what: object, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not found():
            left = deadline - time.monotonic()
            alive = self._master >= 0 and left > 0 and self._pump(left)
            assert alive or found(), f"{what!r} did not come; the screen:\n" + "\n".join(self._screen.display)

    def resize(self, cols: int, rows: int) -> None:
        """Change the size, as a window manager does; the program gets SIGWINCH."""
        self._screen.resize(rows, cols)
        _set_size(self._master, cols, rows)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        os.kill(self.pid, number)

    def modes(self) -> list[Any]:
        """The terminal's modes, as `termios.tcgetattr` tells them."""
        return termios.tcgetattr(self._master)

    def hang_up(self) -> None:
        """Close the terminal under the program, as a lost connection does."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def wait_exit(self, timeout: float = TIMEOUT, *, reading: bool = True) -> int:
        """The exit status, once the program ends: as a shell's, so 128 + n for a signal n that killed it.

        With `reading` off the terminal stands still meanwhile.
        """
        deadline = time.monotonic() + timeout
        while self._code is None:
            left = deadline - time.monotonic()
            assert left > 0, "the program did not end; the screen:\n" + "\n".join(self._screen.display)
            watched = [self._ended, *([self._master] if reading and self._master >= 0 else [])]
            ready = select.select(watched, [], [], left)[0]
            if self._master in ready and not self._pump(0) and self._ended not in ready:
                reading = False
            if self._ended in ready:
                self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        while reading and self._master >= 0 and self._pump(0):
            pass
        return self._code if self._code >= 0 else 128 - self._code

    def _pump(self, timeout: float) -> bool:
        """Read once; False when nothing came in time or nothing will come any more."""
        if self._master < 0 or not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        data = self._rest + data
        cut = _UNFINISHED.search(data)
        end = cut.start() if cut else len(data)
        data, self._rest = data[:end], data[end:]
        at = 0
        for special in _BEYOND_PYTE.finditer(data):
            self._stream.feed(data[at : special.start()])
            if special.group().startswith(b"\x1b[?"):
                self._screen.erase_in_display(2)
            at = special.end()
        self._stream.feed(data[at:])
        return bool(data or self._rest)


def _set_size(fd: int, cols: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
