"""Delayed saves from the shell (W-025)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.services import companies, delayed_saves
from cxtui.services.wishes import Wish
from tests.support import execute, query


@pytest.fixture
def waits(context):
    """Asks for a new profile in two hours, as bob; gives its id."""

    def ask(name, context=context):
        return delayed_saves.delay(context, Wish("profiles", {"name": name}), "2h").rows[0].id

    return ask


def its_time_comes(context, key):
    """Two hours pass, and a little more."""
    execute(context.database, "UPDATE delayed_save SET due_at = due_at - 7300 WHERE id = ?", (key,))


def test_what_waits_is_listed_with_who_what_and_when(shell, context, waits):
    """W-025"""
    key = waits("night")
    listed = shell.ok("later", "list").out
    for word in ("waiting", "new SIP profile night", "bob", "Due"):
        assert word in listed
    (row,) = shell.json("later", "list")
    assert (row["id"], row["state"], row["form"], row["typed"]) == (key, "waiting", "profiles", {"name": "night"})
    assert (row["operator"], row["role"], row["row"], row["finished"]) == ("bob", "admin", None, None)
    assert row["due"] > row["asked"]


def test_nothing_that_waits_is_no_error(shell):
    answer = shell.ok("later", "list")
    assert (answer.out, answer.err) == ("", "Nothing waits.\n")
    assert shell.json("later", "list") == []


def test_run_carries_out_what_is_due_once_and_is_silent_otherwise(shell, context, waits):
    """W-025"""
    key = waits("night")
    answer = shell.ok("later", "run")
    assert (answer.out, answer.err) == ("", "")
    its_time_comes(context, key)
    assert "new SIP profile night, for bob: done. Added SIP profile night." in shell.ok("later", "run").out
    assert shell.ok("later", "run").out == ""
    assert shell.json("later", "run") == []
    change = shell.json("later", "list")[0]["change"]
    assert (
        shell.json("audit", "list", "--limit", "1")[0] | {"change": change, "operator": "bob", "program": "delayed"}
        == (shell.json("audit", "list", "--limit", "1")[0])
    )


def test_run_says_with_its_exit_code_that_something_was_refused(shell, context, waits):
    """W-025"""
    key = waits("night")
    shell.ok("profile", "add", "night")
    its_time_comes(context, key)
    answer = shell("later", "run")
    assert answer.code == 1
    assert "refused. name: there is a profile of this name already" in answer.out
    other = waits("day")
    its_time_comes(context, other)
    assert shell.json("later", "run")[0]["state"] == "done"


def test_a_waiting_one_is_cancelled_with_a_reason(shell, context, waits):
    """W-025, W-027"""
    key = waits("night")
    assert shell.ok("later", "cancel", str(key), "--reason", "ticket 4711").out == (
        "Cancelled: delayed save of new SIP profile night.\n"
    )
    entry = shell.json("audit", "list", "--limit", "1")[0]
    assert (entry["action"], entry["reason"], entry["row"]) == ("CANCEL", "ticket 4711", key)
    answer = shell("later", "cancel", str(key))
    assert answer.code == 1
    assert "It is cancelled already" in answer.err
    its_time_comes(context, key)
    assert shell.ok("later", "run").out == ""


def test_one_that_is_not_there_is_said_so(shell):
    answer = shell("later", "cancel", "4711")
    assert (answer.code, answer.err) == (4, "cxtui: There is no delayed save 4711.\n")


def test_what_may_not_write_carries_nothing_out_and_cancels_nothing(shell, context, waits):
    """W-028"""
    key = waits("night")
    its_time_comes(context, key)
    assert shell("--readonly", "later", "run").code == 1
    assert shell("--readonly", "later", "cancel", str(key)).code == 1
    assert "waiting" in shell.ok("--readonly", "later", "list").out


def test_what_ended_long_ago_is_listed_on_request(shell, context, waits):
    """W-025"""
    key = waits("night")
    shell.ok("later", "cancel", str(key))
    execute(context.database, "UPDATE delayed_save SET finished_at = finished_at - 8 * 86400")
    assert shell.json("later", "list") == []
    assert len(shell.json("later", "list", "--all")) == 1


def test_undo_leaves_alone_what_waits(shell, context, waits):
    """W-025"""
    acme = companies.find_by_name(context, "Acme Telecom")
    me = replace(context, actor=replace(context.actor, operator=_me(shell)))
    shell.ok("company", "set", "Acme Telecom", "--notes", "one")
    key = waits("night", me)
    assert "Undone: update of customer Acme Telecom" in shell.ok("undo").out
    assert query(context.database, "SELECT state FROM delayed_save WHERE id = ?", (key,)) == [("waiting",)]
    delayed = shell.json("audit", "list", "--filter", "delayed", "--limit", "1")[0]["change"]
    assert "cannot be taken back" in shell("audit", "revert", delayed).err
    assert acme is not None


def _me(shell):
    """The operator as the shell names them."""
    return shell.json("audit", "list", "--limit", "1")[0]["operator"]


def test_what_another_program_wrote_comes_out_harmless(shell, context, waits):
    waits("night")
    hostile = "\x1b]52;c;ZXZpbA==\x07"
    execute(
        context.database, "UPDATE delayed_save SET title = ?1, operator = ?1, outcome = ?1, state = 'done'", (hostile,)
    )
    execute(context.database, "UPDATE delayed_save SET finished_at = due_at")
    for words in (("later", "list"), ("later", "list", "--json")):
        answer = shell.ok(*words)
        assert "\x1b" not in answer.out
        assert "\x07" not in answer.out
