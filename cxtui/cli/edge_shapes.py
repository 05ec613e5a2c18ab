"""What edges look like from outside: as cells of tables, as sentences, and as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cxtui.models.edge import Drift
from cxtui.rules.durations import ago, since
from cxtui.services.edge_overview import EdgeView, took
from cxtui.services.edge_states import span

from . import shapes
from .tables import Column

LIST = (
    Column("Edge"),
    Column("State", least=12),
    Column("Generation", right=True),
    Column("Up", right=True),
    Column("Calls", right=True),
    Column("Registered", right=True),
    Column("RPC", right=True),
    Column("Drift", right=True),
    Column("p50", right=True),
    Column("p99", right=True),
    Column("What it says", least=20),
    Column("Listens on", least=20),
)
HISTORY = (Column("Edge"), Column("Generation", right=True), Column("Committed"), Column("Took", right=True))
DRIFT = (Column("Edge"), Column("Part"), Column("What", least=16), Column("Only at"), Column("Detail", least=20))


def cells(view: EdgeView, now: float) -> list[str]:
    """An edge in the columns of ``LIST``."""
    edge, figures = view.state.edge, view.figures
    return [
        edge.name,
        _state(view),
        f"{edge.generation}/{view.wanted}",
        "" if edge.up_since is None else ago(max(0.0, now - edge.up_since)),
        f"{edge.calls}",
        f"{edge.registered}",
        f"{edge.round_trip / 1000:.1f} ms",
        "" if edge.checked_at is None else f"{view.drift_count}",
        span(figures.p50) if figures else "",
        span(figures.p99) if figures else "",
        edge.trouble or edge.refusal,
        edge.listens,
    ]


def record(view: EdgeView) -> dict[str, Any]:
    """An edge for a program: the round trip of a bare RPC in µs, spans in seconds."""
    edge = view.state.edge
    return {
        "name": edge.name,
        "state": _state(view),
        "generation": edge.generation,
        "wanted": view.wanted,
        "heartbeat_at": shapes.moment(edge.heartbeat_at),
        "up_since": shapes.moment(edge.up_since),
        "listens": edge.listens.split(),
        "software": edge.software,
        "calls": edge.calls,
        "registered": edge.registered,
        "round_trip": edge.round_trip,
        "drift": view.drift_count,
        "checked_at": shapes.moment(edge.checked_at),
        "trouble": edge.trouble,
        "refusal": edge.refusal,
        "retry_at": shapes.moment(edge.retry_at),
        **_figures(view),
    }


def proofs(view: EdgeView) -> Iterator[list[str]]:
    """The last generations of an edge in the columns of ``HISTORY``."""
    for row in view.history:
        yield [view.state.edge.name, f"{row.generation}", shapes.moment(row.committed_at) or "", span(took(row))]


def history(view: EdgeView) -> dict[str, Any]:
    """The last generations of an edge for a program."""
    rows = [
        {"generation": row.generation, "committed_at": shapes.moment(row.committed_at), "seconds": _seconds(took(row))}
        for row in view.history
    ]
    return {"name": view.state.edge.name, **_figures(view), "history": rows}


def speed(view: EdgeView) -> str:
    """In a sentence, how fast changes reach an edge."""
    name, seen = view.state.edge.name, view.figures
    if seen is None:
        return f"{name}: no change was measured yet."
    half, most, worst = span(seen.p50), span(seen.p99), span(seen.worst)
    return f"{name}: half within {half}, 99 % within {most}, worst {worst}; the last {seen.count} changes."


def differences(view: EdgeView) -> Iterator[list[str]]:
    """What differs at an edge in the columns of ``DRIFT``."""
    for row in view.drift:
        yield [view.state.edge.name, row.part, row.key, row.side, row.detail]


def difference(view: EdgeView, row: Drift) -> dict[str, Any]:
    """Something that differs, for a program."""
    found = {"part": row.part, "key": row.key, "side": row.side, "detail": row.detail}
    return {"edge": view.state.edge.name, **found, "seen_at": shapes.moment(row.seen_at)}


def compared(view: EdgeView, now: float) -> str:
    """In a sentence, how much differs at an edge, and when that was looked at."""
    edge, count = view.state.edge, view.drift_count
    if edge.checked_at is None:
        return f"{edge.name} has not been compared yet."
    words = "no difference" if not count else f"{count} difference{'s' if count > 1 else ''}"
    return f"{edge.name}: {words}, compared {since(now - edge.checked_at)}."


def _state(view: EdgeView) -> str:
    return view.state.complaint or ("current" if view.state.current else "reloading")


def _figures(view: EdgeView) -> dict[str, Any]:
    seen = view.figures
    return {
        "p50": _seconds(seen.p50) if seen else None,
        "p99": _seconds(seen.p99) if seen else None,
        "worst": _seconds(seen.worst) if seen else None,
        "measured": seen.count if seen else 0,
    }


def _seconds(value: float) -> float:
    return round(value, 4)
