"""CLI allow lists from the shell: shown, changed, tried; companies on one address told apart."""

from __future__ import annotations

import pytest

from cxtui.services.context import Context
from tests.support import execute

HERE = "203.0.113.77"


@pytest.fixture
def shared(shell):
    """A shell in whose database Acme Telecom and Beta Ltd share an address."""
    shell.ok("company", "add", "Beta Ltd")
    shell.ok("ip", "add", "Acme Telecom", HERE)
    shell.ok("ip", "add", "Beta Ltd", HERE, "--share")
    return shell


def test_the_example_of_the_seed_from_the_shell(shared):
    """S-044, S-045, W-007: 1234567 of one customer and 1234578 of the other."""
    shared.ok("cli", "set", "Acme Telecom", "1234567", "--reason", "ticket 7")
    shared.ok("cli", "set", "Beta Ltd", "1234578")
    told = shared("cli", "test", HERE, "1234567", "1234578", "999")
    assert told.code == 1
    assert told.out.splitlines()[1:] == [
        "1234567  Acme Telecom                     1234567",
        "1234578  Beta Ltd                         1234578",
        "999      none: CLI restriction in effect",
    ]
    assert shared.json("cli", "test", HERE, "1234567") == [
        {"cli": "1234567", "companies": ["Acme Telecom"], "settled": True, "words": "Acme Telecom", "why": "1234567"}
    ]


def test_a_list_is_replaced_added_to_taken_from_and_emptied(shared):
    """S-045"""
    shared.ok("cli", "set", "Acme Telecom", "1234567", "^44")
    shared.ok("cli", "set", "Acme Telecom", "--add", "+45", "1234567")
    assert shared.ok("cli", "show", "Acme Telecom").out == "1234567\n^44\n+45\n"
    shared.ok("cli", "set", "Acme Telecom", "^44", "--remove")
    assert shared.json("cli", "show", "Acme Telecom") == {
        "id": 1,
        "company": "Acme Telecom",
        "cli_allow_list": ["1234567", "+45"],
    }
    missing = shared("cli", "set", "Acme Telecom", "99", "--remove")
    assert (missing.code, missing.err) == (1, "cli_allow_list: 99 is not on the list of Acme Telecom\n")
    shared.ok("ip", "delete", "id:2", "--yes")
    shared.ok("cli", "set", "Acme Telecom", "")
    assert shared.ok("cli", "show", "Acme Telecom").err == "Acme Telecom has no CLI list: every number passes.\n"


def test_lists_and_numbers_are_read_from_standard_input(shared):
    shared.ok("cli", "set", "Acme Telecom", "-", stdin=b"1234567\r\n\n ^44\n")
    assert shared.ok("cli", "show", "Acme Telecom").out == "1234567\n^44\n"
    assert shared.ok("cli", "set", "Beta Ltd", "-", stdin=b"1, 2").code == 0
    assert shared("cli", "test", HERE, "-", stdin=b"1234567\n2\n").code == 0


@pytest.mark.parametrize("stdin", [b"", b"\n \n", b"\xff", b"1" * 1_000_001], ids=["nothing", "blank", "bytes", "huge"])
def test_a_program_that_failed_before_the_pipe_does_not_empty_a_list(shared, stdin):
    """W-009: an empty list lets every number pass."""
    shared.ok("cli", "set", "Acme Telecom", "1234567")
    assert shared("cli", "set", "Acme Telecom", "-", stdin=stdin).code == 2
    assert shared.ok("cli", "show", "Acme Telecom").out == "1234567\n"


def test_what_the_rules_refuse_is_said_and_not_stored(shared):
    """W-007, W-009"""
    shared.ok("cli", "set", "Acme Telecom", "1234567")
    for line, words in (
        ("(", "never closed"),
        ("1234567", "also stands"),
        ("^12", "also matches"),
        ("44 1", "write 441"),
    ):
        answer = shared("cli", "set", "Beta Ltd", line)
        assert answer.code == 1
        assert words in answer.err
    assert shared("cli", "set", "Beta Ltd", "^12", "--json").json["findings"][0]["code"] == "W-007"
    assert shared("cli", "set", "Nobody", "1").code == 1
    assert shared("cli", "set", "Beta Ltd").code == 2
    assert shared("cli", "set", "Beta Ltd", "1", "--add", "--remove").code == 2


def test_who_shares_an_address_and_what_is_wrong_there(shared):
    """W-008, W-009"""
    answer = shared("cli", "share", HERE)
    assert answer.code == 1
    assert answer.err.splitlines() == [
        "error: Acme Telecom has no CLI list: every call would be theirs",
        "error: Beta Ltd has no CLI list: every call would be theirs",
    ]
    shared.ok("cli", "set", "Acme Telecom", "1234567", "^44")
    shared.ok("cli", "set", "Beta Ltd", "1234578")
    answer = shared.ok("cli", "share", HERE)
    assert answer.out.splitlines()[1:] == [
        "Acme Telecom  203.0.113.77  5060  yes       1234567, ^44",
        "Beta Ltd      203.0.113.77  5060  yes       1234578",
    ]
    found = shared.json("cli", "share", HERE)
    assert (found["address"], found["port"], found["findings"]) == (HERE, 5060, [])
    assert [sharer["company"] for sharer in found["sharers"]] == ["Acme Telecom", "Beta Ltd"]
    assert found["sharers"][0]["entries"] == [{"id": 1, "address": HERE, "cli_authentication": True}]
    assert shared("cli", "share", "192.0.2.1").code == 1


def test_apply_sets_the_flag_on_all_entries_of_all_of_them(shared, context: Context):
    """W-008"""
    shared.ok("cli", "set", "Acme Telecom", "1234567")
    shared.ok("cli", "set", "Beta Ltd", "1234578")
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0")
    answer = shared("cli", "share", HERE)
    assert answer.code == 1
    assert "CLI Authentication is not set on 203.0.113.77 of Beta Ltd; --apply sets it on all of them" in answer.err
    told = shared("cli", "test", HERE, "1234567")
    assert (told.code, "not told apart" in told.out) == (1, True)
    applied = shared.json("cli", "share", HERE, "--apply")
    assert applied["done"] == f"Saved CLI authentication on {HERE}: 2 IP entries."
    assert [row["cli_authentication"] for row in applied["rows"]] == [True, True]
    shared.ok("cli", "share", HERE)


def test_an_address_with_several_ports_wants_one_of_them(shared):
    shared.ok("ip", "add", "Beta Ltd", HERE, "--port", "5080")
    assert "5060, 5080" in shared("cli", "test", HERE, "1").err
    assert shared.json("cli", "test", HERE, "1", "--port", "5080")[0]["companies"] == ["Beta Ltd"]


def test_who_may_only_look_may_test_and_not_change(shared):
    """W-028"""
    assert shared("cli", "set", "Beta Ltd", "1", "--readonly").code == 1
    assert shared("cli", "share", HERE, "--apply", "--readonly").code == 1
    assert shared("cli", "test", HERE, "1", "--readonly").out.endswith("it has no CLI list, it has no CLI list\n")
