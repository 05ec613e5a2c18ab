"""The NAT doctor on the SIP tab: from a search to the saved fix in four keys, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.edge_job import JobState
from cxtui.rules.roles import Role
from cxtui.services import edges, sip_users
from cxtui.services.context import Actor, Context
from cxtui.services.edges import Sighting
from cxtui.ui.glyphs import ASCII
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.screens.nat_doctor import NatDoctorScreen
from cxtui.ui.screens.registrations import RegistrationsScreen
from tests.services.test_registrations import attach, register
from tests.support import NOON, audit, execute, generation, query
from tests.ui.console import HUGE, NARROW, WIDE, Console, console
from tests.ui.test_registrations import jobs, sip, user

BEHIND_NAT: dict[str, Any] = {
    "contact": "sip:1001@192.168.1.20:5060",
    "via": "SIP/2.0/UDP 192.168.1.20:5060;rport;branch=z9hG4bK1",
    "registered_at": NOON - 900,
    "expires_at": NOON + 2700,
}
EXPIRED = "The NAT binding has expired: contact 192.168.1.20:5060 received from 198.51.100.7:61344,"
LOST = {"state": JobState.FAILED.value, "result": "No answer in 5 s."}
ANSWERED = {"state": JobState.DONE.value, "status": 200, "round_trip": 12_345}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the window look more often than it would on a slow line."""
    monkeypatch.setattr("cxtui.ui.screens.nat_doctor._LOOK_EVERY", 0.1)


@pytest.fixture
def edge(town_context: Context) -> int:
    """An edge at which 1001 is registered from behind a NAT, and nothing pings it."""
    edge_id = attach(town_context)
    register(town_context, user(town_context, "1001"), edge_id, **BEHIND_NAT)
    return edge_id


def carry_out(context: Context, **fields: Any) -> None:
    """The agent carries the waiting jobs out."""
    named = {"finished_at": NOON, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    execute(context.database, f"UPDATE edge_job SET {sets} WHERE state = 'waiting'", named.values())


async def examine(opened: Console, name: str = "1001") -> None:
    """Open the doctor on a user."""
    await sip(opened, name)
    await opened.press("x")
    await opened.until(lambda: isinstance(opened.app.screen, NatDoctorScreen))


def ping_of(context: Context) -> str:
    """NAT/SIP Ping of 1001 as it is stored."""
    ((found,),) = query(context.database, "SELECT nat_ping FROM sip_user WHERE username = '1001'")
    return str(found)


async def test_no_inbound_calls_is_explained_and_fixed_in_four_keys(town_context: Context, edge: int) -> None:
    """S-132, S-137, W-018, W-034: `/` user, Enter, `x`, Enter."""
    database, before = town_context.database, generation(town_context.database)
    async with console(town_context, NARROW) as opened:
        await opened.press("slash")
        await opened.type("1001")
        await opened.press("enter", "x", "enter")
        await opened.sees("✔ saved · reloading", "Takes effect with the next REGISTER of 1001, in 45 min at the latest")
        assert (ping_of(town_context), generation(database)) == ("enabled", before + 1)
        assert audit(database)[-1].reason == "NAT doctor"
        execute(database, "UPDATE edge SET generation = ?", (before + 1,))
        carry_out(town_context, **LOST)
        await opened.sees(
            "✔ saved · active on 1/1 edges", "OPTIONS: no answer in 5 s", "Until then the way in is closed"
        )
        execute(database, "UPDATE registration SET registered_at = ?, expires_at = ?", (NOON + 1, NOON + 3601))
        await opened.sees("1001 registered again: the switch pings this contact from now on.")
        await jobs(opened, 1)
        carry_out(town_context, **ANSWERED)
        await opened.sees("✔ The path is open:", "OPTIONS answered 200 in 12.3 ms")
        assert "⏎ Done" in opened.footer
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.hears("Saved SIP user 1001.")


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_the_keys_of_the_window_are_shown_and_those_past_it_are_not(
    town_context: Context, edge: int, key: str
) -> None:
    """They are asked for as everywhere, and the window is there again after."""
    async with console(town_context, HUGE) as opened:
        for window, screen, told in (
            ("x", NatDoctorScreen, "Copy verdict and evidence as text, for a ticket"),
            ("v", RegistrationsScreen, "End the registration of the marked contacts"),
        ):
            await sip(opened)
            await opened.press(window)
            await opened.until(lambda screen=screen: isinstance(opened.app.screen, screen))  # type: ignore[misc]
            await opened.press(key)
            await opened.sees("In this window", told, "Moving")
            assert "Take back your last change" not in opened.picture, "no key reaches past the window"
            await opened.press(key)
            await opened.until(lambda screen=screen: isinstance(opened.app.screen, screen))  # type: ignore[misc]
            await opened.press("escape")
            await opened.until(lambda: isinstance(opened.app.screen, MainScreen))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_verdict_evidence_pings_and_the_change_are_seen_together(
    town_context: Context, edge: int, size: tuple[int, int]
) -> None:
    """S-132, W-020, W-100."""
    execute(town_context.database, "UPDATE registration SET pings = '1699999880:9000 1699999940:- 1699999960:11000'")
    async with console(town_context, size) as opened:
        await examine(opened)
        await opened.sees("NAT doctor · 1001 · Acme Telecom · at edge1")
        await jobs(opened, 1)
        carry_out(town_context, **LOST)
        await opened.sees(
            EXPIRED,
            "OPTIONS lost 1/1.",
            "✖ private Contact",
            "192.168.1.20, which is private (RFC 1918): calls cannot be sent there",
            "▇✖█ last 11 ms at ",
            "median 10 ms · 1 of 3 lost",
            "NAT/SIP Ping Disabled → Enabled",
            "keeps port 61344 open.",
            "from its next REGISTER on, in 45 min at the latest.",
            "Then let the device register again",
        )
        assert all(word in opened.footer for word in ("Apply", "OPTIONS again", "Copy", "Close"))
        await opened.press("end")
        await opened.sees("✔ Retain DID")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    assert ping_of(town_context) == "disabled"


async def test_o_sends_one_options_more_and_not_two_at_once(town_context: Context, edge: int) -> None:
    """W-020."""
    async with console(town_context, WIDE) as opened:
        await examine(opened)
        await opened.sees("? OPTIONS now", "sent, waiting for the answer")
        await opened.press("o")
        await jobs(opened, 1)
        carry_out(town_context, **LOST)
        await opened.sees("lost 1/1")
        await opened.press("o")
        await jobs(opened, 1)
        carry_out(town_context, **LOST)
        await opened.sees("lost 2/2")
        await opened.press("o")
        await jobs(opened, 1)
        carry_out(town_context, **ANSWERED)
        await opened.sees("! The way in is open now (OPTIONS answered in 12.3 ms) but will close when it is idle")


async def test_o_is_heard_while_the_doctor_looks(
    town_context: Context, edge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(town_context, WIDE) as opened:
        await examine(opened)
        await jobs(opened, 1)
        carry_out(town_context, **LOST)
        await opened.sees("lost 1/1")
        screen = opened.app.screen
        assert isinstance(screen, NatDoctorScreen)
        monkeypatch.setattr(opened.app.desk.work, "read", lambda *_: None)
        screen._looks = -1
        screen._tick()
        assert screen._reading
        await opened.press("o")
        await jobs(opened, 1)


async def test_y_copies_the_findings_as_text(town_context: Context, edge: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-132."""
    copied: list[str] = []
    async with console(town_context, NARROW) as opened:
        monkeypatch.setattr(opened.app, "copy_to_clipboard", copied.append)
        await examine(opened)
        await opened.sees("NAT/SIP Ping Disabled → Enabled")
        await opened.press("y")
        await opened.until(lambda: copied)
    assert copied[0].startswith("NAT doctor: 1001 (Acme Telecom), 2023-11-14 22:13 UTC\nERROR: ")
    assert "\n  BAD      keep-alive: NAT/SIP Ping is Disabled, last ping never" in copied[0]


async def test_who_may_only_look_sees_the_verdict_and_can_neither_ask_nor_fix(town_context: Context, edge: int) -> None:
    """W-028."""
    viewer = replace(town_context, actor=Actor("vera", "local", "tests", Role.VIEWER))
    async with console(viewer, WIDE) as opened:
        await examine(opened)
        await opened.sees(
            "✖ The NAT binding has expired or soon will", "not sent: only an operator", "Only an operator can save it."
        )
        assert "Apply" not in opened.footer
        assert "OPTIONS" not in opened.footer
        await opened.press("enter", "o", "escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    assert query(town_context.database, "SELECT count(*) FROM edge_job") == [(0,)]
    assert ping_of(town_context) == "disabled"


async def test_without_an_edge_the_doctor_says_what_can_be_said(town_context: Context) -> None:
    """S-014, S-132."""
    async with console(town_context, NARROW) as opened:
        await examine(opened)
        await opened.sees(
            "! No edge is attached, so nobody knows whether 1001 is registered.",
            "Attach an edge, or look at the switch itself.",
            "not registered, so nothing can be pinged",
        )
        assert all(word in opened.footer for word in ("⏎ Done", "y Copy", "? Keys"))
        assert not any(word in opened.footer for word in ("Apply", "OPTIONS"))
        await opened.press("o")
        await opened.quiet()
        assert isinstance(opened.app.screen, NatDoctorScreen)
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    assert query(town_context.database, "SELECT count(*) FROM edge_job") == [(0,)]


async def test_a_device_that_registers_while_one_looks_is_asked_at_once(town_context: Context) -> None:
    """S-132, W-020."""
    edge = attach(town_context)
    async with console(town_context, NARROW) as opened:
        await examine(opened)
        await opened.sees("✖ 1001 is not registered now, so calls have nowhere to go")
        register(town_context, user(town_context, "1001"), edge, **BEHIND_NAT)
        await opened.sees("NAT/SIP Ping Disabled → Enabled")
        await jobs(opened, 1)
        carry_out(town_context, **ANSWERED)
        await opened.sees("The way in is open now (OPTIONS answered in 12.3 ms)")


async def test_a_fix_that_somebody_else_forestalled_is_refused_in_words(
    town_context: Context, edge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxtui.ui.screens.nat_doctor._LOOK_EVERY", 3600)
    bob = replace(town_context, actor=Actor("bob", "local", "tests"))
    async with console(town_context, NARROW) as opened:
        await examine(opened)
        await opened.sees("NAT/SIP Ping Disabled → Enabled")
        assert "⏎ Apply" in opened.footer
        assert "Done" not in opened.footer
        sip_users.save(bob, user(bob, "1001"), {"nat_ping": "timeout"})
        await opened.press("enter")
        await opened.sees("bob changed nat_ping while you were editing")
    assert ping_of(town_context) == "timeout"


async def test_a_user_that_is_deleted_while_one_looks_is_said_to_be_gone(town_context: Context, edge: int) -> None:
    async with console(town_context, NARROW) as opened:
        await examine(opened)
        await opened.sees("NAT/SIP Ping Disabled → Enabled")
        sip_users.delete(town_context, [user(town_context, "1001")])
        await opened.sees("SIP user 1001 was deleted in the meantime.")
        await opened.misses("NAT/SIP Ping Disabled → Enabled")
        assert "⏎ Done" in opened.footer
        await opened.press("o", "y", "enter")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))


async def test_a_strangers_words_are_pictures_and_the_signs_have_ascii(town_context: Context, edge: int) -> None:
    register(town_context, user(town_context, "1001"), edge, user_agent="\x1b]52;c;x\x07[/b]", received="203.0.113.9:1")
    async with console(town_context, WIDE, glyphs=ASCII) as opened:
        await examine(opened)
        await opened.sees("x private Contact", "! contacts", "+ user", "? OPTIONS now", "?]52;c;x?[/b], registered")
        assert "\x1b" not in opened.picture


async def test_a_blocked_device_is_unblocked_in_the_doctor_s_window(town_context: Context, edge: int) -> None:
    """S-011, S-013, S-014, S-132: shown as let through only once no edge holds it any more."""
    edges.record(town_context, [Sighting("198.51.100.7", NOON - 720, 40, "wrong password 1001", "1001")])
    ((key,),) = query(town_context.database, "SELECT id FROM block WHERE address = '198.51.100.7'")
    edges.report(town_context, edge, [(key, "table", None)], [])
    async with console(town_context, NARROW) as opened:
        await examine(opened)
        await opened.sees(
            "The switch answers nothing from 1001", "✖ firewall: 198.51.100.7, where it is registered from, was blocked"
        )
        await opened.sees("Block of 198.51.100.7 in force → lifted", "is blocked (40 × wrong password 1001).")
        assert "The switch pings this contact" not in opened.flow
        await opened.press("enter")
        await opened.sees("✔ saved · reloading", "198.51.100.7 is still held by edge1.", "is being unblocked")
        edges.report(town_context, edge, [], [(key, "table")])
        await opened.sees("No edge holds 198.51.100.7 any more: what 1001 sends is answered again.")
        await opened.press("enter")
        await opened.hears("Unblocked 198.51.100.7")
