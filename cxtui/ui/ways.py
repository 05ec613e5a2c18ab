"""The way of the operator's last change: saved, reloading, active, each as the edges proved it (S-014, W-034)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from textual.app import ReturnType
from textual.timer import Timer

from cxtui.services.context import Context
from cxtui.services.edge_states import Way, way
from cxtui.services.outcome import Change
from cxtui.services.status import Status, StatusReader
from cxtui.ui.delaying import DelayingApp
from cxtui.ui.text import clip

SHOWN_SECONDS = 10.0
"""How long it is shown that nothing more is to come of a change."""

_LONGEST = 200
"""Cells that the words of a switch get in a toast."""

_REMEMBERED = 4
"""Generations of which it is remembered who refused a reload: a look can be taken before we hear of our own change."""

Refusals = Mapping[int, float | None]
"""The edges (id) that refused a reload, and when they will try again."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A change that is followed: its generation, and who had refused a reload before it."""

    generation: int
    refusals: Refusals


@dataclass(frozen=True, slots=True)
class Look:
    """How things stand, and how far the change that is followed has come; None where none is."""

    status: Status
    way: Way | None


def look(reader: StatusReader, context: Context, company_id: int | None, goal: Goal | None) -> Look:
    """Read how things stand, and the way to ``goal``."""
    status = reader.read(company_id)
    return Look(status, way(context, goal.generation, goal.refusals) if goal else None)


class FollowingApp(DelayingApp[ReturnType]):
    """An app that follows its last change to the edges. It looks when somebody commits, as agents do, not by itself."""

    goal: Goal | None = None
    """The change that is followed."""

    _told: frozenset[str] = frozenset()
    _rest: Timer | None = None
    _refusals: Mapping[int, Refusals] = {}

    def follow(self, change: Change) -> None:
        """Show the way of a change from now on, in place of an earlier one's."""
        if not change.generation:
            return
        before = max((number for number in self._refusals if number < change.generation), default=0)
        self._stop()
        self.goal, self._told = Goal(change.generation, self._refusals.get(before, {})), frozenset()
        self.read_status()

    def way_of(self, found: Look) -> Way | None:
        """The way to show, None for none; a refused reload is told of once, and the end is shown for a while."""
        self._remember(found.status)
        seen = found.way
        if seen is None or self.goal is None or seen.generation != self.goal.generation:
            return None
        if not seen.all:
            self._stop()
            return None
        if seen.refused and seen.edge not in self._told:
            self._told |= {seen.edge}
            said = f"{seen.edge} refused the reload: “{clip(seen.refusal, _LONGEST)}”"
            said += f"; still in force: generation {seen.in_force}"
            self.notify(said, severity="warning", timeout=15)
        if seen.waiting or seen.refused:
            self._go_on()
        elif self._rest is None:
            self._rest = self.set_timer(SHOWN_SECONDS, partial(self._end, seen.generation))
        return seen

    def _remember(self, status: Status) -> None:
        refusals = {state.edge.id: state.edge.retry_at for state in status.edges if state.refusing}
        known = {**self._refusals, status.generation: refusals}
        self._refusals = {number: known[number] for number in sorted(known)[-_REMEMBERED:]}

    def _end(self, generation: int) -> None:
        if self.goal is not None and self.goal.generation == generation:
            self._stop()
            self.read_status()

    def _stop(self) -> None:
        self._go_on()
        self.goal = None

    def _go_on(self) -> None:
        """Follow the change until more is known."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
