from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty.sshd import Sshd
from tests.pty.terminal import Terminal, wait_until

ROOT = Path(__file__).parents[2]
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"


def test_sigterm_restores_the_screen_and_exits(tiny: list[str], notes: Path) -> None:
    with Terminal(tiny) as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == 143
        assert LEAVES_ALTERNATE_SCREEN in terminal.raw
        assert SHOWS_CURSOR in terminal.raw
    assert notes.read_text() == "left\n"


def test_sighup_runs_on_leave_once_and_ends_with_129(tiny: list[str], notes: Path) -> None:
    with Terminal(tiny) as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGHUP)
        assert terminal.wait_exit() == 129
        assert LEAVES_ALTERNATE_SCREEN in terminal.raw
    assert notes.read_text() == "left\n"


def test_an_ordinary_quit_exits_with_0_and_does_not_run_on_leave(tiny: list[str], notes: Path) -> None:
    with Terminal(tiny) as terminal:
        terminal.wait_for("ready")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.raw.count(LEAVES_ALTERNATE_SCREEN) == 1
    assert notes.read_text() == ""


@pytest.mark.parametrize("ignore_hup", [False, True], ids=["hup handled", "hup ignored"])
def test_a_terminal_that_hangs_up_ends_the_process(tiny: list[str], notes: Path, ignore_hup: bool) -> None:
    with Terminal(tiny, ignore_hup=ignore_hup) as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_exit() == 129
    assert notes.read_text() == "left\n"


def test_an_ignored_sighup_stays_ignored_while_the_terminal_lives(tiny: list[str], notes: Path) -> None:
    with Terminal(tiny, ignore_hup=True) as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGHUP)
        terminal.send("c")
        terminal.wait_for("Sent to your terminal's clipboard")
        assert notes.read_text() == ""


def test_an_on_leave_that_never_returns_does_not_keep_the_process(tiny: list[str], notes: Path) -> None:
    with Terminal([*tiny, "stuck"]) as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_exit() == 129
    assert notes.read_text() == "left\n"


def test_sigterm_ends_a_process_that_is_stuck_writing_to_a_terminal_that_stands_still(
    tiny: list[str], notes: Path
) -> None:
    with Terminal(tiny) as terminal:
        terminal.wait_for("ready")
        terminal.send("f")
        wait_until(lambda: "flooding" in notes.read_text(), "the flood")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit(reading=False) == 143
    assert "left" in notes.read_text()


def test_a_driver_that_fails_to_restore_the_terminal_is_made_up_for(tiny: list[str]) -> None:
    with Terminal([*tiny, "broken-driver"]) as terminal:
        before = terminal.modes()
        terminal.wait_for("ready")
        assert terminal.modes() != before
        terminal.send("q")
        terminal.wait_exit()
        assert LEAVES_ALTERNATE_SCREEN in terminal.raw
        assert SHOWS_CURSOR in terminal.raw
        assert terminal.modes() == before


def test_a_lost_ssh_connection_ends_the_process_on_the_server(tiny: list[str], notes: Path) -> None:
    with Sshd() as sshd, Terminal(sshd.command(tiny)) as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGKILL)
        wait_until(lambda: notes.read_text() == "left\n", "the end of the console on the server")


def test_waiting_for_a_hang_up_is_one_thread_that_typing_does_not_wake(tiny: list[str]) -> None:
    with Terminal(tiny) as terminal:
        terminal.wait_for("ready")
        before = waits(terminal.pid)
        terminal.send("c")
        terminal.wait_for("Sent to your terminal's clipboard")
        after = waits(terminal.pid)
    assert sum(after[thread] == count for thread, count in before.items()) == 1


def waits(pid: int) -> dict[str, int]:
    """How often each thread of a process has gone to sleep."""
    counts = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        (line,) = re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)
        counts[task.name] = int(line)
    return counts


@pytest.mark.parametrize(
    ("term", "colours"), [("xterm-256color", 256), ("xterm", 8), ("vt100", 2), ("never-heard-of-it", 8)]
)
def test_terminfo_is_asked_for_the_colours_of_a_terminal(term: str, colours: int) -> None:
    question = f"from cxtui.ui import terminal; print(terminal._terminfo_colours({term!r}))"
    done = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(done.stdout) == colours
