"""The Firewall tab: customers first, evidence, unblock, block, authorise, hold still."""

from __future__ import annotations

from functools import partial
from threading import Event

import pytest
from textual.widgets import Button

from cxtui.models.block import Block
from cxtui.services import blocks, edges
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.outcome import Change
from cxtui.ui.work import Work
from tests.support import NOON, Clock, audit, execute, operator, query
from tests.ui.console import HUGE, NARROW, PATIENCE, WIDE, Console, console, lines_with


async def firewall(opened: Console) -> None:
    """Show the Firewall tab."""
    await opened.open("7")
    await opened.sees("45.134.144.9")


def live(context: Context) -> list[str]:
    """The addresses that are blocked."""
    return [row[0] for row in query(context.database, "SELECT address FROM block WHERE lifted_at IS NULL ORDER BY id")]


async def test_customers_stand_on_top_then_the_newest(town_context: Context) -> None:
    """W-030, S-011, S-012"""
    async with console(town_context) as opened:
        await firewall(opened)
        order = [opened.picture.index(name) for name in ("203.0.113.77", "198.51.100.23", "185.243.5.19", "45.134")]
        assert order == sorted(order)
        assert opened.pane.view.table.divider_after == 1
        assert "Acme Telecom" in next(lines_with(opened.picture, "203.0.113.77"))
        assert "Beta Ltd" in next(lines_with(opened.picture, "198.51.100.23"))


async def test_the_evidence_of_a_block_is_told_in_full(town_context: Context) -> None:
    """S-012, S-015, W-031, W-032"""
    async with console(town_context, NARROW) as opened:
        await firewall(opened)
        await opened.sees(
            '203.0.113.77: 212 × INVITE not authorised, tried 4420, User-Agent "Asterisk PBX 18"',
            "last seen 4 min ago, by fail2ban. It belongs to Acme Telecom.",
            "Recorded; no edge attached.  u Unblock",
        )


async def test_every_column_stands_where_there_is_room(town_context: Context) -> None:
    """W-030, W-032"""
    async with console(town_context, HUGE) as opened:
        await firewall(opened)
        titles = " ".join(opened.picture.split("\n")[3].split())
        assert titles == "Address Since Seen Hits Why Whose State Tried User-Agent Source Expires Notes"


async def test_u_unblocks_one_address_at_once(town_context: Context) -> None:
    """S-013, S-014, W-030"""
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("u")
        await opened.hears("Unblocked 203.0.113.77: recorded, no edge attached.")
        await opened.misses("Asterisk PBX 18")
        assert "203.0.113.77" not in live(town_context)
        await opened.press("z")
        await opened.hears("Undone: unblock of 203.0.113.77")
        await opened.sees("203.0.113.77")
    assert audit(town_context.database)[-2].action == "UNBLOCK"


async def test_several_are_asked_about_and_enter_does_no_harm(town_context: Context) -> None:
    """S-013"""
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("j", "j", "space", "space", "u")
        await opened.sees("Unblock 2 addresses?", "block of 185.243.5.19", "block of 45.134.144.9")
        cancel = opened.app.focused
        assert isinstance(cancel, Button)
        assert cancel.id == "no"
        await opened.press("enter")
        await opened.misses("Unblock 2 addresses?")
        assert len(live(town_context)) == 4
        await opened.press("u")
        await opened.sees("Unblock 2 addresses?")
        await opened.press("right", "enter")
        await opened.hears("Unblocked 2 addresses: recorded, no edge attached.")
    assert live(town_context) == ["203.0.113.77", "198.51.100.23"]


async def test_a_customers_address_is_blocked_only_when_it_is_typed_once_more(town_context: Context) -> None:
    """W-030"""
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("b")
        await opened.fill(address="203.0.113.66", notes="abuse, ticket 7", expires="2 h")
        await opened.sees("belongs to Acme Telecom: their calls will stop")
        await opened.press("ctrl+s")
        await opened.sees("Type 203.0.113.66 to go on")
        await opened.type("yes")
        await opened.press("enter")
        await opened.sees("That is not the word; nothing was changed.")
        assert "203.0.113.66" not in live(town_context)
        await opened.press("end", "backspace", "backspace", "backspace")
        await opened.type("203.0.113.66")
        await opened.press("enter")
        await opened.hears("Blocked 203.0.113.66: recorded, no edge attached.")
    (block,) = query(
        town_context.database, "SELECT notes, expires_at, source, ours FROM block WHERE address = '203.0.113.66'"
    )
    assert block == ("abuse, ticket 7", NOON + 7200, "alice", 1)


async def test_a_networks_is_not_blocked_and_a_wrong_span_is_explained(town_context: Context) -> None:
    """W-030"""
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("a")
        await opened.fill(address="11.0.0.0/24", expires="soon")
        await opened.sees("write a number and a unit: 90 s, 15 min, 2 h, 3 d or 1 w")
        await opened.press("ctrl+s")
        await opened.until(lambda: opened.form._pages.rows["address"].has_focus_within)
        assert opened.form.typed["expires"] == "soon"


async def test_authorise_adds_the_entry_and_unblocks_in_one_change(town_context: Context) -> None:
    """S-011, S-013, S-021"""
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("end", "A")
        await opened.until(lambda: opened.form.typed.get("address") == "45.134.144.9")
        await opened.quiet()
        await opened.type("Beta Ltd")
        await opened.press("ctrl+s")
        await opened.hears("Authorised IP entry 45.134.144.9 (they send) and unblocked 45.134.144.9")
        assert "45.134.144.9" not in live(town_context)
        await opened.press("z")
        await opened.hears("Undone: 2 rows")
        assert "45.134.144.9" in live(town_context)
    assert query(town_context.database, "SELECT count(*) FROM ip_auth WHERE address = '45.134.144.9'") == [(0,)]
    assert len({entry.change_id for entry in audit(town_context.database)[-4:]}) == 2


async def test_a_block_that_comes_in_above_does_not_come_under_the_cursor(town_context: Context) -> None:
    """S-013: `u` lets that address through which was read, also on a tab that nobody has touched."""
    execute(town_context.database, "UPDATE block SET ours = 0")
    async with console(town_context, NARROW) as opened:
        await firewall(opened)
        await opened.press("home")
        await opened.sees("185.243.5.19: 4310 × scanner")
        edges.record(town_context, [Sighting("185.9.9.9", NOON, 3, "scanner")])
        await opened.sees("185.9.9.9")
        assert next(lines_with(opened.picture, "▸")).split()[1] == "185.243.5.19"
        await opened.press("u")
        await opened.hears("Unblocked 185.243.5.19: recorded, no edge attached.")
    assert "185.9.9.9" in live(town_context)


async def test_a_list_that_is_let_run_again_stays_on_the_row_that_was_read(town_context: Context) -> None:
    """S-013: however many have come in above it, of which it is told."""
    execute(town_context.database, "UPDATE block SET ours = 0")
    async with console(town_context, NARROW) as opened:
        await firewall(opened)
        await opened.press("j", "P")
        await opened.sees("PAUSED")
        crowd = (Sighting(f"10.0.{number // 250}.{number % 250}", NOON + 1, 1, "scan") for number in range(700))
        edges.record(town_context, crowd)
        await opened.press("P")
        await opened.sees("Firewall  704  newer above: Home")
        assert next(lines_with(opened.picture, "▸")).split()[1] == "203.0.113.77"
        await opened.press("home")
        await opened.misses("newer above")
        assert next(lines_with(opened.picture, "▸")).split()[1] == "10.0.2.199"


async def test_a_key_does_not_hit_the_block_that_slides_in_where_another_one_goes(
    town_context: Context,
) -> None:
    """S-013"""
    bob = operator(town_context.database, "bob", Clock())
    async with console(town_context) as opened:
        await firewall(opened)
        table = opened.pane.view.table
        assert table.grace >= 1
        table.grace = 60
        blocks.unblock(bob, [opened.pane.chosen()[0]])
        await opened.until(lambda: table.total == 3)
        await opened.press("u")
        await opened.hears("203.0.113.77 is not in force any more")
        assert len(live(town_context)) == 3
        await opened.press("down", "up", "u")
        await opened.hears("Unblocked 198.51.100.23")


async def test_pause_holds_the_list_still_and_says_so(town_context: Context) -> None:
    """W-030"""
    fresh = Sighting("185.9.9.9", NOON, 3, "scanner")
    async with console(town_context) as opened:
        await firewall(opened)
        await opened.press("P")
        await opened.sees("PAUSED")
        edges.record(town_context, [fresh])
        await opened.until(lambda: "blocks 1/min" in opened.status)
        assert "185.9.9.9" not in opened.picture
        await opened.press("1")
        await opened.until(lambda: "LIVE" in opened.status)
        await opened.press("7")
        await opened.until(lambda: "PAUSED" in opened.status)
        await opened.press("P")
        await opened.sees("185.9.9.9", "LIVE")


async def test_a_filter_finds_by_what_was_seen(town_context: Context) -> None:
    """W-032"""
    async with console(town_context) as opened:
        await firewall(opened)
        assert "Pause" in opened.footer
        await opened.press("f")
        await opened.until(
            lambda: not any(word in opened.footer for word in ("Authorise", "Pause", "Unblock", "shift+"))
        )
        await opened.type("sipvic")
        await opened.sees("Firewall  1 match sipvic")
        await opened.press("enter")
        await opened.until(lambda: opened.pane.view.table.has_focus)
        await opened.press("escape")
        await opened.sees("Firewall  4")


async def test_a_block_says_what_each_edge_has_done(town_context: Context) -> None:
    """S-014: never more than what was read back."""
    async with console(town_context, WIDE) as opened:
        await firewall(opened)
        edge = edges.beat(town_context, "edge1", 0)
        await opened.sees("… adding 0/1")
        (key,) = query(town_context.database, "SELECT id FROM block WHERE address = '203.0.113.77'")[0]
        edges.report(town_context, edge, [(key, "nftables", None)], [])
        await opened.sees("✖ in 1", "Held by edge1 nftables.")
        await opened.press("u")
        await opened.hears("Unblocked 203.0.113.77: on its way to 1 edge.")
        await opened.sees("… unblocking 1")
        edges.report(town_context, edge, [], [(key, "nftables")])
        await opened.misses("Asterisk PBX 18")


async def test_a_write_that_waits_for_another_one_is_made_though_the_console_is_left(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write is never given up."""
    begun, left = Event(), Event()
    close = Work.close

    def late(context: Context, block: Block) -> Change:
        begun.set()
        left.wait(PATIENCE)
        return blocks.unblock(context, [block])

    def leaving(work: Work) -> None:
        left.set()
        close(work)

    monkeypatch.setattr(Work, "close", leaving)
    async with console(town_context, WIDE) as opened:
        await firewall(opened)
        part = opened.pane.view._part
        assert part is not None
        chosen = [shown.row for shown in part.rows[:2]]
        for block in chosen:
            opened.pane.carry_out(partial(late, block=block))
        await opened.until(begun.is_set)
    assert not {block.address for block in chosen} & set(live(town_context))
