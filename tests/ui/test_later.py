"""The window of delayed saves: what waits, what became of the rest, and cancelling (W-025)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.rules.roles import Role
from cxtui.services import delayed_saves
from cxtui.services.context import Context
from cxtui.services.wishes import Wish
from cxtui.ui.screens.later import LaterScreen
from tests.support import Clock, audit, operator, query
from tests.ui.console import NARROW, WIDE, Console, console
from tests.ui.test_forms import new


@pytest.fixture
def clock() -> Clock:
    """The clock that alice and bob go by."""
    return Clock()


@pytest.fixture
def alice(town_context: Context, clock: Clock) -> Context:
    """The operator before a copy of the town."""
    return replace(town_context, now=clock)


@pytest.fixture
def bob(alice: Context, clock: Clock) -> Context:
    """Another operator, no admin."""
    found = operator(alice.database, "bob", clock)
    return replace(found, actor=replace(found.actor, role=Role.OPERATOR))


def later(context: Context, name: str, after: str) -> int:
    """The id of a new profile that waits."""
    return delayed_saves.delay(context, Wish("profiles", {"name": name}), after).rows[0].id


async def show(opened: Console) -> None:
    """Open the window."""
    await opened.press("w")
    await opened.until(lambda: isinstance(opened.app.screen, LaterScreen) and opened.app.screen.settled)
    await opened.quiet()


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_what_waits_stands_first_with_who_what_and_when(
    alice: Context, clock: Clock, size: tuple[int, int]
) -> None:
    """W-025"""
    later(alice, "day", "1h")
    clock.forward(3600)
    delayed_saves.carry_out_due(alice)
    later(replace(alice, reason="ticket 4711"), "night", "2h")
    async with console(alice, size) as opened:
        await show(opened)
        await opened.sees("… in 2 h", "new SIP profile night", "✔ done", "new SIP profile day", "alice")
        assert opened.picture.index("new SIP profile night") < opened.picture.index("new SIP profile day")
        await opened.sees("alice, admin, from 198.51.100.200 asked for it", "ticket 4711", "any open console saves it")
        await opened.press("down")
        await opened.sees("Added SIP profile day.")
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, LaterScreen))


async def test_a_waiting_one_is_cancelled_after_a_question(alice: Context, clock: Clock) -> None:
    """W-025"""
    key = later(alice, "night", "2h")
    async with console(alice) as opened:
        await show(opened)
        await opened.press("d")
        await opened.sees("Cancel the delayed save of new SIP profile night?")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, LaterScreen))
        assert query(alice.database, "SELECT state FROM delayed_save") == [("waiting",)]
        await opened.press("d")
        await opened.sees("Keep it")
        await opened.press("y")
        await opened.hears("Cancelled: delayed save of new SIP profile night.")
        await opened.sees("○ cancelled", "Cancelled by alice.")
        await opened.press("d")
        await opened.quiet()
        assert isinstance(opened.app.screen, LaterScreen)
        clock.forward(7200)
        opened.app.tick()
        await opened.quiet()
    assert (audit(alice.database)[-1].action, audit(alice.database)[-1].entity_id) == ("CANCEL", key)
    assert query(alice.database, "SELECT count(*) FROM sip_profile WHERE name = 'night'") == [(0,)]


async def test_somebody_elses_is_not_offered_to_an_operator(alice: Context, bob: Context) -> None:
    """W-025, W-028"""
    later(alice, "night", "2h")
    async with console(bob) as opened:
        await show(opened)
        await opened.sees("new SIP profile night")
        await opened.press("d")
        await opened.quiet()
        assert isinstance(opened.app.screen, LaterScreen)
    viewer = replace(bob, actor=replace(bob.actor, role=Role.VIEWER))
    async with console(viewer) as opened:
        await show(opened)
        await opened.sees("new SIP profile night")
        assert "Cancel it" not in opened.footer
    assert query(alice.database, "SELECT state FROM delayed_save") == [("waiting",)]


async def test_one_that_was_carried_out_meanwhile_is_not_cancelled(alice: Context, clock: Clock) -> None:
    """W-025"""
    later(alice, "night", "2h")
    async with console(alice) as opened:
        await show(opened)
        await opened.press("d")
        await opened.sees("Keep it")
        clock.forward(7200)
        delayed_saves.carry_out_due(alice)
        await opened.press("y")
        await opened.sees("It is done already: Added SIP profile night.")


async def test_an_empty_list_names_the_key_that_fills_it(alice: Context) -> None:
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.sees("Nothing waits. In a form F12 saves later: Delay and Save.")
        await opened.press("d", "escape")
        await opened.until(lambda: not isinstance(opened.app.screen, LaterScreen))


async def test_the_key_types_its_letter_in_a_form(alice: Context) -> None:
    async with console(alice) as opened:
        await new(opened, "3", "Gamma Carrier")
        await opened.press("w")
        await opened.until(lambda: opened.form.typed["username"] == "w")
