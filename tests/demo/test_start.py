from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from types import ModuleType

import pytest

from cxtui.config import Settings, load
from cxtui.demo.start import DEMO_FILE, demo
from cxtui.services import companies
from cxtui.services.outcome import ServiceError
from cxtui.store.database import Database
from tests.support import migrated, one, operator, query


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the operator's own database would be."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CXTUI_DB", raising=False)
    monkeypatch.delenv("CXTUI_CONFIG", raising=False)
    return tmp_path / "state" / "cxtui"


def settings_for(path: Path) -> Settings:
    """Settings that name a database."""
    return load({}, {"db": path})


def instead_of_the_console(monkeypatch: pytest.MonkeyPatch, look: Callable[[Database], object]) -> list[Settings]:
    """Put ``look`` in the place of the console; the settings it was run with are collected."""
    runs: list[Settings] = []

    def run(settings: Settings) -> int:
        runs.append(settings)
        database = Database(settings.db)
        look(database)
        database.close()
        return 7

    module = ModuleType("cxtui.ui.start")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cxtui.ui.start", module)
    return runs


def test_the_console_runs_on_the_sample_under_attack_and_its_code_is_returned(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    runs = instead_of_the_console(
        monkeypatch, lambda database: seen.append(one(database, "SELECT count(*) FROM block WHERE NOT ours"))
    )
    assert demo(settings_for(home / DEMO_FILE), None, True) == 7
    assert [run.db for run in runs] == [home / DEMO_FILE]
    assert seen[0] >= 30
    assert one(Database(home / DEMO_FILE), "SELECT count(*) FROM edge") == 0


def test_the_usual_file_is_made_anew_each_time(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(database: Database) -> None:
        context = operator(database, "alice", lambda: 0.0)
        found = companies.find_by_name(context, "Acme Telecom")
        assert found is not None
        companies.save(context, found, {"name": "Renamed"})

    instead_of_the_console(monkeypatch, rename)
    assert [demo(settings_for(home / DEMO_FILE), None, False) for _ in range(2)] == [7, 7]


def test_a_file_that_was_named_is_kept(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = instead_of_the_console(monkeypatch, lambda database: None)
    path = tmp_path / "mine.db"
    demo(settings_for(path), None, False)
    database = Database(path)
    context = operator(database, "alice", lambda: 0.0)
    companies.add(context, {"name": "Kept"})
    demo(settings_for(path), None, False)
    assert companies.find_by_name(context, "Kept") is not None
    assert len(runs) == 2


def test_a_database_with_real_customers_is_refused_and_left_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = instead_of_the_console(monkeypatch, lambda database: None)
    database = migrated(tmp_path / "real.db")
    companies.add(operator(database, "alice", lambda: 0.0), {"name": "Real Ltd"})
    before = query(database, "SELECT * FROM company")
    with pytest.raises(ServiceError, match="customers of its own"):
        demo(settings_for(database.path), None, True)
    with pytest.raises(ServiceError, match="customers of its own"):
        demo(settings_for(database.path), 100, True)
    assert query(database, "SELECT * FROM company") == before
    assert runs == []


def test_a_scale_says_how_fast_it_was_and_leaves_where_there_is_no_terminal(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = instead_of_the_console(monkeypatch, lambda database: None)
    assert demo(settings_for(home / DEMO_FILE), 500, True) == 0
    assert runs == []
    said = capsys.readouterr()
    assert "rows a second" in said.out
    assert "sip_user" in said.err
    assert one(Database(home / DEMO_FILE), "SELECT count(*) FROM sip_user") == 500
    assert one(Database(home / DEMO_FILE), "SELECT count(*) FROM ip_auth") == 100


def test_without_the_console_it_only_fills(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = instead_of_the_console(monkeypatch, lambda database: None)
    assert demo(settings_for(home / DEMO_FILE), None, True, console=False) == 0
    assert runs == []
    assert one(Database(home / DEMO_FILE), "SELECT count(*) FROM company") >= 12


def test_a_second_demo_joins_the_first_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def again(database: Database) -> None:
        first = not seen
        while first and one(database, "SELECT count(*) FROM edge") < 2:
            sleep(0.02)
        seen.append(one(database, "SELECT count(*) FROM edge"))
        if first:
            demo(settings_for(database.path), None, True)
            seen.append(one(database, "SELECT count(*) FROM edge"))

    instead_of_the_console(monkeypatch, again)
    demo(settings_for(home / DEMO_FILE), None, True)
    assert seen == [2, 2, 2]
