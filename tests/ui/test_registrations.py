"""Registrations on the SIP tab: online or not, where, pings, messages, removal, and the new password taken."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Button

from cxtui.models.edge_job import JobState
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import lookup
from cxtui.services.context import Actor, Context
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.screens.registrations import RegistrationsScreen
from cxtui.ui.screens.send_message import SendMessageScreen
from cxtui.ui.widgets.registration_lines import RegistrationLines, course
from tests.services.test_registrations import attach, register
from tests.support import NOON, audit, execute, generation, query
from tests.ui.console import HUGE, NARROW, WIDE, Console, console, lines_with

PINGS = "1699999880:9000 1699999940:- 1700000000:12300"


def user(context: Context, name: str) -> SipUser:
    """A SIP user of the town."""
    found = lookup.sip_user(context, name)
    assert found is not None
    return found


@pytest.fixture
def edge(town_context: Context) -> int:
    """An edge at which 1001 is registered and nobody else."""
    edge_id = attach(town_context)
    register(town_context, user(town_context, "1001"), edge_id, pings=PINGS)
    return edge_id


async def sip(opened: Console, name: str = "1001") -> None:
    """Show the SIP tab with the cursor on a user."""
    await opened.open("3")
    await opened.sees(name)
    while opened.pane.shown is None or opened.pane.shown.row.username != name:
        await opened.press("j")


async def jobs(opened: Console, count: int) -> None:
    """Wait until so many jobs wait for the agent."""
    database = opened.app.desk.context.database
    waiting = "SELECT count(*) FROM edge_job WHERE state = 'waiting'"
    await opened.until(lambda: query(database, waiting) == [(count,)])


def carry_out(context: Context, where: str = "1", **fields: Any) -> None:
    """The agent carries the waiting jobs out."""
    named = {"state": JobState.DONE.value, "finished_at": NOON, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    execute(context.database, f"UPDATE edge_job SET {sets} WHERE state = 'waiting' AND {where}", named.values())


async def test_each_user_is_online_or_offline_with_its_ping_and_where_it_came_from(
    town_context: Context, edge: int
) -> None:
    """W-020, W-022, W-023, S-101."""
    register(town_context, user(town_context, "1002"), edge, missed=3, received="203.0.113.200:5060", round_trip=None)
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        online = next(lines_with(opened.picture, " 1001 "))
        assert all(word in online for word in ("✔ online", "12 ms", "now", "198.51.100.7:61344"))
        timeout = next(lines_with(opened.picture, " 1002 "))
        assert all(word in timeout for word in ("‼ timeout", "lost 3", "203.0.113.200:5060"))
        assert "○ disabled" in next(lines_with(opened.picture, " 1003 "))
        execute(town_context.database, "DELETE FROM registration")
        await opened.sees("○ offline", "Not registered.")


async def test_the_lines_below_tell_all_about_the_registration_under_the_cursor(
    town_context: Context, edge: int
) -> None:
    """W-020, W-023."""
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.sees(
            "Registered from 198.51.100.7:61344 by “Yealink T46”, 12 ms.",
            "sip:1001@192.168.1.20:5060 over UDP, behind NAT · 59 min left",
            "12 ms ▆✖█ · median 12 ms · 1 of 3 lost",
        )
        assert all(word in opened.footer for word in ("o Ping", "v Registrations", "x Doctor", "t Ladder", "? Keys"))
        register(town_context, user(town_context, "1001"), edge, received="203.0.113.200:5060", nat=False)
        await opened.sees("2 contacts.", "203.0.113.200:5060 UDP “Yealink T46” · 59 min left")
        register(town_context, user(town_context, "1001"), edge, received="203.0.113.201:5060")
        await opened.sees("and 2 more: v shows all of them")


async def test_without_an_edge_nothing_is_said_of_registrations(town_context: Context) -> None:
    """S-014."""
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        assert not opened.app.query_one(RegistrationLines).display
        assert "Recorded; no edge is attached" in opened.picture


async def test_a_users_own_words_reach_the_terminal_as_pictures(town_context: Context, edge: int) -> None:
    register(town_context, user(town_context, "1002"), edge, user_agent="\x1b]52;c;x\x07[/b]", contact="[/c]\u202e")
    async with console(town_context, HUGE) as opened:
        await sip(opened, "1002")
        await opened.sees("“␛]52;c;x␇[/b]”", "[/c]\N{REPLACEMENT CHARACTER} over UDP")
        await opened.press("v")
        await opened.sees("Device ␛]52;c;x␇[/b]")
        assert "\x1b" not in opened.picture


async def test_o_pings_now_and_the_answer_stands_below(town_context: Context, edge: int) -> None:
    """W-020."""
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        await opened.press("o")
        await opened.sees("… waiting for the agent")
        await opened.press("o")
        await jobs(opened, 1)
        carry_out(town_context, status=200, round_trip=12_345)
        await opened.sees("✔ answered 200 in 12.3 ms · ping ")
        await opened.press("o")
        await jobs(opened, 1)
        carry_out(town_context, status=0, result="No answer in 4 s.")
        await opened.sees("‼ No answer in 4 s · ping ")
    assert [row.action for row in audit(town_context.database) if row.action in ("PING", "SEND")] == []


async def test_who_is_not_registered_cannot_be_pinged(town_context: Context, edge: int) -> None:
    async with console(town_context, WIDE) as opened:
        await sip(opened, "1002")
        await opened.press("o")
        await opened.hears("1002 is not registered.")


async def test_marked_users_are_pinged_together(town_context: Context, edge: int) -> None:
    register(town_context, user(town_context, "1002"), edge)
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        await opened.press("space", "space", "o")
        await jobs(opened, 2)
        carry_out(town_context, "username = '1001'", status=200, round_trip=9000)
        carry_out(town_context, "username = '1002'", state=JobState.FAILED.value, result="No answer in 4 s.")
        await opened.hears("Pinged 2 contacts: 1 answered, 1 did not.")


async def test_m_sends_a_line_to_the_marked_users_and_says_what_became_of_it(town_context: Context, edge: int) -> None:
    """S-127, W-022."""
    register(town_context, user(town_context, "1003"), edge)
    before = generation(town_context.database)
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("space", "space", "space", "m")
        await opened.sees(
            "Message to 3 SIP users", "2 of 3 are registered; it is not sent to 1002.", "Users can't reply."
        )
        await opened.press("enter")
        await opened.sees("write what the phone is to show")
        await opened.type("Maintenance at 22:00")
        await opened.press("enter")
        await opened.sees(
            "2 of 3 are registered; not sent to 1002.", "… waiting for the agent", "2 of 2 to be answered"
        )
        carry_out(town_context, "username = '1001'", status=200, result="200 OK")
        carry_out(town_context, "username = '1003'", status=404, result="404 Not Found")
        await opened.sees("198.51.100.7:61344 ✔ 200 OK", "✖ 404 Not Found", "Taken by 1 of 2 contacts.")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.hears("The message was taken by 1 of 2 contacts.")
    assert query(town_context.database, "SELECT DISTINCT body FROM edge_job") == [("Maintenance at 22:00",)]
    sent = [row for row in audit(town_context.database) if row.action == "SEND"]
    assert [row.label for row in sent] == [
        f"message to SIP user {name}: Maintenance at 22:00" for name in ("1001", "1003")
    ]
    assert generation(town_context.database) == before


async def test_whom_a_message_was_sent_to_can_be_pinged_with_the_next_key(town_context: Context, edge: int) -> None:
    """S-127, W-020: neither changes a row, so the marks stay for both."""
    register(town_context, user(town_context, "1002"), edge)
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("space", "space", "m")
        await opened.sees("Message to 2 SIP users")
        await opened.type("Maintenance at 22:00")
        await opened.press("enter")
        await jobs(opened, 2)
        carry_out(town_context, status=200, result="200 OK")
        await opened.sees("Taken by 2 of 2 contacts.")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
        await opened.press("o")
        await jobs(opened, 2)


async def test_a_message_that_nobody_would_get_is_not_sent(town_context: Context, edge: int) -> None:
    async with console(town_context, NARROW) as opened:
        await sip(opened, "1002")
        await opened.press("m")
        await opened.sees("1002 is not registered: nobody would get it.")
        await opened.type("hello")
        await opened.press("enter")
        await opened.until(lambda: "1002 is not registered." in opened.flow)
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, SendMessageScreen))
    assert query(town_context.database, "SELECT count(*) FROM edge_job") == [(0,)]


async def test_v_shows_every_contact_with_all_that_is_known_of_it(town_context: Context, edge: int) -> None:
    """W-020, W-023."""
    second = {"received": "[2001:db8::7]:5061", "transport": "tls", "nat": False, "via": "[2001:db8::7]:5061"}
    register(town_context, user(town_context, "1001"), edge, **second, registered_at=NOON - 600)
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("v")
        await opened.sees(
            "Registrations of 1001 · Acme Telecom",
            "Received 198.51.100.7:61344 over UDP, behind NAT",
            "Device Yealink T46",
            "1 min ago; for 59 min more",
            "12 ms · 9.0 ms to 12 ms, median 12 ms · 1 of 3 lost",
            "▆✖█",
        )
        await opened.press("j")
        await opened.sees(
            "Received [2001:db8::7]:5061 over TLS, not behind NAT, Via says [2001:db8::7]:5061", "none so far"
        )
        await opened.press("o")
        await opened.sees("… waiting for the agent")
        await jobs(opened, 1)
        carry_out(town_context, status=200, round_trip=88_000)
        await opened.sees("✔ answered 200 in 88.0 ms")
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))


async def test_d_removes_a_registration_after_asking(town_context: Context, edge: int) -> None:
    """W-023."""
    async with console(town_context, WIDE) as opened:
        await sip(opened)
        await opened.press("v")
        await opened.sees("Device Yealink T46")
        await opened.press("d")
        await opened.sees("Remove the registration from 198.51.100.7:61344?")
        cancel = opened.app.focused
        assert isinstance(cancel, Button)
        await opened.press("enter")
        await opened.misses("Remove the registration")
        assert query(town_context.database, "SELECT count(*) FROM edge_job") == [(0,)]
        await opened.press("d", "y")
        await opened.hears("Removing the registration of 1001.")
        await jobs(opened, 1)
        execute(town_context.database, "DELETE FROM registration")
        carry_out(town_context, result="Removed.")
        await opened.sees("1001 is not registered.")
        assert isinstance(opened.app.screen, RegistrationsScreen)
    assert audit(town_context.database)[-1].action == "UNREGISTER"


async def test_who_may_only_look_sees_registrations_and_asks_for_nothing(town_context: Context, edge: int) -> None:
    """W-028."""
    actor = Actor("vera", "local", "tests", Role.VIEWER)
    viewer = Context(town_context.database, actor, town_context.settings, town_context.now)
    async with console(viewer, WIDE) as opened:
        await sip(opened)
        assert "Ping" not in opened.footer
        assert "Message" not in opened.footer
        await opened.press("o", "m", "v")
        await opened.sees("Registrations of 1001")
        assert "Remove" not in opened.footer
        await opened.press("o", "d", "escape")
        await opened.until(lambda: isinstance(opened.app.screen, MainScreen))
    assert query(town_context.database, "SELECT count(*) FROM edge_job") == [(0,)]


async def test_a_form_has_the_room_of_the_lines(town_context: Context, edge: int) -> None:
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        lines = opened.app.query_one(RegistrationLines)
        await opened.until(lambda: lines.display)
        await opened.press("e")
        await opened.until(lambda: opened.form.typed and not lines.display)
        await opened.press("escape")
        await opened.until(lambda: lines.display)


async def test_after_a_reset_it_is_said_when_the_device_has_the_new_password(town_context: Context, edge: int) -> None:
    """S-120, S-122."""
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("p")
        await opened.sees("realm sip.example.net")
        assert "waiting for" not in opened.picture
        await opened.press("enter")
        await opened.sees("… waiting for 1001: still registered with the old one from 198.51.100.7:61344, for 59 min")
        execute(town_context.database, "UPDATE registration SET registered_at = ?", (NOON + 1,))
        await opened.sees("re-registered with the new password ✔ (from 198.51.100.7:61344, ")
        await opened.press("enter")
        await opened.hears("Password of SIP user 1001 set.")
        await opened.quiet()


async def test_without_an_edge_no_device_is_waited_for(town_context: Context) -> None:
    """S-014."""
    async with console(town_context, NARROW) as opened:
        await sip(opened)
        await opened.press("p")
        await opened.sees("realm sip.example.net")
        await opened.press("enter")
        await opened.sees("✔ set")
        await opened.quiet()
        assert "waiting for" not in opened.picture
        await opened.press("enter")
        await opened.quiet()


def test_a_lost_ping_has_a_sign_of_its_own_in_the_course() -> None:
    """W-020."""
    pings = ((1.0, 9000), (2.0, None), (3.0, 18000), (4.0, 0))
    assert course(pings, 16, UTF8) == "▅✖█▁"
    assert course(pings, 3, ASCII) == "x# "
    assert course((), 16, UTF8) == ""
