"""What stands in the status line: the blocks of the last minutes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cxtui.services import edges
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.status import MINUTES, StatusReader
from tests.support import NOON, Clock


def begin(context: Context, moments: Iterable[float]) -> None:
    """An address is blocked at each moment."""
    edges.record(context, [Sighting(f"192.0.2.{last}", at, 1, "scan") for last, at in enumerate(moments)])


def counted(context: Context) -> tuple[int, ...]:
    """The blocks of each minute, the latest last."""
    return StatusReader(context).read(None).blocks


@pytest.mark.parametrize("second", [0, 1, 29.5, 59])
def test_a_steady_attack_is_told_the_same_at_every_second(context: Context, clock: Clock, second: float) -> None:
    """W-031: the minute just begun is not told as one without an attack."""
    clock.now = NOON - NOON % 60 + second
    begin(context, [clock.now - 15 * number for number in range(4 * MINUTES)])
    assert counted(context) == (4,) * MINUTES


def test_a_block_leaves_the_latest_minute_once_it_is_sixty_seconds_old(context: Context, clock: Clock) -> None:
    begin(context, [NOON])
    clock.now = NOON + 59.9
    assert counted(context) == (*[0] * (MINUTES - 1), 1)
    clock.now = NOON + 60
    assert counted(context) == (*[0] * (MINUTES - 2), 1, 0)
    clock.now = NOON + 60 * MINUTES
    assert counted(context) == (0,) * MINUTES


def test_what_an_edge_reports_late_is_counted_where_it_belongs(context: Context, clock: Clock) -> None:
    reader = StatusReader(context)
    clock.now = NOON + 60 * MINUTES
    assert reader.read(None).blocks == (0,) * MINUTES
    begin(context, [NOON + 30, clock.now - 90, clock.now + 2])
    assert reader.read(None).blocks == (1, *[0] * (MINUTES - 3), 1, 1)


def test_the_blocks_are_counted_by_an_index_alone(context: Context) -> None:
    """The status is read at every commit, with a million blocks too."""
    heard: list[str] = []
    with context.database.reading() as link:
        link.set_trace_callback(heard.append)
        counted(context)
        link.set_trace_callback(None)
        counts = [statement.replace("Inf", "9e999") for statement in heard if "count(*) FROM block" in statement]
        plans = [link.execute(f"EXPLAIN QUERY PLAN {statement}").fetchone()[3] for statement in counts]
    assert plans == ["SEARCH block USING COVERING INDEX block_since (since>? AND since<?)"] * MINUTES
