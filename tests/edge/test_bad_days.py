"""The switch dies, refuses, meets strangers; the database is locked or restored: the truth is told, and it heals."""

from __future__ import annotations

import random
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cxtui.edge.control import Refused, SwitchGone
from cxtui.models.company import Company
from cxtui.models.edge_job import JobState
from cxtui.services import companies, edge_jobs, edge_states, ip_auth
from cxtui.services.context import Context
from tests.edge.bench import SECRET, Bench
from tests.edge.devices import Device
from tests.edge.standing import known
from tests.support import execute, query

REWRITE = (
    "INSERT INTO rewrite_rule(version, owner, owner_id, position, parameter, mode, current, new, stop,"
    " match_exp, subst_exp, repl_exp) VALUES (1, 'ip_auth', 1, 1, 'destination', 'regex', '(', '', 0, '(', '(', '')"
)
BUMP = "UPDATE account SET generation = generation + 1, rewrites_at = generation + 1"


def test_a_refused_reload_says_what_the_switch_said_and_what_is_still_in_force(edge: Bench, noc: Context) -> None:
    """W-034."""
    before = edge.row()["generation"]
    execute(noc.database, REWRITE)
    execute(noc.database, BUMP)
    row = edge.until(lambda: (found := edge.row())["refusal"] and found, "the refusal is told")
    assert "dialplan.reload" in row["refusal"]
    assert "failed to compile" in row["refusal"] or "missing" in row["refusal"]
    assert row["generation"] == before
    assert row["retry_at"] > row["heartbeat_at"]
    execute(noc.database, "DELETE FROM rewrite_rule")
    execute(noc.database, BUMP)
    edge.until_proven()
    assert edge.row()["refusal"] == ""
    assert edge.row()["retry_at"] is None


def test_a_refusal_is_over_once_the_database_is_back_at_what_the_switch_runs(edge: Bench, noc: Context) -> None:
    """W-034: as a restore from a backup leaves it."""
    ((generation, rewrites_at),) = query(noc.database, "SELECT generation, rewrites_at FROM account")
    execute(noc.database, REWRITE)
    execute(noc.database, BUMP)
    edge.until(lambda: edge.row()["refusal"], "the refusal is told")
    execute(noc.database, "DELETE FROM rewrite_rule")
    execute(noc.database, f"UPDATE account SET generation = {generation}, rewrites_at = {rewrites_at}")
    edge.until(lambda: not edge.row()["refusal"], "the refusal is over")
    assert edge.row()["retry_at"] is None


def test_a_switch_that_was_killed_is_told_as_gone_and_proven_again_once_it_is_back(
    edge: Bench, noc: Context, acme: Company
) -> None:
    edge.kill_switch()
    edge.until(lambda: edge.row()["trouble"], "the trouble is told")
    with noc.database.reading() as link:
        (state,) = edge_states.states(link, noc.now())
    assert state.edge.trouble
    ip_auth.add(noc, acme.id, {"address": "203.0.113.20", "direction": "egress"})
    assert edge.row()["generation"] < query(noc.database, "SELECT generation FROM account")[0][0]
    edge.start_switch()
    edge.until_proven()
    assert edge.rpc("cxtui.address", "2", "203.0.113.20", "5060")["tag"]


def test_an_agent_that_ends_leaves_the_switch_at_work_and_the_next_one_takes_over(
    edge: Bench, noc: Context, acme: Company
) -> None:
    """And nobody waits for the outcome of what the first one had begun."""
    edge.stop_agent()
    (job,) = edge_jobs.watch(noc, known(noc, "1322"), 60)
    execute(noc.database, "UPDATE edge_job SET state = ?", (JobState.RUNNING.value,))
    ip_auth.add(noc, acme.id, {"address": "203.0.113.21", "direction": "egress"})
    edge.start_agent()
    edge.until_proven()
    assert edge.rpc("cxtui.address", "2", "203.0.113.21", "5060")["tag"]
    (ended,) = edge_jobs.outcomes(noc, [job.id])
    assert (ended.state, ended.result) == (JobState.FAILED, "The switch or its agent was away meanwhile: ask again.")


def test_an_agent_survives_a_database_that_is_locked_for_longer_than_it_waits(
    edge: Bench, noc: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxtui.store.sqlite.BUSY_TIMEOUT_MS", 100)
    beaten = edge.row()["heartbeat_at"]
    link = sqlite3.connect(noc.database.path, isolation_level=None)
    link.execute("BEGIN IMMEDIATE")
    link.execute("UPDATE account SET changed_at = changed_at")
    edge.until(lambda: not edge.agent or not edge.agent._control.open, "the agent gave up a write", 15)
    link.execute("ROLLBACK")
    link.close()
    edge.until(lambda: edge.row()["heartbeat_at"] > beaten and edge.agent and edge.agent._control.open, "it is back")
    edge.until_proven()


def test_a_database_that_was_restored_from_a_backup_is_what_the_switch_runs_then(
    edge: Bench, noc: Context, acme: Company, tmp_path: Path
) -> None:
    copy = sqlite3.connect(tmp_path / "backup.db")
    with noc.database.reading() as link:
        link.backup(copy)
    ip_auth.add(noc, acme.id, {"address": "203.0.113.22", "direction": "egress"})
    edge.until_proven()
    assert edge.rpc("cxtui.address", "2", "203.0.113.22", "5060")["tag"]
    target = sqlite3.connect(noc.database.path)
    copy.backup(target)
    target.close()
    copy.close()
    edge.until(lambda: not edge.rpc("cxtui.address", "2", "203.0.113.22", "5060")["tag"], "the entry is gone")
    edge.until_proven()


def test_a_stranger_on_the_control_port_is_told_nothing_and_can_order_nothing(edge: Bench) -> None:
    request = b'{"jsonrpc":"2.0","method":"core.version","id":1}'
    for first in (request, b"wrong-secret-0123456789", b'{"event":"welcome"}'):
        with socket.create_connection(("127.0.0.1", edge.site.control_port), timeout=5) as link:
            link.sendall(b"%d:%s,%d:%s," % (len(first), first, len(request), request))
            assert link.recv(4096) == b""
    assert SECRET not in edge.log()


def test_no_rpc_is_taken_on_a_sip_port(edge: Bench) -> None:
    for body in (b"POST /RPC HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", b"13:core.version,"):
        with socket.create_connection(("127.0.0.1", edge.port), timeout=1) as link:
            link.sendall(body)
            try:
                answer = link.recv(4096)
            except (TimeoutError, ConnectionResetError):
                answer = b""
        assert b"kamailio" not in answer
        assert b"jsonrpc" not in answer


def hostile(seed: int) -> bytes:
    """A datagram that no phone would send."""
    rng = random.Random(seed)
    kind = seed % 6
    if kind == 0:
        return rng.randbytes(rng.randint(1, 1400))
    if kind == 1:
        return b"REGISTER sip:x SIP/2.0\r\n" + b"X-Huge: " + b"A" * 30_000 + b"\r\n\r\n"
    via = b"Via: SIP/2.0/UDP 127.0.0.31:5999;branch=z9hG4bK%d;rport\r\n" % seed
    known = b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: %d\r\nCSeq: 1 REGISTER\r\n" % seed
    evil = [
        b"\x1b]52;c;ZXZpbA==\x07",
        b"'; DROP TABLE edge; --",
        b'"},{"event":"registered","user":"x',
        b"\x00\xff\xfe",
    ]
    agent = b"User-Agent: " + evil[seed % len(evil)] + b"\r\nContent-Length: 0\r\n\r\n"
    if kind == 2:
        digest = (
            b'Authorization: Digest username="%b", realm="sip.example.net", nonce="x", uri="sip:x", response="%b"\r\n'
        )
        return b"REGISTER sip:x SIP/2.0\r\n" + via + known + digest % (evil[seed % 3], b"0" * 32) + agent
    if kind == 3:
        return (
            b"INVITE sip:" + evil[1] + b"@127.0.0.1 SIP/2.0\r\n" + via + known.replace(b"REGISTER", b"INVITE") + agent
        )
    if kind == 4:
        return b"INVITE sip:" + b"9" * 9_000 + b"@x SIP/2.0\r\n" + via + known.replace(b"REGISTER", b"INVITE") + agent
    return b"OPTIONS sip:x SIP/2.0\r\n" + via * 40 + known.replace(b"REGISTER", b"OPTIONS") + agent


def test_hostile_messages_end_neither_the_switch_nor_the_agent(edges: Callable[..., Bench], noc: Context) -> None:
    edge = edges(max_failures=10_000, max_unasked=10_000)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.31", 0))
        for seed in range(300):
            link.sendto(hostile(seed), ("127.0.0.1", edge.port))
    assert Path(f"/proc/{edge.trial.pid}").exists()
    companies.add(noc, {"name": "After the storm"})
    edge.until_proven()
    assert "core dumped" not in edge.log()
    assert query(noc.database, "SELECT count(*) FROM registration") == [(0,)]


def test_a_switch_that_cannot_read_the_database_says_so_until_it_can_again(
    edges: Callable[..., Bench], noc: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxtui.edge.agent._BEAT", 0.2)
    monkeypatch.setattr("cxtui.edge.agent._UNREAD", 2.0)
    edge = edges()
    (view,) = query(noc.database, "SELECT sql FROM sqlite_master WHERE name = 'switch_subscriber'")[0]
    execute(noc.database, "DROP VIEW switch_subscriber")
    with Device(edge.address, "1001") as device:
        answer = device.register()
    assert answer is not None
    assert answer.status == 500
    edge.until(lambda: "cannot read the database" in edge.row()["refusal"], "the trouble is told")
    execute(noc.database, view)
    edge.until(lambda: edge.row()["refusal"] == "", "it is over")


def test_two_edges_on_one_database_are_each_proven(edges: Callable[..., Bench], noc: Context, acme: Company) -> None:
    """W-034."""
    pair = [edges(), edges()]
    ip_auth.add(noc, acme.id, {"address": "203.0.113.30", "direction": "egress"})
    for one in pair:
        one.until_proven()
        assert one.rpc("cxtui.address", "2", "203.0.113.30", "5060")["tag"]


def test_a_switch_that_cannot_be_reached_is_named_by_what_to_look_at(edges: Callable[..., Bench]) -> None:
    edge = edges(start=False)
    edge.start_agent()
    edge.until(lambda: edge.row().get("trouble"), "the trouble is told")
    assert "is Kamailio running?" in edge.row()["trouble"]


def test_an_rpc_without_a_connection_or_with_an_error_says_so(edge: Bench) -> None:
    with pytest.raises(Refused, match="Not Found"):
        edge.rpc("no.such")
    edge.kill_switch()
    edge.until(lambda: edge.agent is not None and not edge.agent._control.open)
    with pytest.raises(SwitchGone):
        edge.rpc("core.version")
