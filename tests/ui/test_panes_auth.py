"""The Auth tab, and what the lists of IP entries, SIP users and companies have in common."""

from __future__ import annotations

from cxtui.models.edge_job import JobState
from cxtui.services import edges
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.find import find
from cxtui.ui.panes.auth import AuthPane
from tests.services.test_registrations import attach, register
from tests.support import NOON, audit, query
from tests.ui.console import NARROW, WIDE, Console, console, lines_with
from tests.ui.test_app import choose
from tests.ui.test_registrations import carry_out, jobs, user

NOTE = "Both kinds are in use: calls from the addresses under IP authentication are let in without a password"


def views(opened: Console):
    """Both lists of the tab."""
    pane = opened.pane
    assert isinstance(pane, AuthPane)
    return [place.view for place in pane.places]


async def test_both_lists_stand_side_by_side_where_it_is_wide_and_one_below_the_other_at_80(
    town_context: Context,
) -> None:
    """S-002"""
    async with console(town_context, WIDE) as opened:
        left, right = (view.region for view in views(opened))
        assert left.y == right.y
        assert left.right <= right.x
        await opened.pilot.resize_terminal(*NARROW)
        await opened.until(lambda: views(opened)[0].region.bottom == views(opened)[1].region.y)
        assert all(view.region.width == 80 for view in views(opened))


async def test_a_form_takes_the_place_of_the_other_list_and_gives_it_back(town_context: Context) -> None:
    """S-002, S-004"""
    async with console(town_context, WIDE) as opened:
        await choose(opened, "Acme Telecom")
        await opened.press("tab", "a")
        await opened.sees("new SIP user", "SIP user authentication  4")
        await opened.misses("IP authentication  4")
        await opened.press("escape")
        await opened.sees("IP authentication  4", "SIP user authentication  4")
        await opened.until(lambda: views(opened)[1].table.has_focus)


async def test_a_company_with_both_kinds_has_a_standing_note(town_context: Context) -> None:
    """S-084, C-13"""
    for size in (WIDE, NARROW):
        async with console(town_context, size) as opened:
            await choose(opened, "Acme Telecom")
            await opened.sees(NOTE, "are challenged (407) and need a SIP user.")
            await opened.open("2")
            await opened.press("0")
            await opened.open("1")
            await opened.misses("Both kinds are in use")
            await choose(opened, "Gamma Carrier")
            await opened.misses("Both kinds are in use")


async def test_the_state_of_a_row_is_said_at_once_with_a_word_and_a_key(town_context: Context) -> None:
    """S-011, S-012, S-013, C-11, C-12, W-024"""
    async with console(town_context, WIDE) as opened:
        await choose(opened, "Acme Telecom")
        await opened.open("2")
        assert "✖ BLOCKED" in next(lines_with(opened.picture, "203.0.113.77"))
        assert "✖ 1 BLOCKED" not in opened.picture
        assert "! shared" in next(lines_with(opened.picture, "198.51.100.4"))
        await opened.open("3")
        assert "○ disabled" in next(lines_with(opened.picture, "1003"))
        assert "! no password" in next(lines_with(opened.picture, "1004"))
        await opened.press("end")
        await opened.sees("It has no password yet and cannot register.  p Password")


async def test_u_on_a_network_unblocks_the_addresses_inside_it(town_context: Context) -> None:
    """C-11, S-013"""
    from cxtui.services import ip_auth

    ip_auth.add(town_context, 2, {"address": "45.134.144.0/24"})
    async with console(town_context, WIDE) as opened:
        await choose(opened, "Beta Ltd")
        await opened.open("2")
        await opened.sees("✖ 1 BLOCKED")
        while opened.pane.shown is None or opened.pane.shown.row.address != "45.134.144.0/24":
            await opened.press("j")
        await opened.sees("1 of 256 addresses of 45.134.144.0/24 are blocked: 45.134.144.9.  u Unblock")
        await opened.press("u")
        await opened.hears("Unblocked 45.134.144.9")
        await opened.misses("1 BLOCKED")
        await opened.press("u")
        await opened.hears("Nothing of it is blocked.")


async def test_marked_rows_are_deleted_together_after_asking(town_context: Context) -> None:
    """W-026, W-027: one change, audited with what was there before."""
    async with console(town_context, WIDE) as opened:
        await choose(opened, "Gamma Carrier")
        await opened.open("2")
        await opened.sees("192.0.2.9")
        await opened.press("space", "space", "d")
        await opened.sees("Delete 2 IP entries?", "IP entry 192.0.2.8 (they send)", "IP entry 192.0.2.9 (they send)")
        await opened.press("y")
        await opened.hears("Deleted 2 IP entries.")
        await opened.sees("No IP entries. a adds one.")
        rows = audit(town_context.database)[-2:]
        assert {(row.operator, row.action, row.origin) for row in rows} == {("alice", "DELETE", "198.51.100.200")}
        assert rows[0].change_id == rows[1].change_id
        assert {row.before["address"] for row in rows} == {"192.0.2.8", "192.0.2.9"}
        await opened.press("z")
        await opened.sees("192.0.2.8", "192.0.2.9")


async def test_a_company_has_status_limits_number_block_and_notes(town_context: Context) -> None:
    """S-003, W-070, W-105"""
    async with console(town_context, WIDE) as opened:
        await opened.open("c")
        await opened.sees("1000–1999", "Invoice by the 5th", "inactive", "carrier")
        await opened.press("a")
        await opened.fill(name="Delta", number_block_start="1500")
        await opened.sees("how many extensions does the block hold?")
        await opened.fill(number_block_size="100")
        await opened.sees("overlaps the block 1000–1999 of Acme Telecom")
        await opened.sees("◉ Active  ○ Dialing  ○ Inactive  ○ Pending", "○ Pending Approval  ○ Penalty")
        await opened.fill(number_block_start="2000", status="penalty", channels="10", flow_speed="5")
        await opened.press("ctrl+s")
        await opened.hears("Added customer Delta.")
        await opened.sees("penalty", "2000–2099")
    assert find(town_context, "delta")[0].detail == "customer, penalty"


async def test_y_copies_the_name_of_the_row(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await opened.open("3")
        await opened.press("y")
        await opened.until(lambda: opened.toasts)
        assert "clipboard" in opened.toasts[0]


async def test_a_profile_in_use_is_not_deleted(town_context: Context) -> None:
    """S-090, W-071"""
    async with console(town_context, WIDE) as opened:
        await opened.open("i")
        await opened.sees("2 users", "unused")
        await opened.press("d", "y")
        await opened.hears("SIP profile agents is used by 2 SIP users: give them another one first.")
        await opened.press("j", "d", "y")
        await opened.hears("Deleted SIP profile supervisors.")
    assert query(town_context.database, "SELECT name FROM sip_profile") == [("agents",)]


async def test_devices_of_users_are_looked_after_on_the_auth_tab_too(town_context: Context) -> None:
    """S-002, S-013, W-020, S-127: the keys are those of the list of users, and each contact is named by where it is."""
    edge = attach(town_context)
    for place in ("198.51.100.7:61344", "198.51.100.7:61345"):
        register(town_context, user(town_context, "1001"), edge, received=place)
    async with console(town_context, WIDE) as opened:
        await opened.sees("1001")
        assert "Ping" not in opened.footer
        await opened.press("tab", "home")
        await opened.until(lambda: opened.pane.shown and opened.pane.shown.row.username == "1001")
        assert all(word in opened.footer for word in ("o Ping", "v Registrations", "x Doctor"))
        await opened.press("o")
        await jobs(opened, 2)
        carry_out(town_context, "id % 2", state=JobState.FAILED.value, result="No answer in 4 s.")
        carry_out(town_context, status=200, round_trip=9000)
        await opened.hears("1 answered, 1 did not. No answer from 1001 at 198.51.100.7:6134")
        await opened.press("m")
        await opened.type("hello")
        await opened.press("enter")
        await opened.sees("198.51.100.7:61344", "198.51.100.7:61345", "… waiting for the agent")
        await opened.press("escape")
        edges.record(town_context, [Sighting("198.51.100.7", NOON, 40, "wrong password 1001")])
        await opened.press("u")
        await opened.hears("Unblocked 198.51.100.7")
