"""Handing over a password: masked, revealed for a while, copied, set once, and then forgotten."""

from __future__ import annotations

import asyncio
import gc
import re
from time import localtime, strftime
from typing import Any

import pytest

from cxtui.services import edges, lookup, renewals
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.store.errors import StoreError
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.screens.password import PasswordScreen
from cxtui.ui.widgets import registration_follow
from tests.services.test_registrations import attach, register
from tests.support import NOON, bytes_of, execute, operator, query
from tests.ui.console import NARROW, Console, console

MASK = "•" * 16
TYPED = "Gr7_tKwp9Lmz"
OURS = re.compile(r"[A-Za-z2-9]+[_-][A-Za-z2-9]+\Z")


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the terminal can be copied to, a plain one."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX", "STY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


async def hand_over(opened: Console, username: str = "1001") -> PasswordScreen:
    """Press the password key on the row of a SIP user."""
    await opened.open("3")
    await opened.sees(username)
    while opened.pane.shown is None or opened.pane.shown.row.username != username:
        await opened.press("j")
    await opened.press("p")
    await opened.sees(f"New password for {username}", "realm sip.example.net")
    screen = opened.app.screen
    assert isinstance(screen, PasswordScreen)
    return screen


def holders_of(reversed_secret: str) -> list[str]:
    """What holds a text with the secret in it; the secret is handed over backwards, so as not to count itself."""
    gc.collect()
    return [
        _name(thing)
        for thing in gc.get_objects()
        for held in gc.get_referents(thing)
        if isinstance(held, str) and reversed_secret in held[::-1]
    ]


def _name(thing: Any) -> str:
    """The type of what is found, and which function's it is where it is a cache."""
    return f"{type(thing).__qualname__} {getattr(getattr(thing, '__wrapped__', None), '__qualname__', '')}"


async def test_p_on_a_row_opens_a_generated_and_masked_password(town_context: Context) -> None:
    """S-120, S-121, C-06"""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened)
        assert MASK in opened.picture
        assert "16 characters" in opened.picture
        assert "Not set yet: Enter sets it." in opened.picture
        assert OURS.match(screen._password)
        assert screen._password not in opened.picture
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    (before,) = query(town_context.database, "SELECT password_set_at FROM sip_user WHERE username = '1001'")
    assert before[0] < town_context.now()


async def test_a_revealed_password_is_masked_again_after_the_set_time(town_context: Context) -> None:
    """S-122"""
    context = operator(town_context.database, "alice", town_context.now, reveal_seconds="1")
    async with console(context, NARROW) as opened:
        screen = await hand_over(opened)
        await opened.press("r")
        await opened.sees(screen._password)
        await opened.sees(MASK)
        assert screen._password not in opened.picture
        await opened.press("n")
        await opened.sees("capital")
        await opened.sees(MASK)


async def test_another_password_is_another_one(town_context: Context) -> None:
    """S-121, S-125, S-126"""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened)
        first = screen._password
        await opened.press("r")
        await opened.sees(first)
        await opened.press("g")
        await opened.sees(MASK)
        assert screen._password != first


async def test_a_copy_says_what_was_done_and_claims_no_more(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-122"""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened)
        sent: list[str] = []
        monkeypatch.setattr(screen, "_write", sent.append)
        await opened.press("y")
        await opened.sees("Sent to your terminal's clipboard (OSC 52).", "Terminals may ignore that")
        assert sent[0].startswith("\x1b]52;c;")


async def test_a_password_is_set_once_and_cannot_be_changed_after(town_context: Context) -> None:
    """S-094, S-120, S-122, S-124"""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened, "1004")
        was = screen._password
        await opened.press("enter")
        await opened.sees("✔ set", "It cannot be shown again after this window.")
        assert "Another" not in opened.footer
        assert "Type" not in opened.footer
        await opened.press("g", "t")
        assert screen._password == was
        await opened.press("enter")
        await opened.hears("Password of SIP user 1004 set.")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.misses("no password")
    assert was.encode() not in bytes_of(town_context.database)


async def test_closing_forgets_the_password_wherever_it_was(town_context: Context) -> None:
    """S-122, S-124: it was revealed, read out, copied and set before."""
    async with console(town_context, NARROW) as opened:
        reverse = (await hand_over(opened))._password[::-1]
        await opened.press("r", "y")
        await opened.sees("Sent to your terminal's clipboard", reverse[::-1])
        await opened.press("n", "enter")
        await opened.sees("✔ set")
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")
        await opened.quiet()
        for _ in range(3):
            await asyncio.sleep(0.05)
        assert holders_of(reverse) == []


async def test_a_typed_password_that_is_refused_says_why_and_is_not_set(town_context: Context) -> None:
    """W-013, S-094"""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened)
        await opened.press("t")
        await opened.until(lambda: screen._entry.has_focus)
        await opened.type("short")
        assert "short" not in opened.picture
        await opened.press("enter")
        await opened.sees(
            "minimum 8 characters required, this has 5",
            "an upper case letter is missing",
            "a digit is missing",
            "a symbol is missing",
        )
        assert screen._change is None
        await opened.press("ctrl+a", "backspace")
        screen._entry.value = ""
        await opened.type(TYPED)
        screen.set_focus(None)
        await opened.press("enter")
        assert screen._change is None, "the generated one must not be set in place of the typed one"
        await opened.until(lambda: screen._entry.has_focus)
        await opened.press("enter")
        await opened.sees("✔ set", "12 characters")
        assert screen._password == TYPED
        assert TYPED not in opened.picture
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")
        await opened.quiet()


def registered(context: Context, username: str = "1002") -> None:
    """The device of a user is registered at an edge."""
    user = lookup.sip_user(context, username)
    assert user
    register(context, user, attach(context))


async def test_a_device_that_got_blocked_with_the_old_password_is_told_and_unblocked_from_here(
    town_context: Context,
) -> None:
    """S-011, S-013, S-120."""
    registered(town_context)
    async with console(town_context, NARROW) as opened:
        await hand_over(opened, "1002")
        await opened.press("enter")
        await opened.sees("… waiting for 1002: still registered with the old one from 198.51.100.7:61344")
        assert "Unblock" not in opened.footer
        await opened.press("u")
        execute(town_context.database, "DELETE FROM registration")
        seen = Sighting("198.51.100.7", NOON, 27, "wrong password 1002", "1002", expires_at=NOON + 600)
        edges.record(town_context, [seen])
        when = strftime("%H:%M:%S", localtime(NOON))
        await opened.sees(
            f"✖ 198.51.100.7, where 1002 was registered from, was blocked {when} (27 × wrong password 1002)",
            "Give the device the new password first, or it is blocked again. u unblocks it.",
        )
        assert all(words in opened.footer for words in ("u Unblock", "esc Close", "? Keys"))
        await opened.press("u")
        await opened.hears("Unblocked 198.51.100.7: ")
        await opened.sees("… waiting for 1002")
        await opened.misses("was blocked")
        assert "Unblock" not in opened.footer
        registered(town_context)
        execute(town_context.database, "UPDATE registration SET registered_at = ?", (NOON + 1,))
        await opened.sees("re-registered with the new password ✔ (from 198.51.100.7:61344, ")
    assert query(town_context.database, "SELECT wanted FROM block WHERE address = '198.51.100.7'") == [("unblocked",)]


async def test_a_device_that_was_registered_nowhere_may_be_one_that_was_blocked_for_its_name(
    town_context: Context,
) -> None:
    """S-011: nobody knows, so nothing is offered."""
    attach(town_context)
    async with console(town_context, NARROW) as opened:
        await hand_over(opened, "1002")
        await opened.press("enter")
        await opened.sees("… waiting for 1002")
        edges.record(town_context, [Sighting("203.0.113.9", NOON + 1, 27, "wrong password", "1002")])
        await opened.sees("… waiting for 1002. 203.0.113.9 used its name since and got blocked: it may be the device")
        assert "Unblock" not in opened.footer


async def test_a_read_that_fails_is_tried_again(town_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-120."""
    registered(town_context)
    broken: list[bool] = []

    def locked(*given: Any) -> Any:
        if broken:
            broken.append(True)
            raise StoreError("The database is locked.")
        return renewals.renewal(*given)

    monkeypatch.setattr(registration_follow, "renewal", locked)
    async with console(town_context, NARROW) as opened:
        await hand_over(opened, "1002")
        await opened.press("enter")
        await opened.sees("… waiting for 1002: still registered")
        broken.append(True)
        await opened.until(lambda: len(broken) > 2)
        assert "… waiting for 1002: still registered" in opened.flow
        broken.clear()
        execute(town_context.database, "UPDATE registration SET registered_at = ?", (NOON + 1,))
        await opened.sees("re-registered with the new password ✔")


async def test_the_keys_of_the_window_are_told_also_while_a_password_is_typed(town_context: Context) -> None:
    """W-001."""
    async with console(town_context, NARROW) as opened:
        screen = await hand_over(opened)
        assert "? Keys" in opened.footer
        await opened.press("question_mark")
        await opened.sees("In this window", "Send the password to your", "password.copy")
        await opened.press("escape", "t")
        await opened.until(lambda: screen._entry.has_focus)
        await opened.press("question_mark")
        assert screen._entry.value == "?"
        await opened.press("f1")
        await opened.sees("In this window")
        await opened.press("f1")
        await opened.until(lambda: screen._entry.has_focus)
        assert screen._entry.value == "?"


async def test_a_new_sip_user_is_given_a_password_at_once(town_context: Context) -> None:
    """S-120"""
    async with console(town_context, NARROW) as opened:
        await opened.open("3")
        await opened.press("a")
        await opened.fill(company="Gamma Carrier", username="gw1")
        await opened.press("ctrl+s")
        await opened.sees("New password for gw1")
        await opened.press("escape")
        await opened.sees("! no password")
        await opened.hears("Added SIP user gw1.")


async def test_our_login_at_their_switch_takes_a_typed_password_only(town_context: Context) -> None:
    """S-040, C-02"""
    from cxtui.services import ip_auth

    login = {"direction": "ingress", "uac_username": "us", "uac_realm": "their.example"}
    ip_auth.add(town_context, 2, {"address": "11.7.7.7", **login})
    async with console(town_context, NARROW) as opened:
        await opened.open("2")
        await opened.sees("11.7.7.7")
        await opened.press("j", "p")
        await opened.hears("Only for an entry with a Username")
        await opened.press("k", "p")
        await opened.sees("New password for us at 11.7.7.7")
        await opened.type("x")
        await opened.press("enter")
        await opened.sees("✔ set", "realm their.example")
    assert query(town_context.database, "SELECT count(*) FROM credential WHERE owner = 'ip_auth'") == [(1,)]
