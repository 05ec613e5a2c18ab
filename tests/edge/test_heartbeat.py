"""What an edge says of itself between two heartbeats: in trouble until it is settled, and never well by mistake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cxtui.edge.control import Control, Refused
from cxtui.edge.heartbeat import Heartbeat
from cxtui.edge.publishing import Publisher
from cxtui.edge.station import Post, Station
from cxtui.services.context import Context
from cxtui.services.edge_states import states
from tests.support import query

ANSWERS: dict[str, Any] = {
    "core.version": "kamailio 5.6.3",
    "core.uptime": {"uptime": 5},
    "dlg.stats_active": {"all": 2},
    "stats.get_statistics": ["usrloc:location_contacts = 7"],
}


@pytest.fixture
async def station(noc: Context, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Station]:
    """An agent's place, at a switch whose answers are ``ANSWERS``."""

    async def answer(_: Station, method: str, *__: Any, timeout: float = 10.0) -> Any:
        del timeout
        if isinstance(ANSWERS[method], Exception):
            raise ANSWERS[method]
        return ANSWERS[method]

    monkeypatch.setattr(Station, "ask", answer)
    made = Station(noc, Post(name="edge1", port=1, secret="s"), Control(lambda _: None, lambda: None))
    yield made
    made.close()


@pytest.fixture
def heartbeat(station: Station) -> Heartbeat:
    """Its heartbeat."""
    return Heartbeat(station, Publisher(station), every=60, unread=60)


def complaint(noc: Context) -> str:
    """What is wrong with the edge, in the words of the console."""
    with noc.database.reading() as link:
        (state,) = states(link, noc.now())
    return state.complaint


def beats(noc: Context) -> list[tuple[Any, ...]]:
    """When the edge spoke last."""
    return query(noc.database, "SELECT heartbeat_at FROM edge")


async def test_a_switch_that_answers_is_in_trouble_until_all_was_asked(noc: Context, heartbeat: Heartbeat) -> None:
    """S-014."""
    await heartbeat.begin()
    await heartbeat.tell("the switch does not answer")
    assert complaint(noc) == "switch not reachable"
    await heartbeat.begin()
    assert complaint(noc) == "switch not reachable"
    await heartbeat.settled()
    assert complaint(noc) == ""
    assert query(noc.database, "SELECT calls, registered, round_trip > 0 FROM edge") == [(2, 7, 1)]


async def test_the_same_trouble_again_is_told_once_a_heartbeat(noc: Context, heartbeat: Heartbeat) -> None:
    await heartbeat.begin()
    await heartbeat.tell("the switch does not answer")
    told = beats(noc)
    await heartbeat.tell("the switch does not answer")
    assert beats(noc) == told
    await heartbeat.tell("the connection broke")
    assert beats(noc) != told
    await heartbeat.settled()
    await heartbeat.tell("the connection broke")
    assert complaint(noc) == "switch not reachable"


async def test_a_switch_that_refuses_to_speak_of_itself_is_not_told_as_well(
    noc: Context, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heartbeat.tell("the switch does not answer")
    monkeypatch.setitem(ANSWERS, "dlg.stats_active", Refused(500, "not now"))
    with pytest.raises(Refused):
        await heartbeat.begin()
    assert complaint(noc) == "switch not reachable"


async def test_a_switch_that_was_started_anew_is_up_since_then_and_a_rounded_second_is_no_start(
    noc: Context, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def beaten(uptime: int) -> float:
        monkeypatch.setitem(ANSWERS, "core.uptime", {"uptime": uptime})
        await heartbeat.begin()
        ((since,),) = query(noc.database, "SELECT up_since FROM edge")
        return float(since)

    first = await beaten(5)
    assert 4 < noc.now() - first < 8
    assert await beaten(6) == first
    assert await beaten(0) > first + 4
