"""The console on terminals of every size and kind, with the mouse, the palette and the list of keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pty.console import (
    CUSTOMER,
    READY,
    clicked,
    console,
    place_of,
    prepared,
    query,
    wait_for_words,
    wait_until_at_rest,
    wait_until_gone,
)
from tests.pty.terminal import Terminal, wait_until

TABS = {"1": READY, "2": "IP authentication", "3": READY, "7": "Firewall  2", "c": "Companies  2", "i": "SIP profiles"}
MANY_COLOURS = re.compile(rb"[34]8;[25];")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


def visit_everything(terminal: Terminal) -> None:
    """Every tab, every form, a question and the keys."""
    for key, title in TABS.items():
        terminal.send(key)
        terminal.wait_for(title)
        if key != "1":
            terminal.send("a")
            terminal.wait_for("new ")
            terminal.send("\x1b[20~")
    terminal.send("2", "d")
    terminal.wait_for("Delete IP entry")
    terminal.send("n", "?")
    terminal.wait_for("In this list")
    terminal.send("q", "3", "p")
    terminal.wait_for("New password for")


@pytest.mark.parametrize(("cols", "rows"), [(80, 24), (120, 40), (200, 50)])
def test_everything_is_there_on_a_terminal_of_every_usual_size(path: Path, cols: int, rows: int) -> None:
    with console(path, cols=cols, rows=rows) as terminal:
        terminal.wait_for(READY)
        terminal.wait_for("All companies")
        terminal.wait_for("? Keys")
        lines = terminal.screen()
        assert "All companies" in lines[0]
        assert "? Keys" in lines[-1]
        side_by_side = any("IP authentication" in line and READY in line for line in lines)
        assert side_by_side == (cols >= 100)
        visit_everything(terminal)


def test_at_80_columns_the_state_the_address_and_whose_it_is_are_in_the_row(path: Path) -> None:
    """S-003, S-011: what matters most is never dropped."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("2")
        terminal.wait_for(re.compile(rf"✖ BLOCKED +{CUSTOMER} +Acme Telecom +they send"))
        terminal.send("7")
        terminal.wait_for(re.compile(rf"{CUSTOMER} +\d min +212 +INVITE.* +Acme Telecom +recorded"))


def test_a_terminal_that_is_far_too_small_does_no_harm(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        for cols, rows in [(40, 10), (20, 5), (3, 2)]:
            terminal.resize(cols, rows)
            wait_until_at_rest(terminal, 0.1)
            for key in ("2", "7", "c"):
                terminal.send(key, "a", "x", "\x1b[20~", "y", "?", "q", "end")
            terminal.send("/", "1001", "enter", "p")
            wait_until_at_rest(terminal, 0.2)
            terminal.send("esc")
            wait_until_at_rest(terminal, 0.2)
        terminal.resize(80, 24)
        terminal.send("1")
        terminal.wait_for("IP authentication")
        assert b"Traceback" not in terminal.raw
    assert query(path, "SELECT count(*) FROM company") == [(2,)]


def test_a_resize_keeps_the_open_form_and_what_is_typed(path: Path) -> None:
    with console(path, cols=120, rows=40) as terminal:
        terminal.wait_for(READY)
        terminal.send("c", "a", "Elastic")
        terminal.wait_for("Elastic")
        for cols, rows in [(80, 24), (200, 50), (60, 15), (120, 40)]:
            terminal.resize(cols, rows)
            terminal.wait_for("Elastic")
            terminal.wait_for("^s Save")
        terminal.send(" Ltd", "ctrl+s")
        wait_for_words(terminal, "Added customer Elastic Ltd.")
    assert query(path, "SELECT count(*) FROM company WHERE name = 'Elastic Ltd'") == [(1,)]


@pytest.mark.parametrize(
    "env", [{"CXTUI_ASCII": "yes"}, {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_with_ascii_no_other_character_is_ever_written(path: Path, env: dict[str, str]) -> None:
    with console(path, env=env) as terminal:
        terminal.wait_for(READY)
        visit_everything(terminal)
        terminal.send("enter")
        terminal.wait_for("set ")
        terminal.send("enter", "2", "end", "home", "7", "u")
        terminal.wait_for("Unblocked")
        wait_until_at_rest(terminal)
        found = re.search(rb"[\x80-\xff]+", terminal.raw)
        assert found is None, terminal.raw[max(0, found.start() - 40) : found.end() + 40].decode()


def test_a_terminal_with_sixteen_colours_is_sent_no_others(path: Path) -> None:
    with console(path, env={"TERM": "linux", "COLORTERM": ""}) as terminal:
        terminal.wait_for(READY)
        visit_everything(terminal)
        assert not MANY_COLOURS.search(terminal.raw)


def test_the_light_theme_is_light(path: Path) -> None:
    with console(path, env={"CXTUI_THEME": "light"}) as terminal:
        terminal.wait_for(READY)
        terminal.send("2", "a")
        terminal.wait_for("new IP entry")
        assert b"48;2;250;251;252" in terminal.raw


def test_no_colour_at_all_still_says_every_state_in_a_word(path: Path) -> None:
    with console(path, env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("✖ BLOCKED")
        terminal.send("c")
        terminal.wait_for("✔ active")


def test_the_keys_of_this_place_are_listed_and_can_be_scrolled_through(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("7", "?")
        terminal.wait_for("In this list")
        terminal.wait_for("Add the address as an IP")
        terminal.send("end")
        terminal.wait_for("home g, end G")
        terminal.send("q")
        wait_until_gone(terminal, "home g, end G")
        terminal.wait_for("Firewall  2")


def test_the_palette_finds_a_command_of_this_place_and_carries_it_out(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("2", "f", CUSTOMER, "enter")
        terminal.wait_for("1 match")
        terminal.send("ctrl+p")
        terminal.wait_for("Search for commands")
        terminal.send("Unblock")
        terminal.wait_for("Unblock what the firewall holds")
        terminal.send("enter")
        wait_for_words(terminal, f"Unblocked {CUSTOMER}: recorded, no edge attached.")


def test_tabs_rows_keys_and_choices_take_clicks(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send(clicked(*place_of(terminal, "Firewall")))
        terminal.wait_for("Firewall  2")
        terminal.send(clicked(*place_of(terminal, "185.243.5.19")))
        terminal.wait_for("▸ 185.243.5.19")
        terminal.send(clicked(*place_of(terminal, "Companies")))
        terminal.wait_for("Beta Ltd")
        terminal.wait_for("a Add")
        terminal.send(clicked(*place_of(terminal, "a Add")))
        terminal.wait_for("○ Carrier")
        terminal.send(clicked(*place_of(terminal, "○ Carrier")))
        terminal.wait_for("◉ Carrier")
        terminal.send(clicked(*place_of(terminal, "esc Back")))
        terminal.wait_for("Leave without saving")
        wait_until_at_rest(terminal, 0.2)
        terminal.send(clicked(*place_of(terminal, "Leave  ")))
        wait_until_gone(terminal, "new company")
        terminal.wait_for("Beta Ltd")
        terminal.send(clicked(*place_of(terminal, "Beta Ltd")))
        terminal.wait_for(re.compile("▸ .*Beta Ltd"))
        terminal.send(clicked(*place_of(terminal, "Beta Ltd")))
        wait_until(lambda: terminal.screen()[0].startswith(" Beta Ltd"), "Beta Ltd in the status line")


def test_the_wheel_moves_a_list(path: Path) -> None:
    with console(path, rows=16) as terminal:
        terminal.wait_for(READY)
        terminal.send("3")
        terminal.wait_for("1001")
        terminal.send("\x1b[<65;20;6M" * 3)
        wait_until_at_rest(terminal, 0.2)
        terminal.send("\x1b[<64;20;6M" * 3)
        terminal.wait_for("1001")
