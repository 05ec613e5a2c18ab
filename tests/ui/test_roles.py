"""What one may not do is not offered, and does nothing when its key is pressed (W-028)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.ui.widgets.fixed import Fixed
from tests.support import query
from tests.ui.console import NARROW, console


def as_role(context: Context, role: Role) -> Context:
    return replace(context, actor=replace(context.actor, role=role))


@pytest.fixture
def viewer(town_context: Context) -> Context:
    return as_role(town_context, Role.VIEWER)


async def test_a_viewer_sees_who_they_are_and_no_key_that_writes(viewer: Context) -> None:
    async with console(viewer) as opened:
        await opened.sees("viewer")
        for word in ("Add", "Delete", "Undo", "Password", "Unblock"):
            assert word not in opened.footer
        assert "Edit" in opened.footer


async def test_what_a_viewer_presses_writes_nothing(viewer: Context) -> None:
    before = query(viewer.database, "SELECT count(*), max(id) FROM audit")
    async with console(viewer) as opened:
        await opened.open("3")
        for key in ("a", "d", "p", "u", "z"):
            await opened.press(key)
        await opened.quiet()
        assert not opened.pane.busy_form
        assert type(opened.app.screen).__name__ == "MainScreen"
    assert query(viewer.database, "SELECT count(*), max(id) FROM audit") == before


async def test_a_viewer_can_look_at_every_field_and_type_into_none(viewer: Context) -> None:
    async with console(viewer, NARROW) as opened:
        await opened.open("3")
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)
        assert all(isinstance(row.widget, Fixed) for row in opened.form._pages.rows.values())
        assert "Save" not in opened.footer
        await opened.press("x", "down", "ctrl+s")
        await opened.quiet()
        assert not opened.form.dirty
        await opened.press("escape")
        await opened.until(lambda: not opened.pane.busy_form)


async def test_an_operator_changes_entries_and_users_but_companies_only_by_their_cli_list(
    town_context: Context,
) -> None:
    async with console(as_role(town_context, Role.OPERATOR)) as opened:
        assert "Add" in opened.footer
        await opened.press("c")
        await opened.sees("Gamma Carrier")
        assert "Add" not in opened.footer
        await opened.press("e")
        await opened.until(lambda: opened.form.typed)
        fixed = {name for name, row in opened.form._pages.rows.items() if isinstance(row.widget, Fixed)}
        assert {*opened.form._pages.rows} - fixed == {"cli_allow_list"}
        assert "Save" in opened.footer


async def test_an_empty_list_names_the_key_that_fills_it_only_to_who_may_press_it(viewer: Context) -> None:
    for context, named in ((viewer, False), (as_role(viewer, Role.ADMIN), True)):
        async with console(context) as opened:
            await opened.open("i")
            await opened.sees("SIP profiles")
            view = opened.pane.view
            assert ("a adds one" in view.look.nothing(context.actor.may(Role.OPERATOR))) is named


async def test_the_palette_offers_a_viewer_nothing_that_writes(viewer: Context) -> None:
    async with console(viewer) as opened:
        offered = [command for _, group in opened.app.commands_here() for _, command in group]
        await opened.press("question_mark")
        await opened.sees("list.filter")
        assert "list.add" not in opened.picture
        assert offered
        assert not any(command.writes for command in offered)
