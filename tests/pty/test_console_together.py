"""Two operators at two consoles on one database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pty.console import READY, console, execute, prepared, query, wait_for_words, wait_until_gone
from tests.pty.terminal import Terminal

NOTES = "SELECT notes, channels, flow_speed FROM company WHERE name = 'Beta Ltd'"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test."""
    return prepared(tmp_path)


def open_beta(terminal: Terminal) -> None:
    """Open the form of Beta Ltd."""
    terminal.wait_for(READY)
    terminal.send("c", "home", "down", "e")
    terminal.wait_for("Block Size")


def test_what_one_commits_the_other_sees(path: Path) -> None:
    with console(path) as one, console(path) as other:
        other.wait_for(READY)
        other.send("c")
        other.wait_for("Beta Ltd")
        one.wait_for(READY)
        one.send("c", "a", "Gamma Ltd", "ctrl+s")
        other.wait_for("Gamma Ltd")
        other.send("end", "d")
        other.wait_for("Delete customer Gamma Ltd?")
        other.send("y")
        wait_until_gone(one, "Gamma Ltd  ")
        one.send("7")
        one.wait_for("Firewall  2")
        other.send("7", "home", "u")
        other.wait_for("Unblocked")
        one.wait_for("Firewall  1")


def test_a_commit_of_any_other_program_is_on_the_screen(path: Path) -> None:
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("c")
        terminal.wait_for("Beta Ltd")
        execute(path, "UPDATE company SET name = 'Renamed Ltd' WHERE id = 2")
        terminal.wait_for("Renamed Ltd")


def test_both_edit_one_row_and_the_second_chooses_field_by_field(path: Path) -> None:
    """C of design.md §4: optimistic versions; no update is lost, whichever is chosen."""
    with console(path) as one, console(path) as other:
        for terminal in (one, other):
            open_beta(terminal)
        one.send("tab", "tab", "tab", "ctrl+u", "11", "tab", "ctrl+u", "22", "ctrl+s")
        one.wait_for("Saved")
        other.send("tab", "tab", "tab", "ctrl+u", "33", "tab", "ctrl+u", "44", "ctrl+s")
        wait_for_words(other, "changed this row while you were editing")
        for words in ("theirs: 11", "yours: 33", "theirs: 22", "yours: 44"):
            wait_for_words(other, words)
        other.send("right", "ctrl+s")
        other.wait_for("Saved")
    ((_, channels, flow_speed),) = query(path, NOTES)
    assert (channels, flow_speed) == (33, 22)
    assert [json.loads(row[0])["channels"] for row in query(path, AUDITED)] == [11, 33]


AUDITED = "SELECT after FROM audit WHERE action = 'UPDATE' AND entity = 'company' ORDER BY id"


def test_fields_that_only_one_changed_are_kept_from_both_without_a_question(path: Path) -> None:
    with console(path) as one, console(path) as other:
        for terminal in (one, other):
            open_beta(terminal)
        one.send("tab", "tab", "tab", "ctrl+u", "11", "ctrl+s")
        one.wait_for("Saved")
        other.send("tab", "tab", "tab", "tab", "ctrl+u", "44", "ctrl+s")
        other.wait_for("Saved")
        assert "while you were editing" not in other.text()
    assert query(path, NOTES) == [("calls before nine", 11, 44)]


@pytest.mark.parametrize(("keys", "kept"), [(["ctrl+s"], "theirs"), (["right", "ctrl+s"], "mine")])
def test_a_text_of_several_lines_is_chosen_like_any_other_field(path: Path, keys: list[str], kept: str) -> None:
    with console(path) as one, console(path) as other:
        for terminal, words in ((one, "theirs"), (other, "mine")):
            open_beta(terminal)
            terminal.send("shift+tab")
            terminal.send("ctrl+k", words)
            terminal.wait_for(words)
        one.send("ctrl+s")
        one.wait_for("Saved")
        other.send("ctrl+s")
        wait_for_words(other, "changed this row while you were editing")
        other.send(*keys)
        wait_until_gone(other, "while you were editing")
        wait_until_gone(other, "Block Size")
    assert query(path, NOTES) == [(kept, 0, 0)]


def test_a_row_that_somebody_deleted_meanwhile_is_said_to_be_gone_and_the_form_stays(path: Path) -> None:
    with console(path) as one, console(path) as other:
        for terminal in (one, other):
            open_beta(terminal)
        one.send("\x1b[20~", "d")
        one.wait_for("Delete customer Beta Ltd?")
        one.send("y")
        one.wait_for("Deleted")
        other.send("tab", "tab", "tab", "ctrl+u", "11", "ctrl+s")
        wait_for_words(other, "was deleted in the meantime.")
        assert "11" in other.text()
    assert query(path, "SELECT count(*) FROM company") == [(1,)]
