"""What the console sends over a line: performance.md's budgets, on 120x40 in true colour."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.console import READY, console, prepared, wait_until_at_rest
from tests.pty.terminal import Terminal, wait_until

KEY, PAGE = 1_000, 9_000


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A console with more rows in both lists than the screen has, standing still."""
    path = prepared(tmp_path)
    link = sqlite3.connect(path)
    # Of an age in days: one in seconds is another one with every row that is read.
    link.execute("UPDATE sip_user SET password_set_at = password_set_at - 5 * 86400")
    for number in range(200):
        for table, name in (("sip_user", "username"), ("ip_auth", "manufacturer")):
            cursor = link.execute(f"SELECT * FROM {table} LIMIT 1")
            names = [column[0] for column in cursor.description]
            row = {**dict(zip(names, cursor.fetchone(), strict=True)), "id": None, name: f"u{number}"}
            if table == "ip_auth":
                row["address"] = f"198.51.100.{number}"
                row["first"] = row["last"] = bytes(10) + b"\xff\xff" + bytes((198, 51, 100, number))
            link.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", list(row.values()))
    link.commit()
    link.close()
    with console(path, cols=120, rows=40) as terminal:
        terminal.wait_for(READY)
        terminal.wait_for("198.51.100.20")
        wait_until_at_rest(terminal)
        yield terminal


def sent(terminal: Terminal, *keys: str) -> int:
    """The bytes that follow keys that change the picture."""
    before = len(terminal.raw)
    terminal.send(*keys)
    wait_until(lambda: terminal.screen() and len(terminal.raw) > before, "an answer to the key")
    wait_until_at_rest(terminal, 0.2)
    return len(terminal.raw) - before


def test_a_cursor_key_costs_no_more_than_a_thousand_bytes(terminal: Terminal) -> None:
    assert [
        count for key in ("down", "down", "up", "j", "k", "space") if not 0 < (count := sent(terminal, key)) <= KEY
    ] == []


def test_a_page_costs_no_more_than_nine_thousand_bytes(terminal: Terminal) -> None:
    for tab in ("2", "3", "1"):
        sent(terminal, tab)
        for key in ("pagedown", "pageup", "end", "home"):
            assert 0 < sent(terminal, key) <= PAGE, (tab, key)


def test_going_to_the_other_list_repaints_two_rows_and_not_the_screen(terminal: Terminal) -> None:
    assert sent(terminal, "tab") <= 2 * KEY
    assert sent(terminal, "shift+tab") <= 2 * KEY


def test_a_console_that_is_left_alone_sends_nothing(terminal: Terminal) -> None:
    before = len(terminal.raw)
    wait_until_at_rest(terminal, 3.0)
    assert len(terminal.raw) == before


def test_a_key_typed_into_a_form_costs_no_more_than_a_cursor_key(terminal: Terminal) -> None:
    sent(terminal, "c")
    sent(terminal, "a")
    terminal.wait_for("Block Size")
    sent(terminal, "N")
    assert sent(terminal, "e") <= KEY
    assert sent(terminal, "tab") <= 2 * KEY
