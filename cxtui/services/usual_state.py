"""A state in a word, and the one of every row with which nothing is wrong: what the edges have confirmed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxtui.rules.printable import clean

from .edge_states import EdgeState

NO_EDGE = "Recorded; no edge is attached, so nothing enforces it yet."


@dataclass(frozen=True, slots=True)
class State:
    """A state: its word, the glyph and tone it is shown with, why, and the verb that mends it.

    ``glyph`` names a field of the glyph set; ``tone`` is "", muted, accent, success, warning or danger.
    """

    word: str
    glyph: str = ""
    tone: str = ""
    why: str = ""
    remedy: str = ""


def usual_state(edges: Sequence[EdgeState]) -> State:
    """The state of a row with which nothing is wrong: never more than what an edge has confirmed."""
    if not edges:
        return State("recorded", "", "muted", NO_EDGE)
    well = [state for state in edges if state.well]
    complaints = _complaints(edges)
    if not well and any(state.down for state in edges):
        why = f"It may still run the old state, or nothing. {complaints}"
        return State("edge down", "timeout", "danger", why)
    if not well:
        return State(
            "edge silent", "warning", "warning", "No edge has reported for a while: it may still run the old state."
        )
    behind = sum(1 for state in well if state.behind)
    if behind:
        return State(
            "pending", "pending", "accent", f"On its way to {behind} of {len(well)} edges. {complaints}".rstrip()
        )
    return State("active", "ok", "success", f"Active on {len(well)} of {len(edges)} edges. {complaints}".rstrip())


def doubt(edges: Sequence[EdgeState]) -> str:
    """Why some edge may not do yet what is recorded, in sentences; "" where every one has confirmed it."""
    usual = usual_state(edges)
    return usual.why if usual.tone != "success" else _complaints(edges)


def _complaints(edges: Sequence[EdgeState]) -> str:
    return " ".join(f"{clean(state.edge.name)}: {state.complaint}." for state in edges if state.complaint)
