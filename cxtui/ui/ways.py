"""The way of the operator's last change: saved, reloading, active, each as the edges proved it (S-014, W-034)."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Look:
    """How things stand, and how far the change that is followed has come; None where none is."""

    status: Status
    way: Way | None


def look(reader: StatusReader, context: Context, company_id: int | None, generation: int) -> Look:
    """Read how things stand; ``generation`` is that of the change to follow, 0 for none."""
    return Look(reader.read(company_id), way(context, generation) if generation else None)


class FollowingApp(DelayingApp[ReturnType]):
    """An app that follows its last change to the edges. It looks when somebody commits, as agents do, not by itself."""

    followed = 0
    """The generation of the change that is followed, 0 for none."""

    _refused: frozenset[str] = frozenset()
    _rest: Timer | None = None

    def follow(self, change: Change) -> None:
        """Show the way of a change from now on, in place of an earlier one's."""
        if not change.generation:
            return
        self._stop()
        self.followed, self._refused = change.generation, frozenset()
        self.read_status()

    def way_of(self, found: Look) -> Way | None:
        """The way to show, None for none; a refused reload is told of once, and the end is shown for a while."""
        seen = found.way
        if seen is None or seen.generation != self.followed:
            return None
        if not seen.all:
            self._stop()
            return None
        if seen.refused and seen.edge not in self._refused:
            self._refused |= {seen.edge}
            said = f"{seen.edge} refused the reload: “{clip(seen.refusal, _LONGEST)}”"
            self.notify(f"{said}; still in force: generation {seen.in_force}", severity="warning", timeout=15)
        if seen.waiting or seen.refused:
            self._go_on()
        elif self._rest is None:
            self._rest = self.set_timer(SHOWN_SECONDS, partial(self._end, seen.generation))
        return seen

    def _end(self, generation: int) -> None:
        if generation == self.followed:
            self._stop()
            self.read_status()

    def _stop(self) -> None:
        self._go_on()
        self.followed = 0

    def _go_on(self) -> None:
        """Follow the change until more is known."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
