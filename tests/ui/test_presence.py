"""Two consoles on one database: each sees who else has a row open."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.rules.roles import Role
from cxtui.services import companies, presence
from cxtui.services.context import Context
from cxtui.services.presence import GONE_AFTER
from cxtui.store.database import Database
from tests.support import Clock, operator, query
from tests.ui.console import NARROW, Console, console

ACME = ("company", 1)


@pytest.fixture
def clock() -> Clock:
    """The clock that both consoles go by."""
    return Clock()


@pytest.fixture
def file(town: Path, tmp_path: Path) -> Path:
    """The database of both consoles."""
    return Path(shutil.copy(town, tmp_path / "town.db"))


@pytest.fixture
def alice(file: Path, clock: Clock) -> Iterator[Context]:
    """An operator at a console of her own."""
    database = Database(file)
    yield operator(database, "alice", clock)
    database.close()


@pytest.fixture
def bob(file: Path, clock: Clock) -> Iterator[Context]:
    """Another operator at another console."""
    database = Database(file)
    yield operator(database, "bob", clock)
    database.close()


@asynccontextmanager
async def two(alice: Context, bob: Context) -> AsyncIterator[tuple[Console, Console]]:
    """Both consoles, each on the list of companies with the cursor on Acme Telecom."""
    async with console(alice) as hers, console(bob) as his:
        for opened in (hers, his):
            await opened.open("c")
            await opened.sees("Acme Telecom")
            await opened.press("home")
        yield hers, his


def there(context: Context) -> list[tuple[str, int, bool]]:
    """Who is said to be where."""
    rows = query(context.database, "SELECT operator, entity_id, editing FROM presence ORDER BY operator")
    return [(operator, key, bool(editing)) for operator, key, editing in rows]


async def test_a_form_says_who_else_looks_at_the_row_and_then_who_edits_it(
    alice: Context, bob: Context, clock: Clock
) -> None:
    async with two(alice, bob) as (hers, his):
        await his.press("e")
        await his.until(lambda: there(bob) == [("bob", 1, False)])
        await hers.press("e")
        await hers.sees("customer Acme Telecom · v1 · bob looks")
        await his.sees("customer Acme Telecom · v1 · alice looks")
        await his.fill(notes="calls before nine")
        await hers.sees("customer Acme Telecom · v1 · bob edits")
        clock.forward(30)
        presence.say(bob, his.app.desk.session, *ACME, editing=True)
        clock.forward(45)
        presence.say(bob, his.app.desk.session, *ACME, editing=True)
        await hers.sees("bob edits since 1 min")
        await his.press("ctrl+s")
        await his.hears("Saved")
        await hers.misses("bob edits")
        await hers.press("escape")
        await hers.until(lambda: there(alice) == [])


async def test_the_list_says_that_somebody_else_is_editing_the_row_under_the_cursor(
    alice: Context, bob: Context
) -> None:
    async with two(alice, bob) as (hers, his):
        await his.press("e")
        await his.until(lambda: there(bob) == [("bob", 1, False)])
        await hers.misses("is editing")
        await his.fill(notes="x")
        await hers.sees("bob is editing this row.")
        await his.misses("is editing this row")
        await hers.press("down")
        await hers.misses("is editing")
        await hers.press("up")
        await hers.sees("bob is editing this row.")
        await his.press("escape", "y")
        await hers.misses("is editing")


async def test_what_was_typed_and_taken_back_is_looking_again(alice: Context) -> None:
    async with console(alice) as hers:
        await hers.open("c")
        await hers.press("home", "e")
        await hers.fill(notes="x")
        await hers.until(lambda: there(alice) == [("alice", 1, True)])
        await hers.fill(notes="")
        await hers.until(lambda: there(alice) == [("alice", 1, False)])


async def test_a_console_that_is_left_with_a_form_open_takes_back_what_it_said(alice: Context) -> None:
    async with console(alice) as hers:
        await hers.open("c")
        await hers.press("home", "e")
        await hers.until(lambda: there(alice) == [("alice", 1, False)])
    assert there(alice) == []


async def test_a_console_that_was_killed_disappears_from_title_and_list(
    alice: Context, bob: Context, clock: Clock
) -> None:
    presence.say(bob, "killed", *ACME, editing=True)
    async with console(alice) as hers:
        await hers.open("c")
        await hers.press("home")
        await hers.sees("bob is editing this row.")
        await hers.press("e")
        await hers.sees("bob edits")
        clock.forward(GONE_AFTER + 1)
        companies.save(bob, companies.find_by_name(bob, "Beta Ltd"), {"notes": "n"})  # type: ignore[arg-type]
        await hers.misses("bob edits")
        await hers.press("escape")
        await hers.misses("bob is editing")


async def test_a_new_row_is_nobodys_yet_and_an_onlooker_is_not_announced(alice: Context) -> None:
    async with console(alice) as hers:
        await hers.open("c")
        await hers.press("a")
        await hers.fill(name="Gamma")
        await hers.quiet()
        assert there(alice) == []
    viewer = replace(alice, database=Database(alice.database.path), actor=replace(alice.actor, role=Role.VIEWER))
    async with console(viewer) as hers:
        await hers.open("c")
        await hers.press("home", "e")
        await hers.sees("customer Acme Telecom · v1")
        await hers.quiet()
    assert there(alice) == []


async def test_hostile_names_are_pictures_of_themselves_and_a_narrow_title_is_cut(alice: Context, bob: Context) -> None:
    mallory = replace(bob, actor=replace(bob.actor, operator="\x1b[2J[/b]" + "m" * 90))
    presence.say(mallory, "m", *ACME, editing=True)
    async with console(alice, NARROW) as hers:
        await hers.open("c")
        await hers.press("home")
        await hers.sees("␛[2J[/b]mmm", "is editing this row.")
        await hers.press("e")
        await hers.sees("customer Acme Telecom · v1 · ␛[2J[/b]mmm")
