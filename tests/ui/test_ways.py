"""The way of a save in the status line: saved, reloading, active on so many edges, and what stands in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cxtui.rules.roles import Role
from cxtui.services import blocks, companies
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.ui import ways
from tests.services.test_edge_states import attach, prove
from tests.support import NOON, execute, generation, operator
from tests.ui.console import NARROW, WIDE, Console, console


@pytest.fixture
def alice(town_context: Context) -> Context:
    """The operator alice with two edges that run the newest configuration."""
    now = generation(town_context.database)
    attach(town_context, "edge1", generation=now)
    attach(town_context, "edge2", generation=now)
    return town_context


async def save(opened: Console, address: str = "192.0.2.66") -> int:
    """Block an address on the Firewall tab; returns the generation of that."""
    before = generation(opened.app.desk.context.database)
    await opened.open("7")
    await opened.press("b")
    await opened.fill(address=address)
    await opened.press("ctrl+s")
    await opened.hears(f"Blocked {address}: on its way to")
    assert generation(opened.app.desk.context.database) == before + 1
    return before + 1


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_save_is_followed_until_every_edge_was_seen_to_run_it(alice: Context, size: tuple[int, int]) -> None:
    """S-014, W-034: read back from the edges, never assumed."""
    async with console(alice, size) as opened:
        now = await save(opened)
        await opened.until(lambda: f"edge … gen {now} reloading 0/2" in opened.status)
        prove(alice, "edge1", now, NOON, 0.04)
        await opened.until(lambda: f"edge … gen {now} reloading 1/2" in opened.status)
        assert "✔ 2/2" not in opened.status
        prove(alice, "edge2", now, NOON, 0.9)
        await opened.until(lambda: f"edge ✔ 2/2 · gen {now} (0.9 s)" in opened.status)


async def test_after_a_while_the_line_tells_of_the_edges_again(alice: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "SHOWN_SECONDS", 0.2)
    async with console(alice) as opened:
        now = await save(opened)
        for name in ("edge1", "edge2"):
            prove(alice, name, now, NOON, 0.9)
        await opened.until(lambda: "(0.9 s)" in opened.status)
        await opened.until(lambda: f"edge ✔ 2/2 · gen {now}  blocks" in opened.status)
        companies.add(operator(alice.database, "bob", alice.now), {"name": "Later Ltd"})
        await opened.until(lambda: f"edge … 0/2 · gen {now + 1}" in opened.status)


async def test_what_others_save_is_not_followed(alice: Context) -> None:
    async with console(alice) as opened:
        companies.add(operator(alice.database, "bob", alice.now), {"name": "Later Ltd"})
        await opened.until(lambda: f"edge … 0/2 · gen {generation(alice.database)}" in opened.status)
        assert "reloading" not in opened.status


async def test_an_undo_is_followed_as_well(alice: Context) -> None:
    blocks.block(alice, {"address": "192.0.2.66"})
    async with console(alice) as opened:
        await opened.press("z")
        await opened.hears("Undone")
        now = generation(alice.database)
        await opened.until(lambda: f"edge … gen {now} reloading 0/2" in opened.status)


async def test_the_newest_save_takes_the_place_of_the_one_before(alice: Context) -> None:
    async with console(alice) as opened:
        first = await save(opened)
        await opened.until(lambda: f"gen {first} reloading" in opened.status)
        second = await save(opened, "192.0.2.67")
        await opened.until(lambda: f"gen {second} reloading" in opened.status)
        prove(alice, "edge1", first, NOON, 0.1)
        prove(alice, "edge2", first, NOON, 0.1)
        await opened.quiet()
        assert f"gen {second} reloading 0/2" in opened.status


async def test_a_refused_reload_is_told_of_once_with_what_is_still_in_force(alice: Context) -> None:
    """S-014."""
    async with console(alice) as opened:
        now = await save(opened)
        prove(alice, "edge1", now, NOON, 0.04)
        attach(alice, "edge2", refusal="bad mask\x1b[2J 33 [/b]", retry_at=NOON + 2)
        told = f"edge2 refused the reload: “bad mask␛[2J 33 [/b]”; still in force: generation {now - 1}"
        await opened.hears(told)
        await opened.until(lambda: f"edge ! 1/2 · gen {now} · edge2: reload refused" in opened.status)
        attach(alice, "edge2", retry_at=NOON + 6)
        await opened.quiet()
        attach(alice, "edge2", refusal="", retry_at=None)
        prove(alice, "edge2", now, NOON, 9.0)
        await opened.until(lambda: f"edge ✔ 2/2 · gen {now} (9 s)" in opened.status)
        assert [toast for toast in opened.toasts if "refused" in toast] == [told]


async def test_a_save_that_may_mend_an_old_refusal_is_not_called_refused_before_it_was_tried(alice: Context) -> None:
    """S-014: the edge has yet to try it, and may refuse that again."""
    attach(alice, "edge2", generation=0, refusal="bad mask 33", retry_at=NOON + 8)
    async with console(alice) as opened:
        assert "edge ! 1/2 · edge2: reload refused" in opened.status
        now = await save(opened)
        await opened.until(lambda: f"edge … gen {now} reloading 0/2 · edge2: reload refused" in opened.status)
        prove(alice, "edge1", now, NOON, 0.04)
        await opened.until(lambda: f"gen {now} reloading 1/2" in opened.status)
        assert not any("refused" in toast for toast in opened.toasts)
        attach(alice, "edge2", refusal="bad mask 34", retry_at=NOON + 24)
        await opened.hears("edge2 refused the reload: “bad mask 34”; still in force: generation 0")
        await opened.until(lambda: f"edge ! 1/2 · gen {now} · edge2: reload refused" in opened.status)


async def test_a_silent_edge_is_not_waited_for(alice: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "SHOWN_SECONDS", 0.2)
    attach(alice, "edge2", at=NOON - SILENT_AFTER - 1)
    async with console(alice) as opened:
        assert "edge ! 1/2 · edge2: silent" in opened.status
        now = await save(opened)
        prove(alice, "edge1", now, NOON, 0.04)
        await opened.until(lambda: f"edge ! 1/2 · gen {now} · edge2: silent" in opened.status)
        await opened.until(lambda: "edge ! 1/2 · edge2: silent" in opened.status)


async def test_a_switch_that_is_not_reached_is_said_in_the_line(alice: Context) -> None:
    """S-014: such an edge counts as nothing."""
    async with console(alice, NARROW) as opened:
        assert "edge ✔ 2/2" in opened.status
        attach(alice, "edge2", trouble="no answer at \x1b[2J the control socket")
        await opened.until(lambda: "edge ! 1/2 · edge2: switch not reachable" in opened.status)
        attach(alice, "edge1", trouble="no answer")
        await opened.until(lambda: "edge ! 0/2 · edge1: switch not reachable +1" in opened.status)


async def test_the_name_of_an_edge_leaves_room_for_the_rest(alice: Context) -> None:
    execute(alice.database, "UPDATE edge SET name = ?, trouble = 'x' WHERE name = 'edge2'", ["e\x1b[2J" * 8])
    async with console(alice, NARROW) as opened:
        await opened.until(lambda: "switch not reachable" in opened.status)
        assert "e␛[2Je␛[2Je␛[2J…: switch" in opened.status


async def test_without_an_edge_nothing_is_followed(town_context: Context) -> None:
    """S-014: recorded, never active."""
    async with console(town_context) as opened:
        await opened.open("7")
        await opened.press("b")
        await opened.fill(address="192.0.2.66")
        await opened.press("ctrl+s")
        await opened.hears("recorded, no edge attached")
        await opened.quiet()
        assert "no edge attached" in opened.status
        assert opened.app.goal is None


async def test_an_order_to_an_edge_is_no_change_to_follow(alice: Context) -> None:
    async with console(alice) as opened:
        await opened.open("8")
        await opened.press("r")
        await opened.hears("Told edge1")
        await opened.quiet()
        assert opened.app.goal is None
        assert "edge ✔ 2/2" in opened.status


async def test_nothing_is_read_or_painted_while_a_change_is_waited_for(
    alice: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An idle line costs nothing: the edges are heard of when they commit."""
    async with console(alice) as opened:
        await save(opened)
        await opened.until(lambda: "reloading" in opened.status)
        await opened.quiet()
        read: list[str] = []
        monkeypatch.setattr(opened.app, "read_status", lambda: read.append("read"))
        windows: list[int] = []
        while len(windows) < 5 and 0 not in windows:
            # The news of the save itself may come late.
            read.clear()
            await asyncio.sleep(0.6)
            windows.append(len(read))
        assert 0 in windows


async def test_a_viewer_sees_how_the_edges_stand(alice: Context) -> None:
    viewer = replace(alice, actor=replace(alice.actor, role=Role.VIEWER))
    attach(alice, "edge1", trouble="no answer")
    async with console(viewer) as opened:
        assert "edge ! 1/2 · edge1: switch not reachable" in opened.status
