"""The search from anywhere."""

from __future__ import annotations

from threading import Event

import pytest

from cxtui.services.context import Context
from cxtui.services.find import Hit, find
from cxtui.ui.frame.search import Search
from tests.ui.console import NARROW, PATIENCE, WIDE, Console, console
from tests.ui.test_app import choose


async def search(opened: Console, text: str) -> None:
    """Open the search and type."""
    await opened.press("slash")
    await opened.sees("Enter goes there")
    await opened.type(text)


async def test_an_address_is_found_with_what_covers_it_and_what_blocks_it(town_context: Context) -> None:
    """S-020, S-012"""
    async with console(town_context, WIDE) as opened:
        await search(opened, "203.0.113.65")
        await opened.sees("203.0.113.64/29", "IP entry of Acme Telecom: covers 203.0.113.65, they send")
        await opened.press("escape")
        await search(opened, "198.51.100.23")
        await opened.sees("BLOCKED: wrong password, Beta Ltd", "allow list holds 198.51.100.23 of Beta Ltd")


async def test_enter_goes_to_the_row_wherever_it_is(town_context: Context) -> None:
    """S-001"""
    async with console(town_context, NARROW) as opened:
        await choose(opened, "Beta Ltd")
        await search(opened, "1002")
        await opened.press("enter")
        await opened.until(lambda: opened.pane.shown is not None and opened.pane.shown.row.username == "1002")
        assert opened.status.startswith(" All companies")
        await opened.until(lambda: opened.pane.view.table.has_focus)
        await search(opened, "203.0.113.77")
        await opened.sees("block ")
        await opened.press("down", "enter")
        await opened.until(lambda: opened.pane.shown is not None and hasattr(opened.pane.shown.row, "packed"))
        assert opened.pane.shown is not None
        assert opened.pane.shown.row.address == "203.0.113.77"


async def test_the_same_hit_is_gone_to_again(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        for _ in range(2):
            await search(opened, "100")
            await opened.sees("1004")
            await opened.press("down", "down", "enter")
            await opened.until(lambda: opened.pane.shown is not None and opened.pane.shown.row.username == "1003")
            await opened.press("escape", "home")


async def test_enter_on_nothing_goes_nowhere_and_later_typing_does_not_either(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await opened.press("slash")
        await opened.sees("Enter goes there")
        await opened.press("enter")
        await opened.type("1002")
        await opened.sees("SIP user of Acme Telecom")
        await opened.quiet()
        assert "Enter goes there" in opened.picture
        await opened.press("escape")
        await search(opened, "no such thing at all")
        await opened.sees("Nothing is found by that.")
        await opened.press("enter")
        assert "Nothing is found by that." in opened.picture


async def test_what_is_typed_into_the_search_does_nothing_else(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await opened.press("slash", "q", "z", "d", "1")
        await opened.until(lambda: "qzd1" in opened.picture)
        assert opened.app.is_running
        assert opened.toasts == []


async def test_enter_before_the_same_text_is_found_again_goes_to_its_hit(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = Event()

    def late(context: Context, text: str) -> list[Hit]:
        goes_on.wait(PATIENCE)
        return find(context, text)

    async with console(town_context, WIDE) as opened:
        await search(opened, "1002")
        await opened.sees("SIP user of Acme Telecom")
        await opened.press("escape")
        monkeypatch.setattr("cxtui.ui.frame.search.find", late)
        await search(opened, "1002")
        await opened.press("enter")
        goes_on.set()
        await opened.until(lambda: getattr(getattr(opened.pane.shown, "row", None), "username", "") == "1002")


async def test_enter_goes_to_the_first_hit_of_a_text_however_far_the_cursor_was_in_those_before(
    town_context: Context,
) -> None:
    async with console(town_context, WIDE) as opened:
        await search(opened, "100")
        await opened.sees("1004")
        found = opened.app.query_one(Search)
        await opened.press("down", "down", "down")
        await opened.until(lambda: found._table.cursor == 3)
        found._show("203.0.113.77", find(town_context, "203.0.113.77"))
        assert found._table.cursor == 0
