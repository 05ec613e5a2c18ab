"""Two consoles, each a process of its own: who has the row open, and what becomes of one that is killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cxtui.services.presence import GONE_AFTER
from tests.pty.console import READY, console, execute, prepared, query, wait_until_gone
from tests.pty.terminal import Terminal, wait_until

WIDE = 120


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


def go_to_beta(terminal: Terminal) -> None:
    """Put the cursor on Beta Ltd."""
    terminal.wait_for(READY)
    terminal.send("c", "home", "down")
    terminal.wait_for("Beta Ltd")


def present(path: Path) -> list[tuple[int, int]]:
    """Which company is open, and whether it is being edited."""
    return [(key, editing) for key, editing in query(path, "SELECT entity_id, editing FROM presence")]


def test_a_killed_console_is_forgotten_and_one_that_is_ended_says_so_itself(path: Path) -> None:
    with console(path, cols=WIDE) as one:
        go_to_beta(one)
        with console(path, cols=WIDE) as other:
            go_to_beta(other)
            other.send("e")
            other.wait_for("Block Size")
            other.send("tab", "tab", "tab", "1")
            one.wait_for("is editing this row.")
            assert present(path) == [(2, 1)]
            other.signal(signal.SIGKILL)
            other.wait_exit()
        assert present(path) == [(2, 1)]
        execute(path, f"UPDATE presence SET seen_at = seen_at - {GONE_AFTER}")
        wait_until_gone(one, "is editing this row.")
        one.send("e")
        one.wait_for("Block Size")
        wait_until(lambda: present(path) == [(2, 0)], "looking")
        one.signal(signal.SIGTERM)
        one.wait_exit()
    assert present(path) == []
