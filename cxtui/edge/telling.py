"""What an agent says of its edge to whoever started it: one line for each change, and nothing in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from cxtui.rules.printable import clean
from cxtui.services.context import Context
from cxtui.store.errors import StoreError

Tell: TypeAlias = Callable[[str], object]

_LOOK = 1.0
_FIRST_LOOK = 0.05
_SLOWER = 1.1


@dataclass(frozen=True, slots=True)
class _Seen:
    """What stands in the database of an edge."""

    trouble: str = ""
    refusal: str = ""
    generation: int = 0
    wanted: int = 0
    proof: float | None = None
    failure: str = ""

    @property
    def well(self) -> bool:
        """Whether it is proven to run the newest generation."""
        return not (self.trouble or self.refusal or self.failure) and self.generation == self.wanted


class Teller:
    """Tells how one edge stands, as its agent writes it down; what stood there before the teller began is ignored."""

    def __init__(self, context: Context, name: str, tell: Tell) -> None:
        self._context = context
        self._name = name
        self._tell = tell
        self._began = context.now()
        self._last: _Seen | None = None
        self._proven = False
        self._proof: float | None = None

    async def follow(self) -> None:
        """Tell until it is cancelled."""
        pause = _FIRST_LOOK
        while True:
            proven = self._proven
            self.look()
            pause = _FIRST_LOOK if proven and not self._proven else min(_LOOK, _SLOWER * pause)
            await asyncio.sleep(_LOOK if self._proven else pause)

    def look(self) -> None:
        """Tell what has changed since the last look."""
        seen = self._see()
        if seen is None:
            return
        for line in self._news(self._last or _Seen(), seen):
            self._tell(line)
        self._last = seen

    def _see(self) -> _Seen | None:
        try:
            with self._context.database.reading() as link:
                row = link.execute(
                    "SELECT trouble, refusal, edge.generation, account.generation, reloaded_at FROM edge, account"
                    " WHERE account.id = 1 AND name = ? AND heartbeat_at >= ?",
                    (self._name, self._began),
                ).fetchone()
        except StoreError as problem:
            return _Seen(failure=str(problem))
        return _Seen(clean(row[0]), clean(row[1]), int(row[2]), int(row[3]), row[4]) if row else None

    def _news(self, before: _Seen, seen: _Seen) -> Iterator[str]:
        name = self._name
        if seen.failure != before.failure:
            yield f"{name}: {seen.failure or 'the database can be read again.'}"
        if seen.failure:
            return
        if seen.trouble != before.trouble:
            yield f"{name}: {seen.trouble}" if seen.trouble else f"{name}: the switch is reached again."
        if seen.refusal != before.refusal:
            yield f"{name}: reload refused: {seen.refusal}" if seen.refusal else f"{name}: a reload was taken again."
        if seen.well and seen.proof != self._proof:
            # A switch may be gone and back between two looks: then the same generation is proven anew.
            if not self._proven or seen.generation == before.generation:
                yield f"{name} is proven to run generation {seen.generation}."
            self._proven, self._proof = True, seen.proof
        if seen.trouble:
            self._proven = False
