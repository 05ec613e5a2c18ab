"""What an agent cannot have seen: it stood still, its database was replaced, its edge forgotten, its switch hangs."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cxtui.edge import control
from cxtui.edge.control import Control, SwitchGone
from cxtui.edge.netstring import frame
from cxtui.models.company import Company
from cxtui.services import blocks, companies, ip_auth
from cxtui.services.context import Context
from cxtui.services.edges import leave
from tests.edge.bench import SECRET, Bench
from tests.edge.clients.raw import Datagrams, flood, options, request
from tests.edge.devices import Device
from tests.services.stock import only
from tests.support import REALM, query

ATTACKER, HONEST, BLOCKED = "127.9.1.1", "127.9.1.2", "198.51.100.8"


def refused(edge: Bench) -> Callable[[str], str]:
    """Logins that are refused, with all that one can make long to tell of."""
    uri = f"sip:{REALM}"
    with Device(edge.address, "u" * 60, "wrong", source=ATTACKER) as attacker:
        attacker.ask()
        headers = [f"Authorization: {attacker.credentials('REGISTER', uri)}", "User-Agent: " + '"' * 300]
    return lambda source: request("REGISTER", source, uri=uri, headers=headers)


@pytest.fixture
def delta(noc: Context) -> Company:
    """A company with nothing yet."""
    made: Company = only(companies.add(noc, {"name": "Delta"}))
    return made


def held(edge: Bench) -> set[str]:
    """The addresses that a switch keeps out."""
    return {entry["name"] for slot in edge.rpc("htable.dump", "blocked") for entry in slot["slot"]}


def test_an_agent_that_stands_still_does_not_stop_the_switch(edges: Callable[..., Bench]) -> None:
    """It is told no more once it takes nothing, and is made to begin anew when it does again."""
    edge = edges(start=False, max_failures=1_000_000)
    edge.start_switch()
    with socket.socket() as agent:
        agent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        agent.connect(("127.0.0.1", edge.site.control_port))
        agent.sendall(frame(SECRET.encode()))
        assert agent.recv(64)
        flood(edge.address, [ATTACKER], 3_000, 2, make=refused(edge))
        with Datagrams(HONEST) as phone:
            answer = phone.ask(options(phone.endpoint), edge.address, 3)
        assert answer is not None
        assert answer.status == 200
        agent.settimeout(10)
        agent.sendall(frame(b'{"jsonrpc":"2.0","method":"core.version","id":1}'))
        told = 0
        while read := agent.recv(1 << 20):
            told += len(read)
        assert told < 2_000_000


def test_a_block_of_an_edge_that_was_forgotten_is_let_go(edge: Bench, noc: Context) -> None:
    """The edge speaks on and is listed again; what it holds from before is known again, and ends when it is to."""
    block = only(blocks.block(noc, {"address": BLOCKED}))
    edge.until(lambda: BLOCKED in held(edge), "it is held")
    known = query(noc.database, "SELECT id FROM edge")
    leave(noc, edge.name)
    edge.until(lambda: query(noc.database, "SELECT id FROM edge") not in ([], known), "it is back")
    edge.until(lambda: query(noc.database, "SELECT 1 FROM hold"), "its block is known again")
    blocks.unblock(noc, [block])
    edge.until(lambda: BLOCKED not in held(edge), "it is let go")


def test_what_runs_after_a_restore_is_what_was_saved_after_it(
    edge: Bench, noc: Context, delta: Company, tmp_path: Path
) -> None:
    """A database that was restored comes to the same generation again, with other rows."""
    edge.until_proven()
    backup = tmp_path / "backup.db"
    with noc.database.reading() as link, sqlite3.connect(backup) as copy:
        link.backup(copy)
    ip_auth.add(noc, delta.id, {"address": "203.0.113.66", "direction": "egress"})
    mistaken = edge.until_proven()
    edge.stop_agent()
    with sqlite3.connect(backup) as copy, sqlite3.connect(noc.database.path) as target:
        copy.backup(target)
    ip_auth.add(noc, delta.id, {"address": "203.0.113.2", "direction": "egress"})
    edge.start_agent()
    edge.until(lambda: edge.agent and edge.agent._control.open, "the agent is back")
    assert edge.until_proven() == mistaken
    edge.until(lambda: edge.rpc("cxtui.address", "2", "203.0.113.2", "5060")["tag"], "the entry is there")
    assert not edge.rpc("cxtui.address", "2", "203.0.113.66", "5060")["tag"]


def test_a_block_found_after_a_restore_is_put_in_force(edge: Bench, noc: Context, tmp_path: Path) -> None:
    """A live restore takes back the numbers of rows; new blocks get numbers that an agent has seen before."""
    edge.until_proven()
    backup = tmp_path / "backup.db"
    with noc.database.reading() as link, sqlite3.connect(backup) as copy:
        link.backup(copy)
    for last in range(3):
        blocks.block(noc, {"address": f"198.51.100.{last}"})
    edge.until(lambda: len(held(edge)) == 3, "they are held")
    beaten = edge.row()["heartbeat_at"]
    edge.until(lambda: edge.row()["heartbeat_at"] > beaten, "a heartbeat later than the backup")
    with sqlite3.connect(backup) as copy, sqlite3.connect(noc.database.path) as target:
        copy.backup(target)
    blocks.block(noc, {"address": BLOCKED})
    edge.until(lambda: BLOCKED in held(edge), "the new one is held")


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        (True, "the switch takes the connection and says nothing"),
        (False, "the switch does not take the agent's secret"),
    ],
)
async def test_a_switch_that_hangs_is_not_told_as_one_with_another_secret(
    silent: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if silent:
        monkeypatch.setattr(control, "_WELCOME", 1.0)
    ended = asyncio.Event()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if silent:
            await ended.wait()
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SwitchGone, match=said):
            await Control(lambda _: None).connect("127.0.0.1", port, SECRET)
        ended.set()
