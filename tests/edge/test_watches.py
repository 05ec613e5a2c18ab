"""What a watch takes in while it is flooded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cxtui.edge.watches import _Watch
from cxtui.models.edge_job import EdgeJob
from cxtui.services.ladders import Bearings

HOME, STRANGER, BLOCKED = "127.0.0.61:5060", "127.0.0.66:46101", "127.0.0.67:5060"


def message(source: str) -> dict[str, Any]:
    return {"event": "message", "at": "1.0", "source": source, "destination": "127.0.0.1:5060", "text": "x"}


async def test_a_flood_of_strangers_leaves_room_for_the_phone_and_none_for_who_is_blocked() -> None:
    """S-083."""
    station: Any = SimpleNamespace(post=SimpleNamespace(listens="udp:127.0.0.1:5060"))
    watch = _Watch(station, EdgeJob(username="1001"), 1.0)
    watch._known = Bearings(True, ("127.0.0.61",), frozenset({"127.0.0.67"}))
    for _ in range(1000):
        watch.hear(message(BLOCKED))
        watch.hear(message(STRANGER))
    for _ in range(10):
        watch.hear(message(HOME))
    sources = [event["source"] for event in await watch._next(1.0)]
    assert (sources.count(BLOCKED), sources.count(HOME)) == (0, 10)
    assert 0 < sources.count(STRANGER) < 200
