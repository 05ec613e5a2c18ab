"""The switch's table of blocked addresses: what stands in it, and how an address comes in and leaves."""

from __future__ import annotations

import math
import time as clock
from time import time

from .control import Refused
from .station import Station

TABLE = "blocked"
WANTED = "wanted"
"""What stands beside an address that an agent put there."""

BY_ITSELF = {"credentials": "too many wrong credentials", "unauthorised": "INVITE not authorised"}
"""What the switch writes beside an address that it blocked itself, and what that means."""

_FOR_EVER = 10 * 365 * 86_400
_DUMP_TIMEOUT = 60.0


class Table:
    """The table of one switch. Every change is read back. Raises ``Refused`` or ``SwitchGone``."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def contents(self) -> dict[str, str]:
        """Each address and why it is there."""
        said = await self._station.ask("htable.dump", TABLE, timeout=_DUMP_TIMEOUT)
        slots = said if isinstance(said, list) else []
        entries = (entry for slot in slots if isinstance(slot, dict) for entry in slot.get("slot", ()))
        rows = (entry for entry in entries if isinstance(entry, dict))
        return {name: str(entry.get("value", "")) for entry in rows if (name := str(entry.get("name", "")))}

    async def put(self, address: str, ends: float | None) -> bool:
        """Block an address until a moment, None for ever; True once it stands there."""
        left = _FOR_EVER if ends is None else max(1, math.ceil(ends - time()))
        await self._station.ask("htable.setxs", TABLE, address, WANTED, left)
        return await self._holds(address)

    async def delete(self, address: str) -> bool:
        """Let an address through again; True once it does not stand there.

        What was counted of it goes first: the next mistake would else block it again at once.
        """
        for table in ("failures", "unasked", TABLE, "drops"):
            try:
                await self._station.ask("htable.delete", table, address)
            except Refused:
                continue
        return not await self._holds(address)

    async def ends(self, address: str) -> float:
        """When the switch lets go of an address by itself; it tells that in its local time."""
        latest = time() + self._station.post.block_seconds
        try:
            said = await self._station.ask("htable.get", TABLE, address)
            ends = clock.mktime(clock.strptime(str(said["item"]["expire"]), "%Y-%m-%d %H:%M:%S"))
        except (Refused, LookupError, TypeError, ValueError, OverflowError):
            return latest
        return min(max(ends, time()), latest)

    async def _holds(self, address: str) -> bool:
        try:
            await self._station.ask("htable.get", TABLE, address)
        except Refused:
            return False
        return True
