"""All that is known of the edges: how each stands, how fast changes reach it, and where it differs (W-034)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from cxtui.models.edge import Drift, Propagation
from cxtui.models.edge_job import EdgeJob, Task
from cxtui.store.rows import all_where

from .context import Context
from .edge_jobs import outcomes
from .edge_states import EdgeState, states

LAST = 200
"""How many of the newest generations the figures are of."""

HISTORY = 10
MOST_DRIFT = 200
_RECENT = 3600.0
"""Seconds for which it is told how an order ended."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How long generations took from their commit until the edge was seen to run them, in seconds.

    ``p50`` and ``p99`` are nearest-rank percentiles of ``recent``, which are ``count`` at most ``LAST``, oldest first.
    """

    p50: float
    p99: float
    count: int
    worst: float
    recent: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EdgeView:
    """One edge. ``wanted`` is the newest generation; ``figures`` is None where nothing was measured yet.

    ``history`` are the last generations it was seen to run, newest first; ``drift`` the first of ``drift_count``
    differences; ``order`` the last one of a comparison or reconciliation within an hour, as it stands now.
    """

    state: EdgeState
    wanted: int
    figures: Figures | None = None
    history: tuple[Propagation, ...] = ()
    drift: tuple[Drift, ...] = ()
    drift_count: int = 0
    order: EdgeJob | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Every edge, by name."""

    edges: tuple[EdgeView, ...]


def overview(context: Context) -> Overview:
    """All that is known of the edges now."""
    now = context.now()
    with context.database.snapshot() as link:
        wanted = int(link.execute("SELECT generation FROM account WHERE id = 1").fetchone()[0])
        views = [_view(link, state, wanted) for state in states(link, now)]
        orders = [_last_order(link, view.state.edge.id, now - _RECENT) for view in views]
    told = {job.edge_id: job for job in outcomes(context, [key for key in orders if key is not None])}
    return Overview(tuple(replace(view, order=told.get(view.state.edge.id)) for view in views))


def took(row: Propagation) -> float:
    """Seconds from the commit until it was verified; two clocks that differ never make it less than none."""
    return max(0.0, row.verified_at - row.committed_at)


def figures_of(seconds: Iterable[float]) -> Figures | None:
    """Figures of what generations took, oldest first; None where there are none."""
    recent = tuple(seconds)[-LAST:]
    if not recent:
        return None
    ranked = sorted(recent)
    return Figures(_rank(ranked, 0.50), _rank(ranked, 0.99), len(recent), ranked[-1], recent)


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, ceil(share * len(ranked)) - 1)]


def _view(link: sqlite3.Connection, state: EdgeState, wanted: int) -> EdgeView:
    key = (state.edge.id,)
    found = all_where(link, Propagation, f"edge_id = ? ORDER BY generation DESC LIMIT {LAST}", key)
    drift = all_where(link, Drift, f"edge_id = ? ORDER BY part, side, key LIMIT {MOST_DRIFT}", key)
    count = len(drift)
    if count == MOST_DRIFT:
        count = int(link.execute("SELECT count(*) FROM drift WHERE edge_id = ?", key).fetchone()[0])
    return EdgeView(
        state=state,
        wanted=wanted,
        figures=figures_of(took(row) for row in reversed(found)),
        history=tuple(found[:HISTORY]),
        drift=tuple(drift),
        drift_count=count,
    )


def _last_order(link: sqlite3.Connection, edge_id: int, since: float) -> int | None:
    row = link.execute(
        "SELECT max(id) FROM edge_job WHERE created_at > ? AND edge_id = ? AND task IN (?, ?)",
        (since, edge_id, Task.COMPARE.value, Task.RECONCILE.value),
    ).fetchone()
    return None if row[0] is None else int(row[0])
