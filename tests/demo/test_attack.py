from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import pytest

from cxtui.demo.attack import EDGES, Play
from cxtui.services import blocks, companies, edges
from cxtui.services.context import Context
from cxtui.services.grids import Grid
from cxtui.store import sqlite
from tests.support import audit, one, query


def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """What ``condition`` gives once it is true."""
    end = monotonic() + seconds
    while not (found := condition()):
        assert monotonic() < end, "it did not come true"
        sleep(0.02)
    return found


@contextmanager
def playing(console: Context, **more: Any) -> Iterator[Play]:
    """A play that is stopped at the end, and did not fail."""
    play = Play(console.database, console.settings, **more)
    play.start()
    try:
        yield play
    finally:
        assert play.stop()
    assert play.failure is None


def state_of(console: Context, kind: str, address: str) -> str:
    """The word that a row has for its state, empty where there is no such row."""
    found = Grid(console, kind, needle=address).read(0, 1).rows
    return found[0].state.word if found else ""


def test_blocks_come_into_force_on_every_edge(console: Context) -> None:
    with playing(console):
        assert until(lambda: state_of(console, "blocks", "203.0.113.77") == "in 2")


def test_an_unblock_goes_through_to_lifted(console: Context) -> None:
    """S-013: the state is honest on the way."""
    with playing(console):
        until(lambda: state_of(console, "blocks", "203.0.113.77") == "in 2")
        block = blocks.find_live(console, "203.0.113.77")
        assert block is not None
        blocks.unblock(console, [block])
        assert state_of(console, "ip_auth", "203.0.113.77") == "unblocking"
        until(lambda: one(console.database, "SELECT lifted_at IS NOT NULL FROM block WHERE id = ?", (block.id,)))
        assert one(console.database, "SELECT count(*) FROM hold WHERE block_id = ?", (block.id,)) == 0
        assert until(lambda: state_of(console, "ip_auth", "203.0.113.77") == "active")


def test_a_customer_who_was_unblocked_is_not_blocked_again(console: Context) -> None:
    block = blocks.find_live(console, "203.0.113.77")
    assert block is not None
    with playing(console):
        blocks.unblock(console, [block])
        before = one(console.database, "SELECT hits FROM block WHERE address = '198.51.100.107'")
        until(lambda: one(console.database, "SELECT hits FROM block WHERE address = '198.51.100.107'") > before)
        until(lambda: state_of(console, "ip_auth", "203.0.113.77") == "active")


def test_a_block_by_hand_is_put_in_force_and_ends_when_its_time_is_over(console: Context) -> None:
    with playing(console):
        until(lambda: one(console.database, "SELECT count(*) FROM edge") == 2)
        blocks.block(console, {"address": "198.18.0.9", "expires": "1 s"})
        until(lambda: one(console.database, "SELECT lifted_at IS NOT NULL FROM block WHERE address = '198.18.0.9'"))
    assert {entry.operator for entry in audit(console.database)} == {"provisioning", "alice"}


def test_a_change_is_pending_until_the_edges_have_it(console: Context) -> None:
    with playing(console):
        until(lambda: state_of(console, "ip_auth", "192.0.2.10") == "active")
        companies.add(console, {"name": "Newcomer"})
        assert state_of(console, "ip_auth", "192.0.2.10") == "pending"
        until(lambda: state_of(console, "ip_auth", "192.0.2.10") == "active")


def test_attackers_appear(console: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxtui.demo.swarm.WAVE", 4)
    with playing(console, seed=3):
        until(lambda: one(console.database, "SELECT count(*) FROM block WHERE NOT ours") > 0)


def test_no_edge_is_left_behind(console: Context) -> None:
    with playing(console):
        until(lambda: one(console.database, "SELECT count(*) FROM hold") > 0)
        assert query(console.database, "SELECT name FROM edge ORDER BY name") == [(name,) for name in EDGES]
    assert one(console.database, "SELECT count(*) FROM edge") == 0
    assert one(console.database, "SELECT count(*) FROM hold") == 0
    assert state_of(console, "blocks", "203.0.113.77") == "recorded"
    assert not [thread for thread in threading.enumerate() if thread.name == "cxtui-demo"]


def test_a_play_that_never_began_can_be_stopped(console: Context) -> None:
    assert Play(console.database, console.settings).stop()


def test_a_locked_database_is_waited_for(console: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    tried = threading.Event()
    beat = edges.beat

    def noted(*given: Any) -> int:
        tried.set()
        return beat(*given)

    monkeypatch.setattr("cxtui.services.edges.beat", noted)
    other = sqlite.connect(console.database.path, write=True)
    other.execute("BEGIN IMMEDIATE")
    with playing(console) as play:
        assert tried.wait(20)
        tried.clear()
        assert tried.wait(20), "it gave up"
        other.execute("ROLLBACK")
        other.close()
        until(lambda: one(console.database, "SELECT count(*) FROM edge") == 2)
        assert play.failure is None


def test_a_mistake_of_the_play_ends_it_and_nothing_else(console: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(*_: Any, **__: Any) -> None:
        raise ValueError("torn")

    monkeypatch.setattr("cxtui.services.edges.work", torn)
    play = Play(console.database, console.settings)
    play.start()
    assert isinstance(until(lambda: play.failure), ValueError)
    assert play.stop()
    assert one(console.database, "SELECT count(*) FROM edge") == 0


def test_a_rate_plays_sightings_of_blocks_that_exist_and_nothing_else(console: Context) -> None:
    before = one(console.database, "SELECT sum(hits) FROM block")
    count = one(console.database, "SELECT count(*) FROM block")
    with playing(console, rate=500):
        until(lambda: one(console.database, "SELECT sum(hits) FROM block") >= before + 100)
        assert one(console.database, "SELECT count(*) FROM edge") == 0
    assert one(console.database, "SELECT count(*) FROM block") == count
