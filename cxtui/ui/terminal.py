"""Terminal citizenship: when the console may start, how it leaves, and what it leaves behind.

Textual's driver handles neither SIGTERM nor SIGHUP, and with SIGHUP ignored a vanished terminal makes it spin for
ever; this room closes those gaps.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType
    from typing import TypeAlias

    from textual.app import App

    Modes: TypeAlias = list[Any]

_STDIN = 0
HANGUP_CODE = 128 + signal.SIGHUP
GRACE_SECONDS = 2.0
"""How long an orderly exit may take after a signal before the process is ended."""

RESET = (
    b"\x1b[?2004l\x1b[?2048l\x1b[?2026l"  # bracketed paste, resize reports, synchronised output
    b"\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l"  # mouse, focus
    b"\x1b[<u"  # kitty keys are kept per screen: before leaving the alternate one
    b"\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m"  # alternate screen, line wrap, cursor, colours
)
"""What undoes everything Textual switches on, in the order it has to be undone."""

_VERBS = "Use the verbs instead, such as `cxtui ip list` or `cxtui sip list --json`; `cxtui --help` names them all."


def refusal(environ: Mapping[str, str], stdin_tty: bool, stdout_tty: bool) -> str | None:
    """Why the console cannot run here, in a sentence that points at the verbs; None when it can."""
    term = environ.get("TERM", "")
    if not (stdin_tty and stdout_tty):
        return f"The console needs a terminal, and standard {'output' if stdin_tty else 'input'} is not one. {_VERBS}"
    if term in ("", "dumb", "unknown"):
        said = f"TERM={term}" if term else "TERM is not set"
        return f"The console needs a terminal that can place text, and this one cannot ({said}). {_VERBS}"
    return None


def colour_depth(environ: Mapping[str, str], terminfo_colours: Callable[[str], int] | None = None) -> int:
    """How many colours the terminal says it has: 2 to 256, or 16777216 for true colour."""
    term = environ.get("TERM", "")
    if term == "linux":
        return 16
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return 1 << 24
    if term.endswith("-direct"):
        return 1 << 24
    if term.endswith("-256color"):
        return 256
    return (terminfo_colours or _terminfo_colours)(term)


def wants_ansi_theme(environ: Mapping[str, str], terminfo_colours: Callable[[str], int] | None = None) -> bool:
    """Whether the terminal's own 16 colours suit better than a theme's: few colours, or NO_COLOR is set."""
    return bool(environ.get("NO_COLOR")) or colour_depth(environ, terminfo_colours) <= 16


def wants_ascii(environ: Mapping[str, str], locale_encoding: str) -> bool:
    """Whether state must be drawn with ASCII: a locale that is not UTF-8, or the Linux console with its small font.

    `locale_encoding` is what Python uses. A C or POSIX locale counts as ASCII even where Python itself made it UTF-8.
    """
    if environ.get("TERM") == "linux" or "utf8" not in locale_encoding.lower().replace("-", ""):
        return True
    coerced = not environ.get("LC_ALL") and environ.get("LC_CTYPE") == "C.UTF-8"
    names = ("LANG",) if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    named = next((environ[name] for name in names if environ.get(name)), "")
    return named in ("C", "POSIX")


def guard(app: App[Any], on_leave: Callable[[], None]) -> None:
    """Make the console leave in order when it is told to, and at once when its terminal is gone.

    Call it on the UI thread once the app runs. SIGTERM exits with 143 and SIGHUP with 129, both within GRACE_SECONDS;
    a SIGHUP that was ignored at the start (nohup) stays ignored, but a terminal that hangs up still ends the process
    with 129. `on_leave` runs once on each of these ways, and not on an ordinary exit; it must be quick, and safe on
    any thread. Does nothing for an app without a terminal (tests).
    """
    if app.is_headless:
        return
    leaving = _Leaving(app, on_leave)
    if threading.current_thread() is threading.main_thread():
        leaving.listen()
    if os.isatty(_STDIN):
        _daemon(lambda: _await_hang_up(leaving, _STDIN), "cxtui-hang-up")


@contextlib.contextmanager
def restored(fd: int = _STDIN) -> Iterator[None]:
    """Give the terminal back as it was if the body, however it ends, leaves it otherwise: wrap `app.run()` in it."""
    before = _modes(fd)
    try:
        yield
    finally:
        restore(fd, before)


def restore(fd: int, before: Modes | None) -> None:
    """Write RESET and set the modes of `before`, unless they hold already; a terminal that is gone is no error."""
    if before is None or _modes(fd) == before:
        return
    # Unmasked, SIGTTOU would stop a background process here that is about to end.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with contextlib.suppress(OSError, termios.error):
        os.write(fd, RESET)
        termios.tcsetattr(fd, termios.TCSANOW, before)


class _Leaving:
    """The ways out of a running app, orderly first and then by force; every one of them runs `on_leave` once."""

    def __init__(self, app: App[Any], on_leave: Callable[[], None]) -> None:
        import asyncio  # here, so that a refusal does not wait for it

        self._app = app
        self._on_leave = on_leave
        self._loop = asyncio.get_running_loop()
        self._once = threading.Lock()
        self._left = False
        # The modes from before the app, which only the driver has seen.
        self._before: Modes | None = getattr(app._driver, "attrs_before", None)

    def listen(self) -> None:
        """Take SIGTERM, and SIGHUP unless it is ignored.

        Not by the loop's own signal handling: that waits for the loop, and the loop can be stuck writing to a
        terminal which no longer reads.
        """
        signal.signal(signal.SIGTERM, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        code = 128 + number
        deadline = threading.Timer(GRACE_SECONDS, self.end, (code,))
        deadline.daemon = True
        deadline.start()
        with contextlib.suppress(RuntimeError):  # the loop is closed: the app has ended already
            self._loop.call_soon_threadsafe(self._exit, code)

    def _exit(self, code: int) -> None:
        self.leave()
        self._app.exit(return_code=code)

    def leave(self) -> None:
        """Run `on_leave` if it has not run; wait for it if it is running."""
        with self._once:
            if not self._left:
                self._left = True
                with contextlib.suppress(Exception):  # there is no one left to tell
                    self._on_leave()

    def end(self, code: int) -> None:
        """End the process now; neither a stuck `on_leave` nor a stuck terminal can prevent it."""
        for step in (self.leave, lambda: restore(_STDIN, self._before)):
            _daemon(step, "cxtui-end").join(GRACE_SECONDS / 4)
        os._exit(code)


def _await_hang_up(leaving: _Leaving, fd: int) -> None:
    """Block until the terminal of `fd` hangs up, then end the process.

    With no events asked for, poll still reports hang-ups, and input does not wake it: waiting costs nothing.
    """
    watch = select.poll()
    watch.register(fd, 0)
    if any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll()):
        leaving.end(HANGUP_CODE)


def _daemon(target: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=target, name=name, daemon=True)
    thread.start()
    return thread


def _modes(fd: int) -> Modes | None:
    """The terminal modes of `fd`; None when it is no terminal, or no longer one."""
    try:
        return termios.tcgetattr(fd)
    except (OSError, termios.error):
        return None


def _terminfo_colours(term: str) -> int:
    """The colours terminfo knows for `term`; 8 when it does not know the terminal."""
    import curses

    try:
        curses.setupterm(term, _STDIN)
    except curses.error:
        return 8
    return max(curses.tigetnum("colors"), 2)
