"""The demo's real edge: its phones register, its intruders are blocked, and all of it ends with the console."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from cxtui.config import load
from cxtui.demo import edge as demo_edge
from cxtui.demo import intruders
from cxtui.demo.edge import RealEdge, folder_of
from cxtui.demo.start import demo
from cxtui.edge.foreground import runs_in
from cxtui.edge.site import EdgeError
from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.edge.clients import ports
from tests.support import one, query

PATIENCE = 15.0


def until(database: Database, statement: str, wanted: Any) -> None:
    """Wait until a query gives what is wanted."""
    deadline = monotonic() + PATIENCE
    while (found := query(database, statement)) != wanted:
        assert monotonic() < deadline, found
        sleep(0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything of the demo happens at once."""
    monkeypatch.setattr(demo_edge, "_MOST_FAILURES", 3)
    monkeypatch.setattr(demo_edge, "_PAUSE", 1.0)
    monkeypatch.setattr(demo_edge, "PORTS", [ports.free()])
    monkeypatch.setattr(demo_edge, "_ON", 3600.0)
    for name in ("_ARRIVAL", "_BETWEEN", "_BETWEEN_KNOCKS"):
        monkeypatch.setattr(intruders, name, (0.05, 0.1))


@pytest.mark.usefixtures("impatient")
def test_phones_register_and_call_and_intruders_are_blocked(console: Context) -> None:
    """W-020, W-032, W-034."""
    database = console.database
    audited = one(database, "SELECT max(id) FROM audit")
    edge = RealEdge(database, console.settings)
    edge.start()
    try:
        until(database, "SELECT username FROM registration ORDER BY 1", [(name,) for name in sorted(demo_edge.USERS)])
        until(database, "SELECT count(*) > 1 FROM block WHERE address LIKE '127.66.%' AND wanted = 'blocked'", [(1,)])
        until(database, "SELECT calls > 0 FROM edge", [(1,)])
        pids = [phone.pid for phone in edge.phones]
        assert all(pids)
        assert runs_in(folder_of(database.path))
    finally:
        assert edge.stop()
    assert edge.failure is None
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert not folder_of(database.path).exists()
    assert one(database, "SELECT count(*) FROM edge") == 0
    doers = query(database, "SELECT DISTINCT operator, program FROM audit WHERE id > ?", (audited,))
    assert doers == [("provisioning", "demo")], "z takes none of it back"


@pytest.mark.parametrize("missing", ["switch_program", "phones.program"])
def test_without_its_programs_the_packages_are_named(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"cxtui.demo.edge.{missing}", lambda: "")
    with pytest.raises(EdgeError, match=r"apt-get install kamailio .* baresip-core"):
        demo(load({}, {"db": tmp_path / "demo.db"}), edge=True)


def test_a_port_that_is_in_use_is_passed_by(console: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = {f"udp:127.0.0.1:{demo_edge.PORTS[0]}"}
    monkeypatch.setattr(demo_edge, "unusable", lambda listen: OSError() if listen in busy else None)
    site = demo_edge._site(console, folder_of(console.database.path))
    assert site.listens == (f"udp:127.0.0.1:{demo_edge.PORTS[1]}", f"tcp:127.0.0.1:{demo_edge.PORTS[1]}")
    busy.update(f"tcp:127.0.0.1:{port}" for port in demo_edge.PORTS)
    with pytest.raises(EdgeError, match="is in use on"):
        demo_edge._site(console, folder_of(console.database.path))
