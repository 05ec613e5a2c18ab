"""How the edges stand, as their agents last said, and how far a change has come on its way to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cxtui.models.edge import Edge
from cxtui.rules.durations import ago
from cxtui.rules.printable import clean
from cxtui.store.rows import all_where

from .context import Context

SILENT_AFTER = 15.0
"""Seconds without a heartbeat after which an edge counts as silent."""

_LONGEST = 1e10
"""Seconds; what is said to have taken longer is not believed."""


@dataclass(frozen=True, slots=True)
class EdgeState:
    """One edge: whether it speaks, and how many generations it is behind.

    One that speaks without reaching its switch proves nothing, so it counts neither as active nor as current.
    """

    edge: Edge
    silent: bool
    behind: int

    @property
    def down(self) -> bool:
        """Whether it speaks and does not reach its switch."""
        return not self.silent and bool(self.edge.trouble)

    @property
    def well(self) -> bool:
        """Whether it speaks and reaches its switch."""
        return not self.silent and not self.edge.trouble

    @property
    def refusing(self) -> bool:
        """Whether its switch did not take the last reload, so that what was there before is still in force."""
        return self.well and bool(self.edge.refusal)

    @property
    def current(self) -> bool:
        """Whether it is proven to run the newest configuration."""
        return self.well and not self.behind

    @property
    def complaint(self) -> str:
        """What is wrong with it in two or three words, empty where nothing is."""
        if self.silent:
            return "silent"
        if self.down:
            return "switch not reachable"
        return "reload refused" if self.refusing else ""


@dataclass(frozen=True, slots=True)
class Way:
    """How far one generation has come, as the edges proved it (S-014, W-034).

    ``verified`` of ``all`` edges were seen to run it or a later one; ``silent`` and ``down`` ones prove nothing. Where
    ``refused`` edges did not take it, ``refusal`` is what the switch of ``edge``, one of them, said to it, and
    ``in_force`` the generation that still runs there. ``seconds`` is how long the slowest edge took, None where that
    was not measured.
    """

    generation: int
    verified: int
    all: int
    silent: int = 0
    down: int = 0
    refused: int = 0
    seconds: float | None = None
    refusal: str = ""
    edge: str = ""
    in_force: int = 0

    @property
    def waiting(self) -> int:
        """How many edges are on it now."""
        return self.all - self.verified - self.silent - self.down - self.refused

    @property
    def words(self) -> str:
        """The way so far, as the rest of a sentence."""
        if not self.all:
            return "recorded, no edge attached"
        took = "" if self.seconds is None else f" ({span(self.seconds)})"
        active = f"active on {self.verified}/{self.all} edges"
        if self.verified == self.all:
            return active + took
        parts = ["reloading" if self.waiting else "", active if self.verified or not self.waiting else ""]
        parts += [f"{self.refused} refused it" if self.refused else "", f"{self.silent} silent" if self.silent else ""]
        parts.append(f"{self.down} without their switch" if self.down else "")
        return ", ".join(part for part in parts if part)


def states(link: sqlite3.Connection, now: float) -> list[EdgeState]:
    """Every edge, by name."""
    wanted = link.execute("SELECT generation FROM account WHERE id = 1").fetchone()
    generation = int(wanted[0]) if wanted else 0
    return [
        EdgeState(edge, now - edge.heartbeat_at > SILENT_AFTER, max(0, generation - edge.generation))
        for edge in all_where(link, Edge, "1 ORDER BY name")
    ]


def way(context: Context, generation: int, known: Mapping[int, float | None] = MappingProxyType({})) -> Way:
    """How far ``generation`` has come by now.

    ``known`` are the edges (id) that refused a reload before, with the moment at which they wanted to try again: until
    they did, that refusal is none of this generation, which may mend it.
    """
    with context.database.snapshot() as link:
        found = states(link, context.now())
        committed = _committed_at(link, generation)
        verified = [state for state in found if state.well and state.edge.generation >= generation]
        late = [state for state in found if state.refusing and state.edge.generation < generation]
        refused = [state for state in late if known.get(state.edge.id, 0.0) != state.edge.retry_at]
        first = refused[0].edge if refused else Edge()
        return Way(
            generation=generation,
            verified=len(verified),
            all=len(found),
            silent=sum(state.silent for state in found),
            down=sum(state.down for state in found),
            refused=len(refused),
            seconds=_slowest(link, generation, committed, verified),
            refusal=clean(first.refusal),
            edge=clean(first.name),
            in_force=first.generation,
        )


def span(seconds: float) -> str:
    """How long something took, to two digits: "38 ms", "0.9 s", "12 min"."""
    seconds = max(0.0, min(seconds, _LONGEST))
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds >= 59.5:
        return ago(max(60.0, seconds))
    return f"{seconds:.2g} s" if seconds < 9.95 else f"{seconds:.0f} s"


def _committed_at(link: sqlite3.Connection, generation: int) -> float | None:
    """When a generation was committed, None where nobody says so any more."""
    row = link.execute("SELECT changed_at FROM account WHERE id = 1 AND generation = ?", (generation,)).fetchone()
    if row is None:
        statement = (
            "SELECT max(committed_at) FROM propagation WHERE generation = ? AND edge_id IN (SELECT id FROM edge)"
        )
        row = link.execute(statement, (generation,)).fetchone()
    return None if row[0] is None else float(row[0])


def _slowest(
    link: sqlite3.Connection, generation: int, committed: float | None, verified: Sequence[EdgeState]
) -> float | None:
    """Seconds until the last of the edges had it; an edge may have gone on to a later generation at once."""
    if committed is None or not verified:
        return None
    seconds = []
    for state in verified:
        row = link.execute(
            "SELECT verified_at FROM propagation WHERE edge_id = ? AND generation >= ? ORDER BY generation LIMIT 1",
            (state.edge.id, generation),
        ).fetchone()
        if row is None:
            return None
        seconds.append(float(row[0]) - committed)
    return max(0.0, *seconds)
