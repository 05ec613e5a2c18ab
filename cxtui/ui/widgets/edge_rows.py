"""The edges as rows of a list."""

from __future__ import annotations

from cxtui.rules.durations import ago
from cxtui.services.edge_overview import EdgeView
from cxtui.services.edge_states import EdgeState
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.rows import Cell, Column, Row, Tone

COLUMNS = (
    Column("edge", "Edge", 7, priority=10, flex=1),
    Column("state", "State", 9, priority=9),
    Column("up", "Up", 6, priority=5, align="right"),
    Column("generation", "Generation", 11, priority=8, align="right"),
    Column("reload", "Reload", 7, priority=3, align="right"),
    Column("calls", "Calls", 5, priority=6, align="right"),
    Column("registered", "Registered", 10, priority=4, align="right"),
    Column("rpc", "RPC", 6, priority=2, align="right"),
    Column("drift", "Drift", 8, priority=7, align="right"),
    Column("heard", "Heard", 6, priority=1, align="right"),
)

_OLDEST = 1e10
"""Seconds; a moment further away than this is not believed."""


def edge_row(view: EdgeView, now: float, glyphs: Glyphs) -> Row:
    """One edge; what one said last that is silent or without its switch is muted."""
    edge, well = view.state.edge, view.state.well
    usual: Tone = "" if well else "muted"
    cells: dict[str, Cell | str] = {
        "edge": Cell(edge.name, "bold"),
        "state": state_cell(view.state, glyphs),
        "up": Cell(glyphs.none if edge.up_since is None else age(now, edge.up_since), usual),
        "generation": Cell(f"{edge.generation}/{view.wanted}", "accent" if view.state.behind and well else usual),
        "reload": _reload(view.state, now, glyphs, usual),
        "calls": Cell(grouped(edge.calls), usual),
        "registered": Cell(grouped(edge.registered), usual),
        "rpc": Cell(round_trip(edge.round_trip) or glyphs.none, usual),
        "drift": _drift(view, glyphs, usual),
        "heard": Cell(age(now, edge.heartbeat_at), "warning" if view.state.silent else ""),
    }
    return Row(edge.id, cells, view)


def state_cell(state: EdgeState, glyphs: Glyphs) -> Cell:
    """How an edge stands, in a word with its sign."""
    if state.silent:
        return Cell(f"{glyphs.warning} silent", "warning")
    if state.down:
        return Cell(f"{glyphs.timeout} down", "danger")
    if state.refusing:
        return Cell(f"{glyphs.blocked} refused", "danger")
    if state.behind:
        return Cell(f"{glyphs.pending} reloads", "accent")
    return Cell(f"{glyphs.ok} active", "success")


def age(now: float, then: float) -> str:
    """How long ago, in the largest unit."""
    return ago(max(0.0, min(now - then, _OLDEST)))


def round_trip(microseconds: int) -> str:
    """A round trip as it is read, empty where none was measured."""
    if microseconds <= 0:
        return ""
    if microseconds < 1000:
        return f"{microseconds} µs"
    return f"{microseconds / 1000:.1f} ms" if microseconds < 100_000 else f"{min(microseconds / 1e6, 999):.1f} s"


def grouped(number: int) -> str:
    """A number in groups of three digits."""
    return f"{number:,}".replace(",", " ")


def rows_word(count: int) -> str:
    """So many rows."""
    return f"{grouped(count)} row{'' if count == 1 else 's'}"


def _reload(state: EdgeState, now: float, glyphs: Glyphs, usual: Tone) -> Cell:
    if state.refusing:
        return Cell("refused", "danger")
    return Cell(glyphs.none if state.edge.reloaded_at is None else age(now, state.edge.reloaded_at), usual)


def _drift(view: EdgeView, glyphs: Glyphs, usual: Tone) -> Cell:
    if view.state.edge.checked_at is None and not view.drift_count:
        return Cell(glyphs.none, "muted")
    return Cell(rows_word(view.drift_count), "warning") if view.drift_count else Cell("none", usual)
