"""The Edge tab: how each edge stands, how fast changes reach it, where it differs, and the orders to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.ui.glyphs import ASCII
from cxtui.ui.panes.edge import EdgePane
from tests.services.test_edge_states import attach, prove
from tests.support import NOON, Clock, audit, execute, generation, query
from tests.ui.console import HUGE, NARROW, WIDE, Console, console, lines_with

HOSTILE = "[/b] \x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e$name"
MINUTE = 60.0
DAY = 86_400.0


@pytest.fixture
def alice(town_context: Context) -> Context:
    """The operator alice, of whose two edges the second one refused the last reload and differs."""
    now = generation(town_context.database)
    usual: dict[str, Any] = {"listens": "udp:203.0.113.1:5060", "software": "kamailio 5.6.3", "checked_at": NOON - 70}
    for back in (2, 1, 0):
        prove(town_context, "edge1", now - back, NOON - MINUTE * back - 1, 0.025 + back / 100)
    attach(
        town_context,
        "edge1",
        **usual,
        up_since=NOON - 12 * DAY,
        reloaded_at=NOON - 41,
        calls=212,
        registered=1481,
        round_trip=25,
    )
    edge = attach(
        town_context,
        "edge2",
        **usual,
        generation=now - 1,
        up_since=NOON - 59 * MINUTE,
        reloaded_at=NOON - 9,
        refusal="bad mask 33",
        retry_at=NOON + 4,
        calls=198,
        registered=1480,
        round_trip=1310,
    )
    differ(town_context, edge, "address", "203.0.113.5/32", "edge", "group 2, nobody entered it")
    differ(town_context, edge, "block", "185.243.5.19", "database", "held by nothing here " + "x" * 60 + " at the end")
    return town_context


def differ(context: Context, edge: int, part: str, key: str, side: str, detail: str) -> None:
    """A difference at an edge."""
    execute(
        context.database,
        "INSERT INTO drift(version, edge_id, part, key, side, detail, seen_at) VALUES (1, ?, ?, ?, ?, ?, 0)",
        [edge, part, key, side, detail],
    )


async def show(opened: Console) -> EdgePane:
    """Show the tab, with what is known of the first edge."""
    await opened.open("8")
    pane = opened.app.pane
    assert isinstance(pane, EdgePane)
    await opened.until(lambda: pane.settled)
    return pane


async def test_each_edge_stands_in_the_list_with_all_its_columns(alice: Context) -> None:
    """W-034."""
    now = generation(alice.database)
    async with console(alice, WIDE) as opened:
        await show(opened)
        titles = next(lines_with(opened.picture, "Generation")).split()
        assert " ".join(titles) == "Edge State Up Generation Reload Calls Registered RPC Drift Heard"
        one = next(lines_with(opened.picture, "▸ edge1"))
        assert one.split("  ")[0].strip() == "▸ edge1"
        assert " ".join(one.split()) == f"▸ edge1 ✔ active 12 d {now}/{now} 41 s 212 1 481 25 µs none now"
        two = next(lines_with(opened.picture, "  edge2 "))
        assert " ".join(two.split()) == f"edge2 ✖ refused 59 min {now - 1}/{now} refused 198 1 480 1.3 ms 2 rows now"


async def test_a_narrow_list_drops_what_is_least_wanted(alice: Context) -> None:
    async with console(alice, NARROW) as opened:
        await show(opened)
        titles = next(lines_with(opened.picture, "Generation")).split()
        assert " ".join(titles) == "Edge State Up Generation Reload Calls Registered Drift"
        await opened.sees("RPC 25 µs")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_details_tell_how_fast_changes_arrive_beside_what_the_portal_promises(
    alice: Context, size: tuple[int, int]
) -> None:
    """W-034, S-014."""
    now = generation(alice.database)
    async with console(alice, size) as opened:
        await show(opened)
        await opened.sees("commit → verified p50 35 ms p99 45 ms last 3 (portal: up to 15 min)", "worst 45 ms")
        await opened.sees("kamailio 5.6.3 · up since 2023-11-02 22:13:20", "listens on udp:203.0.113.1:5060")
        await opened.sees("Last generations")
        rows = [" ".join(line.split()) for line in opened.picture.split("\n")]
        assert any(line.endswith(f"{now} 22:13:19 25 ms") for line in rows), rows
        assert any(line.endswith(f"{now - 2} 22:11:19 45 ms") for line in rows), rows


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_refused_reload_says_what_the_edge_said_what_is_in_force_and_when_it_tries_again(
    alice: Context, size: tuple[int, int]
) -> None:
    """S-014: refused, with the time, and what still runs."""
    now = generation(alice.database)
    async with console(alice, size) as opened:
        await show(opened)
        assert "bad mask" not in opened.picture
        await opened.press("j")
        await opened.sees(
            "✖ edge2 refused the reload: “bad mask 33”",
            f"Still in force: generation {now - 1} · retry in 4 s, at 22:13:24",
            "last reload taken at 22:13:11",
        )
        prove(alice, "edge2", now - 1, NOON - 300, 0.5)
        attach(alice, "edge2", retry_at=NOON + 0.4)
        await opened.sees(f"Still in force: generation {now - 1}, since 22:08:20 · retry now, at 22:13:20")


async def test_drift_says_what_which_side_and_why(alice: Context) -> None:
    """W-034: what the edge holds and the database does not, and the reverse."""
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.sees("Drift none, compared at 22:12:10")
        await opened.press("j")
        await opened.sees("Drift 2 rows, compared at 22:12:10")
        await opened.sees("address 203.0.113.5/32 only on the edge group 2, nobody ent…")
        await opened.sees("block 185.243.5.19 only in the database held by nothing her…")


async def test_enter_gives_the_details_the_whole_tab_and_escape_the_list_back(alice: Context) -> None:
    async with console(alice, NARROW) as opened:
        for number in range(30):
            differ(alice, attach(alice, "edge2"), "rewrite", f"rule {number:02}", "edge", "")
        pane = await show(opened)
        await opened.press("j")
        assert "e Details" in opened.footer
        await opened.press("enter")
        await opened.misses("Generation  ")
        await opened.sees("at the end", "Back")
        await opened.until(lambda: pane.details.has_focus)
        assert "rule 29" not in opened.flow
        await opened.press("G")
        await opened.sees("rule 29", "only on the edge")
        await opened.press("g")
        await opened.sees("“bad mask 33”")
        await opened.press("escape")
        await opened.sees("▸ edge2", "Generation  ")
        await opened.until(lambda: pane.table.has_focus)
        assert "Back" not in opened.footer


async def test_a_difference_too_long_for_a_line_is_told_whole_in_the_details(alice: Context) -> None:
    async with console(alice, NARROW) as opened:
        await show(opened)
        await opened.press("j")
        await opened.misses("at the end")
        await opened.press("e")
        await opened.sees("x" * 60, "at the end")


async def test_a_silent_edge_is_said_to_be_and_what_it_said_is_called_old(alice: Context) -> None:
    """S-014: never assumed."""
    clock = alice.now
    assert isinstance(clock, Clock)
    clock.forward(40)
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.sees("! silent", "! edge1 is silent since 40 s: what stands here is what it last said.")


async def test_an_edge_without_its_switch_says_why(alice: Context) -> None:
    """S-014."""
    attach(alice, "edge1", trouble="no answer at the control socket", generation=0)
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.sees("‼ down", "‼ Its switch cannot be reached: no answer at the control socket")
        await opened.sees("Generation 0 ran when it was last proven")
        await opened.misses("in force")


async def test_what_agents_report_appears_by_itself_and_the_cursor_stays(alice: Context) -> None:
    now = generation(alice.database)
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.press("j")
        await opened.sees("✖ edge2 refused")
        prove(alice, "edge2", now, NOON, 4.2)
        attach(alice, "edge2", refusal="", retry_at=None)
        await opened.sees("▸ edge2", f"{now}/{now}", "4.2 s")
        await opened.misses("refused")
        attach(alice, "edge0", generation=now)
        await opened.sees("  edge0 ", "▸ edge2 ")
        await opened.press("k", "k")
        await opened.sees("▸ edge0 ")
        attach(alice, "edge-a", generation=now)
        await opened.sees("  edge-a ", "▸ edge0 ")


async def test_an_edge_that_leaves_while_it_is_looked_at_gives_the_list_back(alice: Context) -> None:
    async with console(alice, NARROW) as opened:
        pane = await show(opened)
        await opened.press("enter")
        await opened.until(lambda: pane.details.has_focus)
        for table in ("propagation", "drift", "edge"):
            execute(alice.database, f"DELETE FROM {table}")
        await opened.sees("No edge is attached.", "cxtui edge run", "cxtui edge config")
        await opened.until(lambda: pane.table.has_focus)


async def test_without_an_edge_it_says_what_to_do(town_context: Context) -> None:
    """S-014: recorded, nothing enforces it."""
    async with console(town_context, NARROW) as opened:
        await show(opened)
        await opened.sees("No edge is attached.", "What is saved here is recorded, and nothing enforces it.")
        await opened.sees("For a trial: cxtui edge run. For a real one: cxtui edge config.")
        await opened.press("r", "R", "enter", "y")
        await opened.quiet()
        assert query(town_context.database, "SELECT 1 FROM edge_job") == []
        assert opened.toasts == []


async def test_r_has_the_edge_compared_now(alice: Context) -> None:
    """W-034."""
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.press("j", "r")
        await opened.hears("Told edge2 to compare what it holds with the database.")
        rows = "SELECT name, task, operator FROM edge_job JOIN edge ON edge.id = edge_id"
        assert query(alice.database, rows) == [("edge2", "compare", "alice")]
        await opened.sees("Comparison, asked for at 22:13:20 by alice: waiting for the agent.")
        execute(alice.database, "UPDATE edge_job SET state = 'done', result = '1 row differs'")
        await opened.sees("by alice: 1 row differs.")
        await opened.press("r")
        await opened.hears("Told edge2")


async def test_reconciling_is_asked_about_and_escape_orders_nothing(alice: Context) -> None:
    """W-034, W-027."""
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.press("j", "R")
        await opened.sees("Make edge2 match the database?", "1 row that only the edge holds will be removed")
        await opened.press("escape")
        await opened.misses("Make edge2 match")
        assert query(alice.database, "SELECT 1 FROM edge_job") == []
        await opened.press("R")
        await opened.sees("Make edge2 match")
        await opened.press("y")
        await opened.hears("Told edge2 to make what it holds match the database.")
        assert query(alice.database, "SELECT task FROM edge_job") == [("reconcile",)]
        assert audit(alice.database)[-1].action == "RECONCILE"


async def test_an_order_that_is_refused_says_why(alice: Context) -> None:
    clock = alice.now
    assert isinstance(clock, Clock)
    clock.forward(40)
    async with console(alice, WIDE) as opened:
        await show(opened)
        await opened.press("r")
        await opened.hears("edge1 has been silent for 40 s")


async def test_a_viewer_sees_all_and_orders_nothing(alice: Context) -> None:
    """W-028."""
    viewer = replace(alice, actor=replace(alice.actor, role=Role.VIEWER))
    async with console(viewer, WIDE) as opened:
        await show(opened)
        assert "Compare" not in opened.footer
        assert "Reconcile" not in opened.footer
        await opened.press("r", "R")
        await opened.quiet()
        assert "Make edge1" not in opened.picture
        assert query(alice.database, "SELECT 1 FROM edge_job") == []


async def test_y_copies_all_that_is_said_of_the_edge(alice: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with console(alice, WIDE) as opened:
        await show(opened)
        monkeypatch.setattr(opened.app, "copy_to_clipboard", copied.append)
        await opened.press("j", "y")
        (text,) = copied
        assert text.startswith("edge2\n")
        for words in ("“bad mask 33”", "203.0.113.5/32", "at the end", "commit → verified"):
            assert words in text


async def test_what_an_edge_says_cannot_steer_the_terminal(alice: Context) -> None:
    """Every text that comes from an agent or a switch, in the list, the details, the question and what is copied."""
    fields: dict[str, Any] = dict.fromkeys(("listens", "software", "trouble", "refusal"), HOSTILE)
    attach(alice, "edge2", **fields, reloaded_at=9e300, retry_at=-9e300, round_trip=2**30)
    execute(alice.database, "UPDATE edge SET name = ?, up_since = 9e999 WHERE name = 'edge2'", [f"a{HOSTILE}"])
    edge = query(alice.database, "SELECT id FROM edge WHERE name <> 'edge1'")[0][0]
    differ(alice, edge, HOSTILE, HOSTILE * 3, HOSTILE, HOSTILE * 4)
    jobs = (
        "INSERT INTO edge_job(version, edge_id, task, username, ruid, body, operator, state, result, ladder, status, "
    )
    jobs += "created_at) VALUES (1, ?, 'compare', '', '', '', ?, 'done', ?, '', 0, ?)"
    execute(alice.database, jobs, [edge, HOSTILE, HOSTILE, NOON - 1])
    async with console(alice, HUGE) as opened:
        pane = await show(opened)
        await opened.sees("▸ a[/b] ␛]52;c;ZXZpbA==␇␛[2J�$name")
        await opened.press("enter")
        await opened.until(lambda: pane.details.has_focus)
        await opened.press("R")
        await opened.sees("match the database?")
        assert all(line.isprintable() for line in opened.picture.split("\n"))
        await opened.press("escape")
        await opened.misses("match the database?")
        text = pane.details.text
        assert text.replace("\n", "").isprintable()


async def test_without_unicode_every_sign_has_a_word_and_ascii(alice: Context) -> None:
    async with console(alice, WIDE, glyphs=ASCII) as opened:
        await show(opened)
        await opened.press("j")
        await opened.sees("+ active", "x refused", 'x edge2 refused the reload: "bad mask 33"')
