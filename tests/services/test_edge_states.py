"""How the edges stand, and the way of a change to them."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.services import blocks, companies, edge_states, ip_auth
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER, EdgeState, Way, span
from cxtui.services.grids import Grid
from cxtui.services.usual_state import usual_state
from tests.support import Clock, execute, generation, one


def attach(context: Context, name: str, *, at: float | None = None, **fields: Any) -> int:
    """The edge ``name`` as its agent says now, or at ``at``; returns its id."""
    named = {"heartbeat_at": context.now() if at is None else at, **fields}
    database = context.database
    execute(
        database,
        "INSERT INTO edge(version, name, heartbeat_at, generation) VALUES (1, ?, 0, 0) ON CONFLICT(name) DO NOTHING",
        [name],
    )
    sets = ", ".join(f"{field} = ?" for field in named)
    execute(database, f"UPDATE edge SET {sets} WHERE name = ?", [*named.values(), name])
    return int(one(database, "SELECT id FROM edge WHERE name = ?", [name]))


def prove(context: Context, name: str, number: int, committed: float, took: float) -> None:
    """The edge ``name`` is seen to run a generation, ``took`` seconds after it was committed."""
    edge = attach(context, name, generation=number)
    execute(
        context.database,
        "INSERT INTO propagation(version, edge_id, generation, committed_at, verified_at) VALUES (1, ?, ?, ?, ?)",
        [edge, number, committed, committed + took],
    )


def states(context: Context) -> list[EdgeState]:
    with context.database.reading() as link:
        return edge_states.states(link, context.now())


def saved(context: Context, company: Company, notes: str = "x") -> int:
    """Save something; returns its generation."""
    return companies.save(context, company, {"notes": notes}).generation


def test_an_edge_that_does_not_reach_its_switch_is_neither_active_nor_current(context: Context) -> None:
    """S-014: never more than what an edge has confirmed."""
    attach(context, "edge1", generation=generation(context.database), trouble="no answer")
    (state,) = states(context)
    assert (state.silent, state.down, state.well, state.current) == (False, True, False, False)
    assert state.complaint == "switch not reachable"
    found = usual_state([state])
    assert (found.word, found.tone) == ("edge down", "danger")
    assert "edge1: switch not reachable." in found.why


def test_what_one_edge_lacks_is_said_beside_what_the_others_have(context: Context) -> None:
    now = generation(context.database)
    attach(context, "edge1", generation=now)
    attach(context, "edge2", generation=now, trouble="no answer")
    found = usual_state(states(context))
    assert (found.word, found.why) == ("active", "Active on 1 of 2 edges. edge2: switch not reachable.")
    attach(context, "edge1", generation=now - 1, refusal="bad mask 33")
    found = usual_state(states(context))
    assert found.word == "pending"
    assert found.why.startswith("On its way to 1 of 1 edges. edge1: reload refused.")


def test_edges_that_are_silent_say_nothing_of_their_switch(context: Context, clock: Clock) -> None:
    attach(context, "edge1", trouble="no answer", refusal="bad mask 33")
    clock.forward(SILENT_AFTER + 1)
    (state,) = states(context)
    assert (state.silent, state.down, state.refusing, state.complaint) == (True, False, False, "silent")
    assert usual_state([state]).word == "edge silent"


def test_the_state_of_a_row_says_that_the_edge_is_down(context: Context, acme: Company) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.1"})
    attach(context, "edge1", generation=generation(context.database), trouble="no answer")
    (shown,) = Grid(context, "ip_auth").read(0, 10).rows
    assert shown.state.word == "edge down"


def test_a_change_knows_its_generation_and_one_that_wrote_nothing_has_none(context: Context, acme: Company) -> None:
    change = companies.save(context, acme, {"notes": "x"})
    assert change.generation == generation(context.database) > 0
    again = companies.save(context, change.rows[0], {"notes": "x"})  # type: ignore[arg-type]
    assert (again.generation, generation(context.database)) == (0, change.generation)
    assert blocks.block(context, {"address": "192.0.2.1"}).generation == change.generation + 1


def test_without_an_edge_a_change_is_recorded_and_never_active(context: Context, acme: Company) -> None:
    """S-014."""
    way = edge_states.way(context, saved(context, acme))
    assert (way.all, way.verified, way.words) == (0, 0, "recorded, no edge attached")


def test_a_change_is_active_where_an_edge_was_seen_to_run_it(context: Context, acme: Company, clock: Clock) -> None:
    """S-014, W-034: the way, and how long the slowest edge took."""
    attach(context, "edge1", generation=0)
    attach(context, "edge2", generation=0)
    number = saved(context, acme)
    assert edge_states.way(context, number).words == "reloading"
    prove(context, "edge1", number, clock(), 0.038)
    way = edge_states.way(context, number)
    assert (way.verified, way.waiting, way.words) == (1, 1, "reloading, active on 1/2 edges")
    prove(context, "edge2", number, clock(), 0.9)
    way = edge_states.way(context, number)
    assert (way.verified, way.waiting, way.words) == (2, 0, "active on 2/2 edges (0.9 s)")


def test_an_edge_that_went_on_to_a_later_generation_runs_the_earlier_one_too(
    context: Context, acme: Company, clock: Clock
) -> None:
    """Changes in quick succession are reloaded together: the earlier one waited longer than the later one."""
    attach(context, "edge1", generation=0)
    attach(context, "edge2", generation=0)
    first, began = saved(context, acme), clock()
    prove(context, "edge1", first, began, 0.1)
    clock.forward(2)
    second = companies.save(context, companies.find_by_name(context, "Beta Ltd"), {"notes": "x"}).generation  # type: ignore[arg-type]
    prove(context, "edge2", second, clock(), 0.5)
    way = edge_states.way(context, first)
    assert way.verified == 2
    assert way.seconds == pytest.approx(2.5)
    assert edge_states.way(context, second).waiting == 1


def test_what_was_not_measured_is_not_claimed(context: Context, acme: Company, clock: Clock) -> None:
    """W-034: an edge that says no more than that it runs it."""
    number = saved(context, acme)
    prove(context, "edge1", number, clock(), 0.1)
    attach(context, "edge2", generation=number)
    way = edge_states.way(context, number)
    assert (way.verified, way.seconds, way.words) == (2, None, "active on 2/2 edges")


def test_clocks_that_differ_never_make_a_way_shorter_than_none(context: Context, acme: Company, clock: Clock) -> None:
    number = saved(context, acme)
    prove(context, "edge1", number, clock(), -3.0)
    assert edge_states.way(context, number).seconds == 0.0


def test_silent_edges_and_those_without_their_switch_prove_nothing(
    context: Context, acme: Company, clock: Clock
) -> None:
    number = saved(context, acme)
    attach(context, "edge1", generation=number, trouble="no answer")
    attach(context, "edge2", generation=number, at=clock() - SILENT_AFTER - 1)
    attach(context, "edge3", generation=number)
    way = edge_states.way(context, number)
    assert (way.verified, way.down, way.silent, way.waiting) == (1, 1, 1, 0)
    assert way.words == "active on 1/3 edges, 1 silent, 1 without their switch"


def test_a_refused_reload_says_what_the_edge_said_and_what_is_still_in_force(context: Context, acme: Company) -> None:
    """S-014."""
    before = generation(context.database)
    number = saved(context, acme)
    attach(context, "edge1", generation=number)
    attach(context, "edge2", generation=before, refusal="bad mask\x1b[2J 33")
    way = edge_states.way(context, number)
    assert (way.refused, way.waiting, way.edge, way.in_force) == (1, 0, "edge2", before)
    assert way.refusal == "bad mask␛[2J 33"
    assert way.words == "active on 1/2 edges, 1 refused it"


def test_a_refusal_that_was_known_before_is_none_of_a_change_that_may_mend_it(
    context: Context, acme: Company, clock: Clock
) -> None:
    """Until the edge has tried again, which it does at a moment it tells."""
    edge = attach(context, "edge1", generation=0, refusal="bad mask 33", retry_at=clock() + 8)
    number, known = saved(context, acme), {edge: clock() + 8}
    way = edge_states.way(context, number, known)
    assert (way.refused, way.refusal, way.waiting) == (0, "", 1)
    attach(context, "edge1", retry_at=clock() + 24)
    assert edge_states.way(context, number, known).refused == 1
    attach(context, "edge1", generation=number, refusal="", retry_at=None)
    assert edge_states.way(context, number, known).verified == 1


def test_what_was_refused_before_a_generation_that_is_in_force_is_none_of_it(context: Context, acme: Company) -> None:
    number = saved(context, acme)
    companies.add(context, {"name": "Later Ltd"})
    attach(context, "edge1", generation=number, refusal="bad mask 33")
    way = edge_states.way(context, number)
    assert (way.verified, way.refused) == (1, 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1.0, "0 ms"),
        (0.0, "0 ms"),
        (0.0384, "38 ms"),
        (0.0996, "0.1 s"),
        (0.14, "0.14 s"),
        (0.9, "0.9 s"),
        (1.13, "1.1 s"),
        (9.949, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.9, "1 min"),
        (600.0, "10 min"),
        (float("inf"), "115740 d"),
    ],
)
def test_how_long_something_took_is_said_to_two_digits(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_way_that_nobody_is_on_says_so() -> None:
    assert Way(7, 0, 2, silent=2).words == "active on 0/2 edges, 2 silent"
    assert Way(7, 0, 2, refused=1).words == "reloading, 1 refused it"
