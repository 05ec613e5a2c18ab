"""A switch made to hold what the database says and nothing else, whatever was done to either by hand."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.models.edge import SIDES, Drift

from .blocking import Blocking
from .comparing import Comparison
from .publishing import Publisher
from .registrations import Registrations

_MOST_NAMED = 5


class Reconciliation:
    """Loads everything anew at one switch, between two comparisons."""

    def __init__(
        self, publisher: Publisher, blocking: Blocking, registrations: Registrations, comparison: Comparison
    ) -> None:
        self._publisher = publisher
        self._blocking = blocking
        self._registrations = registrations
        self._comparison = comparison

    async def run(self) -> str:
        """What differed before and what still does, as a sentence. Raises ``Refused`` or ``SwitchGone``."""
        before = await self._comparison.run()
        self._publisher.forget()
        for method in ("permissions.addressReload", "dialplan.reload"):
            await self._publisher.order(method)
        await self._publisher.bring()
        held = await self._blocking.held()
        await self._blocking.drop_strangers(held)
        await self._blocking.restore()
        await self._blocking.reconcile()
        await self._registrations.read_all()
        return put_right(before, await self._comparison.run())

    async def compare(self) -> str:
        """What differs now, as a sentence. Raises ``Refused`` or ``SwitchGone``."""
        return _differences(len(await self._comparison.run()))


def put_right(before: Sequence[Drift], after: Sequence[Drift]) -> str:
    """What a reconciliation found and left, as a sentence; the first few of what is gone are named."""
    left = {(one.part, one.key, one.side) for one in after}
    gone = [one for one in before if (one.part, one.key, one.side) not in left]
    if not gone:
        return _differences(len(after))
    named = ", ".join(f"{one.part} {one.key} ({SIDES[one.side]})" for one in gone[:_MOST_NAMED])
    more = f" and {len(gone) - _MOST_NAMED} more" if len(gone) > _MOST_NAMED else ""
    rest = f" {_differences(len(after)).removesuffix('.')} left." if after else ""
    return f"{_differences(len(gone)).removesuffix('.')} put right: {named}{more}.{rest}"


def _differences(count: int) -> str:
    return f"{count} difference{'s' if count != 1 else ''}." if count else "No difference."
