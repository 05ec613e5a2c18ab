"""What agents report, and what is left for them to do."""

from __future__ import annotations

import pytest

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.services import blocks, companies, edge_states, edges
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from tests.support import NOON, Clock, execute, generation, one, query


def live(context: Context, address: str) -> Block:
    block = blocks.find_live(context, address)
    assert block is not None
    return block


def work(context: Context, edge: int, **more: float) -> tuple[list[int], list[int]]:
    with context.database.reading() as link:
        to_hold, to_free = edges.work(link, edge, **more)  # type: ignore[arg-type]
    return [key for key, _ in to_hold], [key for key, _ in to_free]


def fresh(context: Context, edge: int, after: int = 0, audited: int = 0) -> list[str]:
    with context.database.reading() as link:
        return [address for _, address, _ in edges.fresh(link, edge, after, audited, context.now())]


def states(context: Context) -> list[tuple[str, bool, int]]:
    with context.database.reading() as link:
        return [(state.edge.name, state.silent, state.behind) for state in edge_states.states(link, context.now())]


def test_sightings_are_counted_onto_their_block(context: Context) -> None:
    """S-012, W-030: first seen, last seen, how often, with which names and which User-Agent."""
    assert edges.record(context, [Sighting("192.0.2.1", NOON, 5, "scan", "100,101", "sipvicious", "table")]) == 1
    count = edges.record(
        context,
        [
            Sighting("192.0.2.1", NOON + 10, 7, "scan"),
            Sighting("192.0.2.1", NOON + 20, 1, "scan", "102", "friendly-scanner"),
            Sighting("2001:DB8::1", NOON, 2, "scan"),
        ],
    )
    assert count == 3
    block = live(context, "192.0.2.1")
    assert (block.since, block.last_seen, block.hits) == (NOON, NOON + 20, 13)
    assert (block.usernames, block.user_agent, block.source) == ("100,101 102", "friendly-scanner", "table")
    assert one(context.database, "SELECT count(*) FROM block") == 2


def test_an_address_is_stored_as_it_is_written_everywhere_else(context: Context) -> None:
    """Canonical text: else the list shows, finds and confirms another spelling."""
    edges.record(context, [Sighting("2001:DB8:0:0::1", NOON, 1, "scan"), Sighting("::ffff:192.0.2.9", NOON, 1, "scan")])
    assert query(context.database, "SELECT address FROM block ORDER BY id") == [("2001:db8::1",), ("192.0.2.9",)]


def test_reports_that_come_late_do_not_turn_back_the_clock(context: Context) -> None:
    edges.record(context, [Sighting("192.0.2.1", NOON + 100, 1, "scan"), Sighting("192.0.2.1", NOON, 1, "scan")])
    assert live(context, "192.0.2.1").last_seen == NOON + 100


HOSTILE = [
    "\x1b[2J\x1b]52;c;Zm9v\x07",
    "[bold red]markup[/]",
    "'; DROP TABLE block; --",
    "nul\x00byte",
    "half\udcffcharacter\ud800",
    "\u202eevil\u2066",
    "x" * 100_000,
    "😀" * 1_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_user_agent_is_data_and_cut_to_its_length(context: Context, text: str) -> None:
    """S-012: one hostile packet must not cost the other sightings of the report either."""
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, text, text, text, text), Sighting("192.0.2.2", NOON, 1, "x")])
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, text, text[::-1], text[::-1])])
    block = live(context, "192.0.2.1")
    assert block.user_agent == text[::-1][:300].encode("utf-8", "replace").decode()
    assert (len(block.reason) <= 200, len(block.usernames) <= 500, len(block.source) <= 40) == (True, True, True)
    assert live(context, "192.0.2.2").hits == 1
    blocks.unblock(context, [block])
    execute(context.database, "INSERT INTO block_search(block_search) VALUES ('integrity-check')")


def test_a_block_of_the_firewall_lives_on_with_each_sighting(context: Context) -> None:
    """The end that the firewall knows is the one that is shown."""
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan", expires_at=NOON + 600)])
    edges.record(context, [Sighting("192.0.2.1", NOON + 300, 1, "scan", expires_at=NOON + 900)])
    assert live(context, "192.0.2.1").expires_at == NOON + 900
    edges.record(context, [Sighting("192.0.2.1", NOON + 301, 1, "scan")])
    assert live(context, "192.0.2.1").expires_at == NOON + 900


def test_a_block_without_an_end_gets_none_from_a_sighting(context: Context) -> None:
    blocks.block(context, {"address": "192.0.2.1"})
    edges.record(context, [Sighting("192.0.2.1", NOON + 300, 1, "scan", expires_at=NOON + 900)])
    block = live(context, "192.0.2.1")
    assert (block.expires_at, block.hits) == (None, 1)


def test_an_edge_is_told_what_to_hold_and_what_to_let_go(context: Context, clock: Clock) -> None:
    one_, two = edges.beat(context, "edge1", 0), edges.beat(context, "edge2", 0)
    assert edges.beat(context, "edge1", 0) == one_
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan"), Sighting("192.0.2.2", NOON + 1, 1, "scan")])
    first, second = live(context, "192.0.2.1").id, live(context, "192.0.2.2").id
    assert work(context, one_) == ([second, first], [])
    edges.report(context, one_, [(first, "table", None), (first, "nftables", None), (second, "table", NOON + 60)], [])
    assert work(context, one_) == ([], [])
    assert work(context, two) == ([second, first], [])
    blocks.unblock(context, [live(context, "192.0.2.1")])
    assert work(context, one_) == ([], [first])
    assert work(context, two) == ([second], [])
    edges.report(context, one_, [], [(first, "table"), (first, "nftables")])
    assert work(context, one_) == ([], [])


def test_a_block_whose_time_is_over_ends_when_the_edge_lets_go(context: Context, clock: Clock) -> None:
    edge = edges.beat(context, "edge1", 0)
    (block,) = blocks.block(context, {"address": "192.0.2.1", "expires": "1 min"}).rows
    assert isinstance(block, Block)
    edges.report(context, edge, [(block.id, "table", block.expires_at)], [])
    clock.forward(30)
    edges.report(context, edge, [], [(block.id, "table")])
    assert live(context, "192.0.2.1").lifted_at is None, "let go too early: it is to be held again"
    assert work(context, edge, now=clock.now) == ([block.id], [])
    edges.report(context, edge, [(block.id, "table", block.expires_at)], [])
    clock.forward(31)
    edges.report(context, edge, [], [(block.id, "table")])
    assert blocks.find_live(context, "192.0.2.1") is None


def test_a_block_whose_time_is_over_is_not_put_in_force_again(context: Context, clock: Clock) -> None:
    edge = edges.beat(context, "edge1", 0)
    blocks.block(context, {"address": "192.0.2.1", "expires": "1 min"})
    clock.forward(61)
    assert work(context, edge, now=clock.now) == ([], [])


def test_only_blocks_whose_time_is_not_over_are_put_in_force(context: Context) -> None:
    """W-030."""
    edge = edges.beat(context, "edge1", 0)
    edges.record(context, [Sighting("192.0.2.1", NOON - 720, 40, "scan", expires_at=NOON - 1)])
    edges.record(context, [Sighting("192.0.2.2", NOON - 720, 40, "scan", expires_at=NOON + 99)])
    assert fresh(context, edge) == ["192.0.2.2"]


def test_a_block_that_is_wanted_again_is_put_in_force_again(context: Context) -> None:
    """W-030: blocked anew while the edge was letting go, so that it keeps its id."""
    edge = edges.beat(context, "edge1", 0)
    (row,) = blocks.block(context, {"address": "192.0.2.1"}).rows
    assert isinstance(row, Block)
    edges.report(context, edge, [(row.id, "table", None)], [])
    blocks.unblock(context, [row])
    seen = int(one(context.database, "SELECT max(id) FROM audit"))
    assert blocks.block(context, {"address": "192.0.2.1"}).rows[0].id == row.id
    edges.report(context, edge, [], [(row.id, "table")])
    assert fresh(context, edge, after=row.id, audited=seen) == ["192.0.2.1"]


def test_an_address_unblocked_while_the_edge_was_adding_it_is_let_go(context: Context) -> None:
    """Else it would stay blocked at the edge, and the console would say that it is not."""
    edge = edges.beat(context, "edge1", 0)
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan")])
    block = live(context, "192.0.2.1")
    assert work(context, edge) == ([block.id], [])
    blocks.unblock(context, [block])
    edges.report(context, edge, [(block.id, "table", None)], [])
    assert work(context, edge) == ([], [block.id])
    edges.report(context, edge, [], [(block.id, "table")])
    assert blocks.find_live(context, "192.0.2.1") is None


def test_a_late_report_does_not_revive_a_block_that_has_a_successor(context: Context) -> None:
    edge = edges.beat(context, "edge1", 0)
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan")])
    old = live(context, "192.0.2.1")
    blocks.unblock(context, [old])
    edges.record(context, [Sighting("192.0.2.1", NOON + 1, 1, "scan")])
    edges.report(context, edge, [(old.id, "table", None)], [])
    new = live(context, "192.0.2.1")
    assert new.id != old.id
    assert query(context.database, "SELECT block_id, edge_id FROM hold") == [(new.id, edge)]
    blocks.unblock(context, [new])
    assert work(context, edge) == ([], [new.id]), "else the edge would hold it for ever"
    edges.report(context, edge, [], [(new.id, "table")])
    assert blocks.find_live(context, "192.0.2.1") is None


def test_names_that_were_tried_are_added_up_as_far_as_there_is_room(context: Context) -> None:
    """W-032: a later report does not replace what an earlier one said."""
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan", "100 101")])
    edges.record(
        context, [Sighting("192.0.2.1", NOON, 1, "scan", ""), Sighting("192.0.2.1", NOON, 1, "scan", "101 102")]
    )
    assert live(context, "192.0.2.1").usernames == "100 101 102"
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan", " ".join(map(str, range(1_000, 1_200))))])
    assert live(context, "192.0.2.1").usernames.startswith("100 101 102 1000 1001")
    assert len(live(context, "192.0.2.1").usernames) == 500


def test_an_edge_that_leaves_takes_its_holds_along(context: Context) -> None:
    edge = edges.beat(context, "edge1", 0)
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan"), Sighting("192.0.2.2", NOON, 1, "scan")])
    block = live(context, "192.0.2.1")
    edges.report(context, edge, [(block.id, "table", None)], [])
    blocks.unblock(context, [block])
    edges.leave(context, "edge1")
    assert states(context) == []
    assert blocks.find_live(context, "192.0.2.1") is None
    assert live(context, "192.0.2.2").hits == 1
    edges.leave(context, "edge1")


def test_an_edge_is_silent_without_heartbeats_and_behind_without_the_newest_generation(
    context: Context, acme: Company, clock: Clock
) -> None:
    edges.beat(context, "edge1", generation(context.database))
    assert states(context) == [("edge1", False, 0)]
    companies.save(context, acme, {"notes": "x"})
    assert states(context) == [("edge1", False, 1)]
    clock.forward(SILENT_AFTER + 1)
    assert states(context) == [("edge1", True, 1)]
    edges.beat(context, "edge1", generation(context.database))
    assert states(context) == [("edge1", False, 0)]


def test_reports_are_no_changes_of_an_operator(context: Context) -> None:
    before = generation(context.database), one(context.database, "SELECT count(*) FROM audit")
    edge = edges.beat(context, "edge1", 0)
    edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan")])
    edges.report(context, edge, [(live(context, "192.0.2.1").id, "table", None)], [])
    assert (generation(context.database), one(context.database, "SELECT count(*) FROM audit")) == before


def test_a_report_that_fails_counts_nothing(context: Context) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        edges.record(context, [Sighting("192.0.2.1", NOON, 1, "scan"), Sighting("nonsense", NOON, 1, "scan")])
    assert blocks.find_live(context, "192.0.2.1") is None


def test_what_is_released_is_found_without_a_walk_through_all_blocks(context: Context) -> None:
    plan = query(context.database, f"EXPLAIN QUERY PLAN {edges._END} AND id = 1", (NOON, "unblocked", NOON))
    assert not any(row[3].startswith("SCAN") for row in plan)
