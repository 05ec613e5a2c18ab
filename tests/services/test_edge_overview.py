"""All that is known of the edges, and the orders that are given to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.edge import Edge
from cxtui.models.edge_job import JobState, Task
from cxtui.rules.roles import Role
from cxtui.services import edge_orders
from cxtui.services.context import Context
from cxtui.services.edge_overview import HISTORY, LAST, MOST_DRIFT, EdgeView, figures_of, overview
from cxtui.services.edge_reports import JOB_SECONDS
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.outcome import Denied, Gone, ServiceError
from tests.services.test_edge_states import attach, prove
from tests.support import Clock, audit, execute, generation, query


def view(context: Context, name: str = "edge1") -> EdgeView:
    return next(view for view in overview(context).edges if view.state.edge.name == name)


def edge(context: Context, name: str = "edge1") -> Edge:
    return view(context, name).state.edge


def differ(context: Context, key: int, count: int) -> None:
    """So many differences at an edge."""
    for number in range(count):
        execute(
            context.database,
            "INSERT INTO drift(version, edge_id, part, key, side, detail, seen_at) VALUES (1, ?, ?, ?, ?, '', 0)",
            [key, "address", f"203.0.113.{number}", "edge" if number % 2 else "database"],
        )


def test_without_an_edge_there_is_nothing_to_see(context: Context) -> None:
    assert overview(context).edges == ()


def test_each_edge_has_its_own_figures_history_and_drift(context: Context, clock: Clock) -> None:
    """W-034."""
    prove(context, "edge1", 1, clock() - 10, 0.2)
    prove(context, "edge2", 1, clock() - 10, 0.4)
    differ(context, attach(context, "edge2"), 3)
    one, two = overview(context).edges
    assert (one.state.edge.name, one.wanted) == ("edge1", generation(context.database))
    assert one.figures is not None
    assert one.figures.p50 == pytest.approx(0.2)
    assert (one.drift, one.drift_count) == ((), 0)
    assert two.figures is not None
    assert two.figures.p50 == pytest.approx(0.4)
    assert [(drift.key, drift.side) for drift in two.drift] == [
        ("203.0.113.0", "database"),
        ("203.0.113.2", "database"),
        ("203.0.113.1", "edge"),
    ]
    assert two.drift_count == 3


def test_an_edge_of_which_nothing_was_measured_has_no_figures(context: Context) -> None:
    attach(context, "edge1")
    assert view(context).figures is None


def test_the_figures_are_of_the_last_generations_and_the_history_begins_with_the_newest(
    context: Context, clock: Clock
) -> None:
    """W-034."""
    for number in range(1, LAST + 6):
        prove(context, "edge1", number, clock(), number / 1000)
    found = view(context)
    assert found.figures is not None
    assert (found.figures.count, len(found.figures.recent)) == (LAST, LAST)
    assert found.figures.recent[0] == pytest.approx(0.006, abs=1e-5)
    assert found.figures.recent[-1] == found.figures.worst == pytest.approx(0.205, abs=1e-5)
    assert [row.generation for row in found.history] == [*range(LAST + 5, LAST + 5 - HISTORY, -1)]


def test_clocks_that_differ_never_make_a_generation_faster_than_at_once(context: Context, clock: Clock) -> None:
    prove(context, "edge1", 1, clock(), -5.0)
    figures = view(context).figures
    assert figures is not None
    assert (figures.p50, figures.worst) == (0.0, 0.0)


def test_percentiles_are_those_of_nearest_rank() -> None:
    """As a table of them says: of 200 the 100th and the 198th."""
    found = figures_of(float(number) for number in range(200, 0, -1))
    assert found is not None
    assert (found.p50, found.p99, found.worst, found.count) == (100.0, 198.0, 200.0, 200)
    single = figures_of([0.7])
    assert single is not None
    assert (single.p50, single.p99, single.worst, single.count) == (0.7, 0.7, 0.7, 1)
    assert figures_of([]) is None


@given(st.lists(st.floats(0, 900), min_size=1, max_size=300))
def test_percentiles_are_values_that_were_measured(seconds: list[float]) -> None:
    found = figures_of(seconds)
    assert found is not None
    recent = seconds[-LAST:]
    assert {found.p50, found.p99, found.worst} <= set(recent)
    assert sum(value <= found.p50 for value in recent) * 2 >= len(recent)
    assert sum(value <= found.p99 for value in recent) * 100 >= 99 * len(recent)


def test_differences_without_end_are_counted_and_the_first_of_them_shown(context: Context) -> None:
    differ(context, attach(context, "edge1"), MOST_DRIFT + 7)
    found = view(context)
    assert (len(found.drift), found.drift_count) == (MOST_DRIFT, MOST_DRIFT + 7)


@pytest.mark.parametrize(
    ("verb", "task", "words"),
    [
        (edge_orders.compare, Task.COMPARE, "compare what it holds with the database"),
        (edge_orders.reconcile, Task.RECONCILE, "make what it holds match the database"),
    ],
)
def test_an_order_is_a_job_that_is_audited_and_no_change_to_fetch(
    context: Context, verb: Any, task: Task, words: str
) -> None:
    """W-034, W-027."""
    key, before = attach(context, "edge1"), generation(context.database)
    change = verb(context, edge(context))
    assert (change.sentence, change.generation) == (f"Told edge1 to {words}.", 0)
    assert generation(context.database) == before
    rows = query(context.database, "SELECT id, edge_id, task, operator, state, created_at FROM edge_job")
    assert rows == [(change.rows[1].id, key, task.value, "alice", "waiting", context.now())]
    entry = audit(context.database)[-1]
    assert (entry.action, entry.entity, entry.entity_id) == (task.value.upper(), "edge", key)
    assert (entry.label, entry.operator) == (f"edge edge1: {words}", "alice")
    order = view(context).order
    assert order is not None
    assert (order.task, order.state) == (task.value, "waiting")


def test_two_orders_have_ids_of_their_own(context: Context) -> None:
    attach(context, "edge1")
    one = edge_orders.compare(context, edge(context)).rows[1].id
    two = edge_orders.reconcile(context, edge(context)).rows[1].id
    assert two > one


def test_how_an_order_ended_is_told_for_an_hour(context: Context, clock: Clock) -> None:
    attach(context, "edge1")
    edge_orders.compare(context, edge(context))
    execute(context.database, "UPDATE edge_job SET state = 'done', result = '2 rows differ'")
    order = view(context).order
    assert order is not None
    assert (order.state, order.result) == (JobState.DONE, "2 rows differ")
    clock.forward(3601)
    assert view(context).order is None


def test_an_order_that_nobody_took_has_failed_and_can_be_given_again(context: Context, clock: Clock) -> None:
    attach(context, "edge1")
    edge_orders.reconcile(context, edge(context))
    with pytest.raises(ServiceError, match="edge1 has that order already"):
        edge_orders.reconcile(context, edge(context))
    clock.forward(JOB_SECONDS + 1)
    attach(context, "edge1")
    order = view(context).order
    assert order is not None
    assert order.state == JobState.FAILED
    edge_orders.reconcile(context, edge(context))
    assert len(query(context.database, "SELECT 1 FROM edge_job")) == 2


def test_the_other_order_and_the_other_edge_are_not_in_the_way(context: Context) -> None:
    attach(context, "edge1")
    attach(context, "edge2")
    edge_orders.compare(context, edge(context))
    edge_orders.reconcile(context, edge(context))
    edge_orders.compare(context, edge(context, "edge2"))
    assert len(query(context.database, "SELECT 1 FROM edge_job")) == 3


def test_a_silent_edge_takes_no_orders(context: Context, clock: Clock) -> None:
    attach(context, "edge1")
    clock.forward(SILENT_AFTER + 25)
    with pytest.raises(ServiceError, match="edge1 has been silent for 40 s"):
        edge_orders.compare(context, edge(context))
    assert query(context.database, "SELECT 1 FROM edge_job") == []


def test_an_edge_without_its_switch_takes_no_orders(context: Context) -> None:
    attach(context, "edge1", trouble="no answer")
    with pytest.raises(ServiceError, match="edge1 does not reach its switch"):
        edge_orders.reconcile(context, edge(context))
    assert query(context.database, "SELECT 1 FROM edge_job") == []


def test_an_edge_that_left_takes_no_orders(context: Context) -> None:
    attach(context, "edge1")
    gone = edge(context)
    execute(context.database, "DELETE FROM edge")
    with pytest.raises(Gone):
        edge_orders.compare(context, gone)
    assert query(context.database, "SELECT 1 FROM edge_job") == []


def test_only_operators_give_orders(context: Context) -> None:
    """W-028."""
    attach(context, "edge1")
    viewer = replace(context, actor=replace(context.actor, role=Role.VIEWER))
    before = len(audit(context.database))
    for verb in (edge_orders.compare, edge_orders.reconcile):
        with pytest.raises(Denied):
            verb(viewer, edge(context))
    assert query(context.database, "SELECT 1 FROM edge_job") == []
    assert len(audit(context.database)) == before
