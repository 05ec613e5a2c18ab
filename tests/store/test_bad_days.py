"""A database that is locked, full, damaged, read-only or gone is a sentence, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cxtui.models.company import Company
from cxtui.services import companies
from cxtui.services.context import Context
from cxtui.store import sqlite
from cxtui.store.database import Database
from cxtui.store.errors import MissingDatabase, StoreError
from tests.support import REALM, Clock, audit, bytes_of, dump, operator

NOBODY = 65_534


def refused(verb: Callable[[], object], words: str) -> None:
    """The verb ends with one sentence of the operator's own words."""
    with pytest.raises(StoreError, match=words) as refusal:
        verb()
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert "Error" not in sentence
    assert "sqlalche" not in sentence
    assert sentence.endswith((".", "init", ".recover"))


@contextmanager
def without_rights() -> Iterator[None]:
    """As an ordinary user: root may write everything."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def shared(template: Path) -> Iterator[Path]:
    """A folder that every user can reach, with a database in it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    shutil.copy(template, folder / "cxtui.db")
    (folder / "cxtui.db").chmod(0o644)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_locked_database_refuses_the_write_and_still_reads(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    before = dump(database)
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        refused(lambda: companies.add(context, {"name": "Late"}), "locked by another program; nothing was changed")
        assert companies.find_by_name(context, "Acme Telecom") is not None
    finally:
        other.close()
    assert dump(database) == before
    companies.add(context, {"name": "Late"})


def test_a_locked_database_refuses_init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    database = Database(tmp_path / "cxtui.db")
    database.path.touch()
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        refused(lambda: database.create_or_upgrade(REALM), "locked")
        refused(database.check, "locked")
    finally:
        other.close()
    assert database.create_or_upgrade(REALM) is True


def test_a_full_disk_refuses_the_write(context: Context, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before, prepare = dump(database), sqlite.prepare

    def cramped(link: sqlite3.Connection) -> None:
        prepare(link)
        pages = link.execute("PRAGMA page_count").fetchone()[0]
        link.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(sqlite, "prepare", cramped)
    many = {"name": "Big", "notes": "x" * 4000}

    def fill() -> None:
        for number in range(200):
            companies.add(context, {**many, "name": f"Big {number}"})

    refused(fill, "is full; nothing was changed. Free space")
    stored = {row["name"] for row in dump(database)["company"]} - {row["name"] for row in before["company"]}
    assert stored == {entry.label.removeprefix("customer ") for entry in audit(database) if entry.operator == "alice"}


def test_a_full_disk_refuses_init_and_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = sqlite.prepare

    def cramped(link: sqlite3.Connection) -> None:
        prepare(link)
        link.execute("PRAGMA max_page_count = 10")

    database = Database(tmp_path / "cxtui.db")
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "prepare", cramped)
        refused(lambda: database.create_or_upgrade(REALM), "full")
    refused(database.check, "no cxtui tables yet")
    assert database.create_or_upgrade(REALM) is True
    database.check()


def test_a_read_only_file_can_be_read_and_refuses_the_write(shared: Path) -> None:
    database = Database(shared / "cxtui.db")
    context = operator(database, "alice", Clock())
    keeper = sqlite.connect(database.path)
    keeper.execute("SELECT 1 FROM company").fetchone()
    companies.check(context, {"name": "warm"})
    database.close()
    database.path.chmod(0o444)
    for path in shared.glob("cxtui.db-*"):
        path.chmod(0o644)
    with without_rights():
        fresh = operator(Database(database.path), "alice", Clock())
        assert companies.find_by_name(fresh, "Acme Telecom") is not None
        refused(lambda: companies.add(fresh, {"name": "No"}), "read-only for you; nothing was changed")
    keeper.close()


def test_a_file_without_the_right_to_read_is_a_sentence(shared: Path) -> None:
    (shared / "cxtui.db").chmod(0o600)
    with without_rights():
        database = Database(shared / "cxtui.db")
        refused(database.check, "cannot be opened")
        refused(lambda: database.create_or_upgrade(REALM), "cannot be opened")


def test_a_folder_that_may_not_be_entered_is_a_sentence(shared: Path) -> None:
    shared.chmod(0o700)
    with without_rights():
        database = Database(shared / "cxtui.db")
        refused(database.check, "cannot be opened")
        refused(lambda: database.create_or_upgrade(REALM), "cannot be")


def test_a_folder_that_may_not_be_written_is_a_sentence(shared: Path) -> None:
    with without_rights():
        refused(lambda: Database(shared / "new.db").create_or_upgrade(REALM), "cannot be made: Permission denied")
        refused(lambda: Database(shared / "sub" / "new.db").create_or_upgrade(REALM), "cannot be made: Permission")
    assert not (shared / "new.db").exists()


@pytest.mark.parametrize("where", [0.3, 0.6])
def test_a_damaged_file_is_a_sentence(template: Path, tmp_path: Path, where: float) -> None:
    path = Path(shutil.copy(template, tmp_path / "cxtui.db"))
    whole = path.read_bytes()
    begin = int(len(whole) * where)
    path.write_bytes(whole[:100] + b"\xaa" * (begin - 100) + whole[begin:])
    database = Database(path)
    refused(database.check, "is damaged. Restore a backup")
    context = operator(database, "alice", Clock())
    refused(lambda: companies.add(context, {"name": "No"}), "is damaged")
    refused(lambda: companies.find_by_name(context, "Acme Telecom"), "is damaged")


def test_a_file_cut_short_is_a_sentence(template: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(template, tmp_path / "cxtui.db"))
    path.write_bytes(path.read_bytes()[:20_000])
    refused(lambda: companies.add(operator(Database(path), "alice", Clock()), {"name": "No"}), "is damaged")


def test_a_file_that_is_deleted_while_it_is_used_is_missed(context: Context, acme: Company) -> None:
    """Reading on from a deleted file would show rows that no other console sees any more."""
    for path in context.database.path.parent.glob("cxtui.db*"):
        path.unlink()
    with pytest.raises(MissingDatabase):
        companies.find_by_name(context, acme.name)
    with pytest.raises(StoreError):
        companies.add(context, {"name": "Lost"})


def test_a_file_that_is_replaced_while_it_is_used_is_read_anew(
    context: Context, tmp_path: Path, template: Path
) -> None:
    companies.add(context, {"name": "Only here"})
    assert companies.find_by_name(context, "Only here") is not None
    for path in tmp_path.glob("cxtui.db-*"):
        path.unlink()
    Path(shutil.copy(template, tmp_path / "backup")).replace(context.database.path)
    assert companies.find_by_name(context, "Only here") is None
    companies.add(context, {"name": "After"})
    assert companies.find_by_name(context, "After") is not None


def test_no_error_of_the_driver_shows_a_statement_or_a_value(context: Context, database: Database) -> None:
    link = sqlite.connect(database.path, write=True)
    link.execute("CREATE TRIGGER trap BEFORE INSERT ON company BEGIN SELECT raise(ABORT, 'trap'); END")
    link.close()
    with pytest.raises(StoreError) as refusal:
        companies.add(context, {"name": "s3cret"})
    assert "s3cret" not in str(refusal.value)
    assert "INSERT" not in str(refusal.value)
    assert b"s3cret" not in bytes_of(database)
