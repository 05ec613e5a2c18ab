"""Forms: what is wrong stands beside its field, and nothing that was typed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty.console import (
    READY,
    console,
    pasted,
    place_of,
    prepared,
    query,
    wait_for_words,
    wait_until_gone,
)
from tests.pty.terminal import Terminal, wait_until

COUNT = "SELECT count(*) FROM "


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


def focused_label(terminal: Terminal) -> str:
    """The label of the field that has the cursor: it is the only bold one in the accent colour."""
    terminal.screen()
    lines = terminal._screen.buffer
    for number in range(2, terminal._screen.lines - 1):
        cell = lines[number][1]
        if cell.bold and cell.data.strip() and lines[number][0].data == " ":
            label = "".join(lines[number][column].data for column in range(1, 22)).strip()
            if label and not label.startswith(("new", "Basic", "IP entry", "SIP user", "company")):
                return label
    return ""


def test_an_error_stands_under_its_field_and_the_first_bad_field_has_the_cursor(path: Path) -> None:
    """W-011, S-092: said at once; a refused save puts the cursor there."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "enter", "3", "a")
        terminal.wait_for("new SIP user")
        terminal.send("tab", "tab", "ctrl+u", "900", "tab", "x")
        wait_for_words(terminal, "No channel capacity available for your account.")
        wait_for_words(terminal, "write a whole number")
        assert place_of(terminal, "No channel capacity")[1] == place_of(terminal, "Channels  ")[1] + 1
        terminal.send("ctrl+s")
        wait_until(lambda: focused_label(terminal).startswith("Channels"), "the cursor in Channels")
        terminal.send("ctrl+u", "3", "tab", "ctrl+u", "5", "ctrl+s")
        terminal.wait_for("New password for 1000")
    assert query(path, "SELECT channels, flow_speed FROM sip_user WHERE username = '1000'") == [(3, 5)]


def test_a_duplicate_user_is_named_as_the_portal_names_it(path: Path) -> None:
    """S-093."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "enter", "3", "a")
        terminal.wait_for("new SIP user")
        terminal.send("ctrl+u", "1001")
        terminal.wait_for("Duplicate User Detected")
        terminal.send("ctrl+s")
        wait_until(lambda: focused_label(terminal).startswith("Username"), "the cursor in Username")
        assert "1001" in terminal.text()
    assert query(path, COUNT + "sip_user") == [(3,)]


def test_several_addresses_are_pasted_at_once_and_each_is_judged_on_its_own(path: Path) -> None:
    """W-001, S-020: any separators; the good and the bad lines are told apart, and none is lost."""
    with console(path, cols=120, rows=40) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "enter", "2", "a")
        terminal.wait_for("new IP entry")
        terminal.send(pasted("192.0.2.10, 192.0.2.32/28\n203.0.113.300;192.0.2.64"))
        wait_for_words(terminal, "300 is not an octet (0–255)")
        terminal.wait_for("3 of 4 good")
        terminal.send("ctrl+s")
        wait_for_words(terminal, "300 is not an octet")
        for address in ("192.0.2.10", "192.0.2.32/28", "203.0.113.300", "192.0.2.64"):
            assert address in terminal.text()
        assert query(path, COUNT + "ip_auth WHERE address LIKE '192.0.2.%'") == [(0,)]
        terminal.send("ctrl+u", "192.0.2.64", "ctrl+s")
        wait_for_words(terminal, "Added 3 IP entries")
    assert query(path, COUNT + "ip_auth WHERE address LIKE '192.0.2.%'") == [(3,)]


def test_leaving_a_form_asks_only_when_something_was_typed_and_no_keeps_it(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "a")
        terminal.wait_for("new company")
        terminal.send("esc")
        wait_until_gone(terminal, "new company")
        terminal.send("a", "Typed Ltd", "esc")
        terminal.wait_for("Leave without saving what you typed?")
        terminal.send("enter")
        wait_until_gone(terminal, "Leave without saving")
        terminal.wait_for("Typed Ltd")
        terminal.send(" & Co", "esc")
        terminal.wait_for("Leave without saving")
        assert "Typed Ltd & Co" in terminal.text()
        terminal.send("y")
        wait_until_gone(terminal, "new company")
    assert query(path, COUNT + "company") == [(2,)]


def test_no_key_of_the_list_or_the_tabs_works_while_a_form_is_open(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "e")
        terminal.wait_for("Name *")
        terminal.send("tab", "z", "q", "4", "u", "d", "/", "c")
        terminal.send("tab", "z", "tab")
        terminal.wait_for("^s Save")
        assert "Kind" in terminal.text()
        assert "Delete" not in terminal.text()
    assert query(path, COUNT + "block WHERE lifted_at IS NULL") == [(2,)]


def test_a_port_that_was_not_changed_follows_the_protocol(path: Path) -> None:
    """S-037, S-034."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "enter", "2", "a")
        terminal.wait_for("new IP entry")
        terminal.send("192.0.2.99", "\x1b[17~")
        terminal.wait_for("5060")
        terminal.send("tab", "tab", "right", "right")
        terminal.wait_for("5061")
        terminal.send("ctrl+s")
        wait_for_words(terminal, "Added IP entry 192.0.2.99")
    assert query(path, "SELECT protocol, port FROM ip_auth WHERE address = '192.0.2.99'") == [("tls", 5061)]
