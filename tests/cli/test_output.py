"""What is printed: aligned, complete, harmless to the terminal, and exact for programs."""

from __future__ import annotations

import json
import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.cli import listing
from cxtui.cli.output import dumps
from cxtui.cli.tables import GAP, Column, cut, table, width
from cxtui.rules.printable import clean
from cxtui.services import edges
from cxtui.services.grids import Grid

HOSTILE = (
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b[2J\x1b[H",
    "\u202eevil",
    "a\nb",
    "[/red]",
    "zero\u200bwidth",
    "\x9b31m\x7f",
)
any_text = st.text(st.characters(codec=None, categories=None), max_size=30)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_a_picture_of_itself_in_every_list(shell, context, text):
    with context.database.bulk() as link:
        link.execute("UPDATE company SET name = ?, notes = ? WHERE id = 1", (text, text))
        link.execute("INSERT INTO sip_user(version, company_id, username, channels, flow_speed, protocol, allow_list,"
                     " nat_ping, retain_did, smart_extension, enabled) VALUES (1, 1, ?, 1, 0, 'udp', '', 'disabled',"
                     " 0, 0, 1)", (text,))  # fmt: skip
    edges.record(context, [edges.Sighting("198.51.100.9", 1e9, 1, text, text, text, "table")])
    for words in (("company", "list"), ("sip", "list"), ("block", "list"), ("company", "show", "1"), ("find", "1")):
        answer = shell(*words)
        said = answer.out + answer.err
        assert said.replace("\n", "") == clean(said.replace("\n", ""))
    assert clean(text) in shell.ok("sip", "list").out
    as_json = shell.ok("sip", "list", "--json").out
    assert as_json.replace("\n", "").isprintable()
    assert json.loads(as_json)[0]["username"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_on_the_command_line_is_not_echoed_as_it_is(shell, text):
    for words in (("find", text), ("sip", "show", text), ("ip", "add", "Acme Telecom", text), (text,)):
        answer = shell(*words)
        assert answer.code in (1, 2)
        said = (answer.out + answer.err).replace("\n", "")
        assert said == clean(said)


@given(any_text)
def test_json_is_printable_ascii_and_exact(text):
    written = dumps({"text": text})
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == {"text": text}


@given(st.lists(st.tuples(any_text, any_text, any_text), max_size=8), st.integers(24, 80))
def test_a_table_fits_the_screen_and_its_columns_stand_under_each_other(rows, room):
    columns = [Column("One"), Column("Number", right=True), Column("Last")]
    lines = list(table(columns, rows, room))
    assert len(lines) == len(rows) + 1
    assert all(width(line) <= room for line in lines)
    assert lines[0].startswith("One")


def test_a_number_is_left_out_rather_than_cut():
    columns = [Column("Name"), Column("Hits", right=True)]
    rows = [("a" * 40, "1234567890")]
    assert list(table(columns, rows, 30)) == ["Name                      Hits", "a" * 17 + "…  1234567890"]
    assert list(table(columns, rows, 18)) == ["Name", "a" * 17 + "…"]


def test_a_table_that_goes_to_a_file_is_not_cut():
    lines = list(table([Column("A"), Column("B")], [("x" * 300, "y"), ("서울", "z")]))
    assert lines[1] == "x" * 300 + GAP + "y"
    assert width(lines[2]) == width(lines[1])


def test_what_is_cut_ends_in_a_sign():
    assert cut("서울특별시", 6) == "서울…"
    assert cut("registered", 10) == "registered"


def fill(context, count):
    """Give Acme SIP users without asking the rules."""
    with context.database.bulk() as link:
        link.executemany(
            "INSERT INTO sip_user(version, company_id, username, channels, flow_speed, protocol, allow_list, nat_ping,"
            " retain_did, smart_extension, enabled) VALUES (1, 1, ?, 1, 0, 'udp', '', 'disabled', 0, 0, 1)",
            ((f"user{number:06}",) for number in range(count)),
        )


def test_a_list_has_every_row_once_and_in_order(shell, context):
    count = 2 * listing.WINDOW + 3
    fill(context, count)
    names = [row["username"] for row in shell.json("sip", "list")]
    assert names == [f"user{number:06}" for number in range(count)]
    assert len(shell.ok("sip", "list").out.splitlines()) == count + 1
    assert len(shell.json("sip", "list", "--limit", "700")) == 700


def test_a_filter_lists_more_than_the_screens_are_counted_to(shell, context):
    """The grids of the console stop counting at 10,000; who exports wants them all."""
    fill(context, 10_001)
    answer = shell.ok("sip", "list", "--filter", "user0", "--json")
    assert answer.out.count('"username"') == 10_001


def test_rows_written_and_deleted_meanwhile_neither_repeat_nor_hide_others(shell, context, monkeypatch):
    fill(context, 30)
    monkeypatch.setattr(listing, "WINDOW", 10)
    read = Grid.after

    def disturbed(grid, last, limit):
        rows = read(grid, last, limit)
        with context.database.bulk() as link:
            link.execute("DELETE FROM sip_user WHERE username = 'user000003'")
            link.execute("UPDATE sip_user SET username = 'a' || username WHERE username = 'user000004'")
        return rows

    monkeypatch.setattr(Grid, "after", disturbed)
    names = [row["username"] for row in shell.json("sip", "list")]
    assert names == [f"user{number:06}" for number in range(30)]


def test_blocks_go_on_from_window_to_window_newest_first(shell, context, monkeypatch):
    monkeypatch.setattr(listing, "WINDOW", 3)
    seen = [edges.Sighting(f"198.51.100.{number}", 1e9 + number % 4, 1, "scanner") for number in range(20)]
    edges.record(context, seen)
    rows = shell.json("block", "list")
    assert len({row["address"] for row in rows}) == 20
    assert all(one["since"] >= two["since"] for one, two in pairwise(rows))


def test_profiles_are_filtered_too(shell):
    for name in ("mobile", "desk"):
        shell.ok("profile", "add", name)
    assert [row["name"] for row in shell.json("profile", "list", "--filter", "OBI")] == ["mobile"]


def test_on_a_terminal_a_list_ends_after_a_screenful_and_says_so(shell, context, monkeypatch):
    fill(context, 60)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((60, 24)))
    answer = shell.ok("sip", "list")
    assert len(answer.out.splitlines()) == listing.ON_A_SCREEN + 1
    assert max(map(len, answer.out.splitlines())) <= 60
    assert "--all" in answer.err
    assert len(shell.ok("sip", "list", "--all").out.splitlines()) == 61


def test_an_empty_list_says_so_beside_the_answer(shell):
    answer = shell.ok("sip", "list")
    assert answer.err == "No SIP users yet.\n"
    assert shell.json("sip", "list") == []
    assert "like that" in shell.ok("sip", "list", "--filter", "zzz").err


def test_notes_of_several_lines_are_shown_as_lines(shell):
    shell.ok("company", "set", "Acme Telecom", "--notes", "one\ntwo")
    words = [line.split()[-1:] for line in shell.ok("company", "show", "Acme Telecom").out.splitlines()]
    assert words[words.index(["one"]) + 1] == ["two"]
    assert "one two" not in shell.ok("company", "list").out
