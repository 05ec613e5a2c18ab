"""Who has a row open: two consoles on one file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.models.company import Company
from cxtui.rules.roles import Role
from cxtui.services import presence, sip_users
from cxtui.services.context import Context
from cxtui.services.grids import Grid
from cxtui.services.presence import GONE_AFTER, Who
from cxtui.store.database import Database
from tests.services.stock import only
from tests.support import NOON, Clock, audit, dump, execute, generation, operator, query

ROW = ("company", 1)
THERE = "198.51.100.200"
"""Where the operators of the tests come from."""


def test_who_looks_and_who_edits_is_seen_by_others_and_not_by_oneself(
    context: Context, bob: Context, clock: Clock
) -> None:
    presence.say(bob, "b", *ROW)
    assert presence.others(context, "a", *ROW) == (Who("bob", THERE, False, NOON),)
    assert presence.others(bob, "b", *ROW) == ()
    assert presence.others(context, "a", "company", 2) == ()
    assert presence.others(context, "a", "sip_user", 1) == ()
    clock.forward(20)
    presence.say(bob, "b", *ROW)
    clock.forward(20)
    presence.say(bob, "b", *ROW, editing=True)
    clock.forward(20)
    presence.say(bob, "b", *ROW, editing=True)
    assert presence.others(context, "a", *ROW) == (Who("bob", THERE, True, NOON + 40),)
    presence.say(bob, "b", "company", 2)
    assert presence.others(context, "a", *ROW) == ()
    assert presence.others(context, "a", "company", 2) == (Who("bob", THERE, False, NOON + 60),)
    presence.leave(bob, "b")
    assert query(context.database, "SELECT count(*) FROM presence") == [(0,)]


def test_a_console_that_was_killed_is_gone_after_a_minute_and_forgotten_by_the_next_who_writes(
    context: Context, bob: Context, clock: Clock
) -> None:
    presence.say(bob, "b", *ROW, editing=True)
    clock.forward(GONE_AFTER)
    assert presence.others(context, "a", *ROW) != ()
    clock.forward(1)
    assert presence.others(context, "a", *ROW) == ()
    assert query(context.database, "SELECT session FROM presence") == [("b",)]
    presence.say(context, "a", *ROW)
    assert query(context.database, "SELECT session FROM presence") == [("a",)]
    presence.say(bob, "b", *ROW, editing=True)
    assert presence.others(context, "a", *ROW)[0].since == clock()


def test_those_who_edit_come_first(context: Context, bob: Context, clock: Clock) -> None:
    carol = operator(context.database, "carol", clock)
    presence.say(bob, "b", *ROW)
    clock.forward(1)
    presence.say(carol, "c", *ROW, editing=True)
    for _ in range(7):
        clock.forward(20)
        presence.say(bob, "b", *ROW)
        presence.say(carol, "c", *ROW, editing=True)
    who = presence.others(context, "a", *ROW)
    assert presence.sentence(who, clock(), context.actor) == "carol edits since 2 min, bob looks"


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ((), ""),
        ((Who("bob", THERE, False, NOON - 500),), "bob looks"),
        ((Who("bob", THERE, True, NOON - 59),), "bob edits"),
        ((Who("bob", THERE, True, NOON - 60),), "bob edits since 1 min"),
        ((Who("bob", THERE, True, NOON - 7200),), "bob edits since 2 h"),
        ((Who("bob", THERE, True, NOON + 999),), "bob edits"),
        ((Who("alice", "192.0.2.7", True, NOON),), "alice at 192.0.2.7 edits"),
    ],
)
def test_they_are_named_in_words(context: Context, who: tuple[Who, ...], words: str) -> None:
    assert presence.sentence(who, NOON, context.actor) == words


def test_the_list_says_who_is_editing_a_row_and_not_who_looks(
    context: Context, bob: Context, acme: Company, clock: Clock
) -> None:
    users = [only(sip_users.add(context, acme.id, {"username": name})) for name in ("1001", "1002")]
    for session, user, editing in (("b", users[0], True), ("c", users[0], True), ("d", users[1], False)):
        presence.say(bob, session, *presence.place(user), editing=editing)
    presence.say(bob, "e", "ip_auth", users[1].id, editing=True)

    def editors() -> list[tuple[tuple[str, str], ...]]:
        return [shown.editors for shown in Grid(context, "sip_users").read(0, 10).rows]

    assert editors() == [(("b", "bob"), ("c", "bob")), ()]
    clock.forward(GONE_AFTER + 1)
    assert editors() == [(), ()]


def test_it_is_neither_audited_nor_counted_nor_anything_else(context: Context, bob: Context) -> None:
    before = dump(context.database), generation(context.database), audit(context.database)
    presence.say(bob, "b", *ROW, editing=True)
    presence.leave(bob, "b")
    assert (dump(context.database), generation(context.database), audit(context.database)) == before


def test_what_cannot_be_said_or_seen_is_silently_nothing(context: Context, tmp_path: Path) -> None:
    nowhere = replace(context, database=Database(tmp_path / "none.db"))
    presence.say(nowhere, "a", *ROW)
    presence.leave(nowhere, "a")
    assert presence.others(nowhere, "a", *ROW) == ()
    execute(context.database, "DROP TABLE presence")
    presence.say(context, "a", *ROW)
    presence.leave(context, "a")
    assert presence.others(context, "a", *ROW) == ()


def test_a_file_that_may_not_be_written_is_silently_nothing(context: Context, database: Database, monkeypatch) -> None:
    from cxtui.store import sqlite

    connect = sqlite.connect
    monkeypatch.setattr(sqlite, "connect", lambda path, *, write=False: connect(path))
    presence.say(context, "a", *ROW)
    presence.leave(context, "a")


def test_who_may_only_look_writes_nothing_not_even_this(context: Context) -> None:
    """W-028"""
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    presence.say(viewer, "v", *ROW)
    assert query(context.database, "SELECT count(*) FROM presence") == [(0,)]


def test_rows_that_another_program_damaged_break_nothing(context: Context, bob: Context, acme: Company) -> None:
    presence.say(bob, "b", *ROW, editing=True)
    execute(context.database, "UPDATE presence SET since = 'noon', seen_at = 'now', operator = CAST(x'ff00' AS TEXT)")
    assert presence.others(context, "a", *ROW) == ()
    assert len(Grid(context, "companies").read(0, 10).rows) == 2
    execute(context.database, "UPDATE presence SET operator = x'ff00'")
    assert "edits since" in presence.sentence(presence.others(context, "a", *ROW), NOON, context.actor)
