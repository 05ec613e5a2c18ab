"""Bulk changes on the screen: a plan is looked at first, then all of it is written or nothing (W-090…W-092)."""

from __future__ import annotations

import csv
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.ui.screens.plan import PlanScreen
from tests.support import audit, one, query
from tests.ui.console import NARROW, WIDE, Console, console
from tests.ui.test_app import choose


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hand-over files go to the operator's home."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def users(context: Context) -> set[str]:
    return {name for (name,) in query(context.database, "SELECT username FROM sip_user")}


async def at_users(opened: Console, company: str = "Acme Telecom") -> None:
    await choose(opened, company)
    await opened.open("3")


async def ask_range(opened: Console, span: str) -> None:
    await opened.press("b")
    await opened.until(lambda: opened.form.typed)
    await opened.type(span)
    await opened.judged()
    await opened.press("ctrl+s")
    await opened.until(lambda: isinstance(opened.app.screen, PlanScreen) and opened.app.screen._plan)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_range_of_users_is_a_plan_then_users_and_a_sheet_of_passwords(
    town_context: Context, home: Path, size: tuple[int, int]
) -> None:
    """W-092, S-125: b, the span, ctrl+s, Enter, Enter."""
    before = users(town_context)
    async with console(town_context, size) as opened:
        await at_users(opened)
        await ask_range(opened, "1101-1103")
        await opened.sees("3 to create", "cxtui-passwords-")
        assert users(town_context) == before
        await opened.press("enter")
        await opened.sees("Added 3 SIP users", "z takes all of it back")
        await opened.press("enter")
        await opened.until(lambda: not opened.pane.busy_form)
        await opened.sees("1103")
    assert users(town_context) - before == {"1101", "1102", "1103"}
    (sheet,) = home.glob("cxtui-passwords-*.csv")
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    rows = list(csv.DictReader(sheet.open()))
    assert [row["username"] for row in rows] == ["1101", "1102", "1103"]
    assert len({row["password"] for row in rows}) == 3
    assert one(town_context.database, "SELECT count(*) FROM credential WHERE retired_by = ''") >= 3


async def test_one_key_takes_back_the_whole_range(town_context: Context) -> None:
    before = users(town_context)
    async with console(town_context) as opened:
        await at_users(opened)
        await ask_range(opened, "1101-1103")
        await opened.press("p")
        await opened.sees("get no passwords yet")
        await opened.press("enter")
        await opened.sees("Added 3")
        await opened.press("enter")
        await opened.until(lambda: not opened.pane.busy_form)
        await opened.press("z")
        await opened.hears("Undone")
    assert users(town_context) == before


async def test_a_range_that_does_not_fit_writes_nothing_and_says_why_for_each(
    town_context: Context, home: Path
) -> None:
    """W-011."""
    before = users(town_context)
    async with console(town_context) as opened:
        await at_users(opened)
        await ask_range(opened, "1101-1300")
        await opened.sees("No channel capacity available for your account.", "Nothing can be written")
        await opened.press("enter", "escape")
        await opened.until(lambda: not isinstance(opened.app.screen, PlanScreen))
        assert opened.form.typed["span"] == "1101-1300", "what was typed is still there"
    assert users(town_context) == before
    assert not list(home.iterdir())


async def test_a_span_that_cannot_be_read_is_said_beside_its_field(town_context: Context) -> None:
    async with console(town_context) as opened:
        await at_users(opened)
        await opened.press("b")
        await opened.until(lambda: opened.form.typed)
        await opened.type("1199-1000")
        await opened.judged()
        await opened.press("ctrl+s")
        await opened.sees("begins after its end")
        assert not isinstance(opened.app.screen, PlanScreen)


async def test_marked_rows_are_edited_together_and_the_rest_of_them_stays(town_context: Context) -> None:
    """W-091."""
    async with console(town_context) as opened:
        await at_users(opened)
        await opened.press("space", "space", "e")
        await opened.until(lambda: opened.form.typed)
        assert set(opened.form.typed.values()) == {""}
        await opened.fill(nat_ping="timeout", channels="3")
        await opened.press("ctrl+s")
        await opened.sees("2 to change")
        await opened.press("enter")
        await opened.sees("Changed 2 SIP users")
        await opened.press("enter")
        await opened.until(lambda: not opened.pane.busy_form)
        assert not opened.pane.view.table.marked
    rows = query(town_context.database, "SELECT channels, nat_ping FROM sip_user ORDER BY username LIMIT 2")
    assert rows == [(3, "timeout"), (3, "timeout")]
    assert {entry.action for entry in audit(town_context.database)[-2:]} == {"UPDATE"}


async def test_what_is_exported_and_imported_again_changes_nothing(town_context: Context, home: Path) -> None:
    """W-090."""
    async with console(town_context) as opened:
        await opened.open("2")
        await opened.press("X")
        await opened.sees("Export to a CSV file")
        await opened.press("ctrl+u")
        await opened.type("~/all.csv")
        await opened.press("enter")
        await opened.hears("all.csv", "no passwords")
        await opened.press("I")
        await opened.sees("Import a CSV file")
        await opened.type("~/all.csv")
        await opened.press("enter")
        await opened.sees("0 to create, 0 to change", "0 wrong")
    assert stat.S_IMODE((home / "all.csv").stat().st_mode) == 0o600


async def test_an_export_never_overwrites_a_file(town_context: Context, home: Path) -> None:
    (home / "mine.csv").write_text("precious")
    async with console(town_context) as opened:
        await opened.open("2")
        await opened.press("X")
        await opened.sees("Export to a CSV file")
        await opened.press("ctrl+u")
        await opened.type("~/mine.csv")
        await opened.press("enter")
        await opened.sees("mine.csv is there already: name a new file.", "~/mine.csv")
        assert not opened.toasts
        await opened.press("ctrl+u")
        await opened.type("~/no/such/mine.csv")
        await opened.press("enter")
        await opened.sees("There is no folder", "~/no/such/mine.csv")
    assert (home / "mine.csv").read_text() == "precious"


async def test_a_file_with_mistakes_shows_each_with_its_line_and_is_harmless(town_context: Context, home: Path) -> None:
    bad = "username,company,channels\n1101,Acme Telecom,1\n1102,Acme Telecom,many\n\x1b[31m1103,Nobody,1\n"
    (home / "bad.csv").write_text(bad)
    before = users(town_context)
    async with console(town_context) as opened:
        await opened.open("3")
        await opened.press("I")
        await opened.sees("Import a CSV file")
        await opened.type("~/bad.csv")
        await opened.press("enter")
        await opened.sees("2 wrong", "line 3", "line 4", "Nothing can be written")
        assert "\x1b" not in opened.picture
        await opened.press("f", "f", "escape")
        await opened.until(lambda: not isinstance(opened.app.screen, PlanScreen))
    assert users(town_context) == before


async def test_a_missing_file_is_said_beside_its_name_which_can_be_mended(town_context: Context, home: Path) -> None:
    (home / "nothing.csv2").write_text("username\n1101\n")
    async with console(town_context) as opened:
        await opened.open("3")
        await opened.press("I")
        await opened.sees("Import a CSV file")
        await opened.type("~/nothing.csv")
        await opened.press("enter")
        await opened.sees("There is no file", "~/nothing.csv")
        await opened.type("2")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, PlanScreen))


async def test_a_viewer_is_offered_only_the_export(town_context: Context) -> None:
    """W-028."""
    viewer = replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER))
    async with console(viewer) as opened:
        await at_users(opened)
        await opened.press("b", "I")
        await opened.quiet()
        assert not opened.pane.busy_form
        assert type(opened.app.screen).__name__ == "MainScreen"
        await opened.press("X")
        await opened.sees("Export to a CSV file")


async def test_a_home_folder_that_is_not_there_is_said_and_the_window_stays(town_context: Context) -> None:
    async with console(town_context) as opened:
        await opened.open("3")
        await opened.press("I")
        await opened.sees("Import a CSV file")
        await opened.type("~nosuch/users.csv")
        await opened.press("enter")
        await opened.sees("There is no home folder of that name")
        await opened.sees("Import a CSV file", "~nosuch/users.csv")
