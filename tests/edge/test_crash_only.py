"""The agent and the switch are killed at any moment, under load and while saves go on: everything converges."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.services import blocks, ip_auth
from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.edge.bench import SECRET, Bench
from tests.edge.clients.sipp import Caller
from tests.edge.test_run import Program
from tests.support import one, query

KILLS = 3
HELD = "SELECT address FROM block JOIN hold ON hold.block_id = block.id"


@pytest.fixture
def agents(database: Database, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts agents as processes of their own."""
    begun: list[Program] = []

    def begin(edge: Bench) -> Program:
        secret = tmp_path / "agent.secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET)
        words = ("--name", edge.name, "--secret-file", str(secret), "--control", edge.site.control)
        begun.append(Program(database, tmp_path, "agent", *words))
        return begun[-1]

    yield begin
    for program in begun:
        program.close()


def table(edge: Bench) -> set[str]:
    """What the switch blocks."""
    return {entry["name"] for slot in edge.rpc("htable.dump", "blocked") for entry in slot["slot"]}


def called(edge: Bench) -> int:
    """How many INVITEs have come since the switch was started."""
    (said,) = edge.rpc("stats.get_statistics", "rcv_requests_invite")
    return int(said.rpartition(" = ")[2])


def test_an_agent_that_is_killed_again_and_again_converges(
    edges: Callable[..., Bench], agents: Callable[..., Program], noc: Context, acme: Company
) -> None:
    """S-013, W-030, W-034: while entries, blocks and unblocks are saved."""
    edge = edges(start=False)
    edge.start_switch()
    chance, wanted = random.Random(7), set[str]()
    for number in range(KILLS):
        beaten = edge.row().get("heartbeat_at")
        program = agents(edge)
        edge.until(lambda: edge.row().get("heartbeat_at") != beaten, "it beats")  # noqa: B023
        for last in range(10 * number, 10 * number + 5):
            ip_auth.add(noc, acme.id, {"address": f"203.0.113.{last}", "direction": "egress"})
            block: Any = blocks.block(noc, {"address": f"198.51.100.{last}"}).rows[0]
            wanted.add(block.address)
            if last % 2:
                sleep(chance.random() / 20)
                blocks.unblock(noc, [block])
                wanted.discard(block.address)
        sleep(chance.random() / 4)
        program.signalled(signal.SIGKILL)
    edge.start_agent()
    edge.until_proven()
    edge.until(lambda: table(edge) == wanted, "the switch holds what is wanted")
    edge.until(lambda: {row[0] for row in query(noc.database, HELD)} == wanted, "and so it is written down")
    assert one(noc.database, "SELECT count(*) FROM block WHERE lifted_at IS NULL") == len(wanted)
    for number in range(KILLS):
        assert edge.rpc("cxtui.address", "2", f"203.0.113.{10 * number + 4}", "5060")["tag"]


def test_a_switch_that_is_killed_under_load_is_proven_again_and_counts_no_call_of_before(
    edge: Bench, noc: Context, acme: Company
) -> None:
    """W-012, W-034: while saves go on."""
    ip_auth.add(noc, acme.id, {"address": "127.0.0.23", "direction": "egress", "channels": "0"})
    edge.until_proven()
    over = threading.Event()

    def load() -> None:
        while not over.is_set():
            Caller(edge.address, "127.0.0.23").call("1", calls=50, rate=100)

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for last in (1, 2):
            edge.until(lambda: called(edge) > 10, "calls come")
            edge.kill_switch()
            ip_auth.add(noc, acme.id, {"address": f"203.0.113.{last}", "direction": "egress"})
            edge.start_switch()
            edge.until_proven()
            edge.until(lambda: edge.agent and edge.agent._control.open, "the agent is back")
            assert edge.rpc("cxtui.address", "2", f"203.0.113.{last}", "5060")["tag"]
    finally:
        over.set()
        thread.join()
    edge.until(lambda: edge.rpc("dlg.stats_active")["all"] == 0, "no call is counted any more")
    assert Caller(edge.address, "127.0.0.23").call("1").statuses == {580: 1}
