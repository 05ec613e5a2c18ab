"""CLI authentication on one address: lists of all companies there, tried on numbers, saved together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.rules.roles import Role
from cxtui.services import companies, ip_auth
from cxtui.services.context import Context
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.conflict import ConflictScreen
from cxtui.ui.screens.share import ShareScreen
from tests.support import Clock, audit, execute, operator, query
from tests.ui.console import NARROW, WIDE, Console, console

SHARED = "198.51.100.4"
ACME, BETA, GAMMA = 1, 2, 3


async def open_share(opened: Console, address: str = SHARED) -> ShareScreen:
    """Press s on the row of an IP entry."""
    await opened.open("2")
    await opened.sees(address)
    await opened.press("home")
    while opened.pane.shown is None or opened.pane.shown.row.address != address:
        await opened.press("j")
    await opened.press("s")
    await opened.until(lambda: isinstance(opened.app.screen, ShareScreen) and opened.app.screen._lists.typed)
    await opened.quiet()
    screen = opened.app.screen
    assert isinstance(screen, ShareScreen)
    return screen


async def fill(opened: Console, *lists: str) -> None:
    """Type into one list after the other."""
    for place, text in enumerate(lists):
        if place:
            await opened.press("tab")
        await opened.type(text)


def stored(context: Context) -> list[str]:
    """The lists of Acme and Beta."""
    return [text for (text,) in query(context.database, "SELECT cli_allow_list FROM company WHERE id < 3 ORDER BY id")]


def flags(context: Context) -> list[int]:
    """Who has CLI Authentication on the shared address."""
    found = query(context.database, "SELECT cli_authentication FROM ip_auth WHERE address = ? ORDER BY id", (SHARED,))
    return [flag for (flag,) in found]


def flagless(context: Context) -> None:
    """What only another program can leave behind: sharers that are not told apart."""
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
async def test_two_companies_on_one_address_are_told_apart_from_one_screen(
    town_context: Context, size: tuple[int, int]
) -> None:
    """S-044, S-045, W-007, W-008, workflow (g): s, two lists with Tab between them, Ctrl+S."""
    flagless(town_context)
    async with console(town_context, size) as opened:
        await open_share(opened)
        await opened.sees(
            f"CLI authentication on {SHARED}",
            "Acme Telecom  198.51.100.4  ! CLI Authentication is not set",
            "Beta Ltd has no CLI list: every call would be theirs",
            "Saving sets CLI Authentication on 2 entries of 2 companies, and their lists.",
        )
        await fill(opened, "1234567", "1234578", "1234567 1234578 1234579")
        await opened.sees("✔ Acme Telecom  by 1234567", "✔ Beta Ltd  by 1234578", "! none: CLI restriction in effect")
        await opened.sees("3 numbers: 2 told apart, 1 of none, 0 of several")
        await opened.misses("has no CLI list")
        await opened.press("ctrl+s")
        await opened.hears(f"Saved CLI authentication on {SHARED}: 2 companies and 2 IP entries.")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.until(lambda: opened.pane.shown and "tells them apart" in opened.pane.shown.state.why)
    assert stored(town_context) == ["1234567", "1234578"]
    assert flags(town_context) == [1, 1]
    assert len({row.change_id for row in audit(town_context.database)[-4:]}) == 1


async def test_z_takes_all_of_it_back(town_context: Context) -> None:
    """W-008"""
    async with console(town_context) as opened:
        await open_share(opened)
        await fill(opened, "1234567", "1234578")
        await opened.press("ctrl+s")
        await opened.hears("Saved CLI authentication")
        await opened.press("z")
        await opened.hears("Undone")
    assert stored(town_context) == ["", ""]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
async def test_a_refusal_stands_beside_each_list_and_nothing_typed_is_lost(
    town_context: Context, size: tuple[int, int]
) -> None:
    """W-007, W-009"""
    async with console(town_context, size) as opened:
        screen = await open_share(opened)
        await fill(opened, "1234567\n^44", "1234567")
        await opened.sees("✖ 1234567 also stands on the list of Beta Ltd")
        await opened.press("ctrl+s")
        await opened.sees("✖ Not saved: see what stands beside Acme Telecom, Beta Ltd.")
        assert screen._lists.typed == {ACME: "1234567\n^44", BETA: "1234567"}
        assert opened.has_focus_in(screen._lists._rows[ACME])
        await opened.press("tab", "backspace")
        await opened.type("8")
        await opened.sees("Saving writes the lists of 2 companies; CLI Authentication is set already.")
        await opened.press("ctrl+s")
        await opened.hears("2 companies.")
    assert stored(town_context) == ["1234567\n^44", "1234568"]


async def test_a_line_that_is_wrong_is_named_while_it_is_typed(town_context: Context) -> None:
    """S-045: errors and warnings live, in the field of the company."""
    async with console(town_context, NARROW) as opened:
        await open_share(opened)
        await opened.type("[/foo]\n44 1782\n99$\n(")
        await opened.sees("✖ 44 1782: a number is compared as it arrives", "! 99$ matches anywhere in the number")
        await opened.sees("✖ (: character 1: this group is never closed")


@pytest.mark.parametrize("size", [NARROW], ids=str)
async def test_escape_asks_only_when_a_list_was_typed_in(town_context: Context, size: tuple[int, int]) -> None:
    async with console(town_context, size) as opened:
        await open_share(opened)
        await opened.press("tab", "tab")
        await opened.type("1234567")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        screen = await open_share(opened)
        await opened.type("1234567")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, Confirm))
        await opened.press("enter")
        await opened.until(lambda: opened.app.screen is screen)
        assert screen._lists.typed[ACME] == "1234567"
        await opened.press("escape", "y")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    assert stored(town_context) == ["", ""]


async def test_a_company_alone_on_its_address_is_said_and_its_list_can_be_edited(town_context: Context) -> None:
    """W-009"""
    async with console(town_context) as opened:
        await open_share(opened, "192.0.2.8")
        await opened.sees("Only Gamma Carrier sends from 192.0.2.8; saving writes its CLI allow list.")
        await fill(opened, "+44, +45", "+44 44")
        await opened.sees("✔ Gamma Carrier  by +44", "! none: CLI restriction in effect")
        await opened.press("ctrl+s")
        await opened.hears("Saved CLI authentication on 192.0.2.8: carrier Gamma Carrier.")
    assert query(town_context.database, "SELECT cli_allow_list FROM company WHERE id = 3") == [("+44\n+45",)]


async def test_it_is_for_an_entry_from_which_they_send(town_context: Context) -> None:
    """W-007"""
    async with console(town_context) as opened:
        for tab, row in (("2", "pbx.acme.example"), ("2", "192.0.2.9"), ("3", "1001")):
            opened.toasts.clear()
            await opened.open(tab)
            await opened.press("home")
            while opened.pane.shown is None or row not in vars_of(opened):
                await opened.press("j")
            await opened.press("s")
            await opened.hears("Only for an enabled IP entry from which they send to us.")


def vars_of(opened: Console) -> str:
    assert opened.pane.shown is not None
    row = opened.pane.shown.row
    return str(getattr(row, "address", "") or row.username)


async def test_two_operators_choose_between_their_lists(town_context: Context) -> None:
    async with console(town_context) as opened:
        screen = await open_share(opened)
        await fill(opened, "1234567", "1234578")
        bob = operator(town_context.database, "bob", Clock())
        acme = companies.find_by_name(bob, "Acme Telecom")
        assert acme is not None
        companies.save(bob, acme, {"cli_allow_list": "7654321"})
        await opened.press("ctrl+s")
        await opened.until(lambda: isinstance(opened.app.screen, ConflictScreen))
        await opened.sees("bob changed this row", "theirs: 7654321", "yours: 1234567")
        await opened.press("escape")
        await opened.until(lambda: opened.app.screen is screen)
        assert screen._lists.typed == {ACME: "1234567", BETA: "1234578"}
        await opened.press("ctrl+s")
        await opened.until(lambda: isinstance(opened.app.screen, ConflictScreen))
        await opened.press("enter")
        await opened.hears("Saved CLI authentication")
    assert stored(town_context) == ["7654321", "1234578"]


async def test_a_company_that_came_meanwhile_is_shown_and_nothing_typed_is_lost(town_context: Context) -> None:
    """W-008"""
    async with console(town_context) as opened:
        screen = await open_share(opened)
        await fill(opened, "1234567", "1234578")
        bob = operator(town_context.database, "bob", Clock())
        ip_auth.add(bob, GAMMA, {"address": SHARED, "cli_authentication": "yes"})
        await opened.press("ctrl+s")
        await opened.sees(f"✖ Not saved: Gamma Carrier sends from {SHARED} now as well; nothing was written.")
        await opened.until(lambda: screen._lists.typed == {ACME: "1234567", BETA: "1234578", GAMMA: ""})
        await opened.sees("Gamma Carrier has no CLI list")
        assert stored(town_context) == ["", ""]
        await opened.until(lambda: opened.has_focus_in(screen._lists._rows[ACME]))
        await opened.press("tab", "tab")
        await opened.type("999")
        await opened.press("ctrl+s")
        await opened.hears("3 companies")


async def test_a_viewer_reads_and_tries_and_cannot_save(town_context: Context) -> None:
    """W-028"""
    companies.save(town_context, found(town_context, "Acme Telecom"), {"cli_allow_list": "1234567\n^44"})
    viewer = replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER))
    async with console(viewer) as opened:
        screen = await open_share(opened)
        await opened.sees("1234567", "Your role is viewer: nothing can be changed here.")
        assert "Save" not in opened.footer
        await opened.type("4499")
        await opened.sees("2: Acme Telecom, Beta Ltd")
        await opened.press("shift+tab")
        await opened.press("9", "ctrl+s")
        await opened.quiet()
        assert screen._lists.typed == {ACME: "1234567\n^44", BETA: ""}
        assert opened.app.screen is screen


def found(context: Context, name: str):
    company = companies.find_by_name(context, name)
    assert company is not None
    return company


async def test_the_reason_is_asked_where_the_settings_want_one(town_context: Context) -> None:
    """W-027"""
    settings = replace(town_context.settings, ask_reason=True)
    async with console(replace(town_context, settings=settings)) as opened:
        await open_share(opened)
        await fill(opened, "1234567", "1234578")
        await opened.press("ctrl+s")
        await opened.sees("Why is this changed?")
        await opened.type("ticket 7")
        await opened.press("enter")
        await opened.hears("Saved CLI authentication")
    assert audit(town_context.database)[-1].reason == "ticket 7"


async def test_pages_of_numbers_are_turned_and_up_and_down_leave_a_field(town_context: Context) -> None:
    async with console(town_context, NARROW) as opened:
        screen = await open_share(opened)
        await opened.press("down")
        assert opened.has_focus_in(screen._lists._rows[BETA])
        await opened.press("down")
        assert opened.has_focus_in(screen._calls)
        await opened.type(" ".join(str(number) for number in range(1001, 1031)))
        await opened.sees("30 numbers: 0 told apart, 0 of none, 30 of several", "1004")
        await opened.misses("1030              ✖")
        for _ in range(8):
            await opened.press("pagedown")
        await opened.sees("1030              ✖ 2: Acme Telecom, Beta Ltd")
        await opened.press("up")
        assert opened.has_focus_in(screen._lists._rows[BETA])


async def test_a_list_is_a_field_of_several_lines_in_the_companys_form(town_context: Context) -> None:
    """S-045"""
    async with console(town_context) as opened:
        await opened.press("c")
        await opened.sees("Beta Ltd")
        await opened.press("home")
        while opened.pane.shown is None or opened.pane.shown.row.name != "Acme Telecom":
            await opened.press("j")
        await opened.press("e")
        await opened.fill(cli_allow_list="1234567\n^44\n(")
        await opened.press("f6")
        await opened.sees("✖ (: character 1", "CLI allow list")
        await opened.fill(cli_allow_list="1234567, 44\n^45")
        await opened.press("ctrl+s")
        await opened.hears("Saved customer Acme Telecom.")
    assert stored(town_context) == ["1234567\n44\n^45", ""]
