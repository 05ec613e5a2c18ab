"""Making a database file, and refusing those that are not ours."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from cxtui.store import schema, sqlite
from cxtui.store.database import Database
from cxtui.store.errors import MissingDatabase, OutdatedDatabase, StoreError
from tests.support import REALM, execute, migrated, one


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def foreign(path: Path, *statements: str) -> Database:
    link = sqlite3.connect(path)
    with link:
        for statement in statements:
            link.execute(statement)
    link.close()
    return Database(path)


@pytest.fixture
def umask_zero():
    before = os.umask(0)
    yield
    os.umask(before)


def test_init_makes_a_file_that_only_its_owner_may_read(tmp_path: Path, umask_zero: None) -> None:
    database = migrated(tmp_path / "new" / "folder" / "cxtui.db")
    assert database.path.stat().st_mode & 0o777 == 0o600
    assert database.path.parent.stat().st_mode & 0o777 == 0o700


def test_the_write_ahead_log_is_as_private_as_the_file(database: Database, umask_zero: None) -> None:
    execute(database, "UPDATE account SET generation = 7")
    with database.bulk() as link:
        link.execute("UPDATE account SET generation = 8")
        beside = [path for path in database.path.parent.iterdir() if path != database.path]
        assert beside
        assert {path.stat().st_mode & 0o777 for path in beside} == {0o600}


def test_an_empty_file_that_stood_open_is_closed_to_others(tmp_path: Path, umask_zero: None) -> None:
    (tmp_path / "cxtui.db").touch(mode=0o666)
    assert migrated(tmp_path / "cxtui.db").path.stat().st_mode & 0o777 == 0o600


def test_a_new_database_uses_wal_and_keeps_its_realm(tmp_path: Path) -> None:
    database = migrated(tmp_path / "cxtui.db")
    assert one(database, "PRAGMA journal_mode") == "wal"
    assert one(database, "SELECT realm FROM account") == REALM
    database.check()


def test_every_connection_keeps_foreign_keys_and_full_sync(database: Database) -> None:
    with database.reading() as link, database.transaction() as session:
        bare = session.connection().connection.driver_connection
        assert bare is not None
        for connection in (link, bare):
            assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
            assert connection.execute("PRAGMA busy_timeout").fetchone() == (sqlite.BUSY_TIMEOUT_MS,)


def test_a_reading_connection_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="read-only"), database.reading() as link:
        link.execute("DELETE FROM company")


def test_init_of_a_current_database_changes_nothing(database: Database) -> None:
    before = fingerprint(database.path)
    assert database.create_or_upgrade("other.example.net") is False
    assert fingerprint(database.path) == before
    assert one(database, "SELECT realm FROM account") == REALM


def test_init_that_was_cut_short_is_done_whole_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with tables and without its account row could not be written and would never be mended."""

    class Killed(BaseException):
        pass

    class Cut(sqlite3.Connection):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            if "INSERT INTO account" in statement:
                raise Killed
            return super().execute(statement, *values)  # type: ignore[arg-type]

    plain = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: plain(*args, factory=Cut, **more))
    database = Database(tmp_path / "cxtui.db")
    with pytest.raises((Killed, StoreError)):
        database.create_or_upgrade(REALM)
    monkeypatch.setattr(sqlite3, "connect", plain)
    database.create_or_upgrade(REALM)
    assert one(database, "SELECT count(*) FROM account") == 1


def test_two_inits_at_once_make_one_database(tmp_path: Path) -> None:
    problems: list[BaseException] = []

    def init() -> None:
        try:
            Database(tmp_path / "cxtui.db").create_or_upgrade(REALM)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=init) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert one(Database(tmp_path / "cxtui.db"), "SELECT count(*) FROM account") == 1


def test_a_newer_database_is_refused_by_check_and_init(database: Database) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '0099'")
    before = fingerprint(database.path)
    with pytest.raises(StoreError, match=r"newer cxtui \(schema 0099\).* Update cxtui"):
        database.check()
    with pytest.raises(StoreError, match="newer cxtui"):
        database.create_or_upgrade(REALM)
    database.close()
    assert fingerprint(database.path) == before


def test_an_older_database_is_offered_its_migration(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "cxtui9999"))
    with pytest.raises(OutdatedDatabase, match=r"older cxtui.*cxtui init"):
        database.check()


def test_an_empty_file_is_offered_to_be_initialised(tmp_path: Path) -> None:
    (tmp_path / "cxtui.db").touch()
    with pytest.raises(OutdatedDatabase, match="cxtui init"):
        Database(tmp_path / "cxtui.db").check()


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE customers (id INTEGER)",),
        ("CREATE TABLE account (id INTEGER)", "CREATE TABLE alembic_version (version_num TEXT)"),
    ],
    ids=["plain", "with an empty alembic table"],
)
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, statements: tuple[str, ...]) -> None:
    database = foreign(tmp_path / "other.db", *statements)
    before = fingerprint(database.path)
    with pytest.raises(StoreError, match="another program") as refusal:
        database.check()
    assert not isinstance(refusal.value, OutdatedDatabase), "it must not be offered a migration"
    with pytest.raises(StoreError, match="another program"):
        database.create_or_upgrade(REALM)
    assert fingerprint(database.path) == before


@pytest.mark.parametrize(
    "content", [b"hello\n", b"\x00" * 600, b"\xff\xd8\xff\xe0" * 4000], ids=["short", "zeros", "jpeg"]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    database = Database(tmp_path / "cxtui.db")
    database.path.write_bytes(content)
    for attempt in (database.check, lambda: database.create_or_upgrade(REALM)):
        with pytest.raises(StoreError) as refusal:
            attempt()
        assert str(database.path) in str(refusal.value)
    assert database.path.read_bytes() == content


def test_a_missing_database_is_a_sentence_and_is_not_made_by_looking(tmp_path: Path) -> None:
    database = Database(tmp_path / "none.db")
    with pytest.raises(MissingDatabase, match="cxtui init"):
        database.check()
    with pytest.raises(MissingDatabase), database.reading():
        pass
    with pytest.raises(StoreError), database.transaction() as session:
        session.connection()
    with pytest.raises(StoreError), database.bulk():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path).check()
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(tmp_path).create_or_upgrade(REALM)


@pytest.mark.parametrize("path", ["x" * 300 + "/cxtui.db", "file/cxtui.db"], ids=["too long", "below a file"])
def test_a_path_that_cannot_be_is_a_sentence(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be"):
        Database(tmp_path / path).create_or_upgrade(REALM)
    with pytest.raises(StoreError):
        Database(tmp_path / path).check()


def test_odd_characters_in_the_path_are_taken_literally(tmp_path: Path) -> None:
    database = migrated(tmp_path / "a?b#c%20 d'é.db")
    assert [path.name for path in tmp_path.iterdir()] == ["a?b#c%20 d'é.db"]
    database.check()


def test_a_snapshot_shows_one_state_to_all_its_statements(database: Database) -> None:
    with database.snapshot() as link:
        before = link.execute("SELECT count(*) FROM company").fetchone()
        execute(database, "DELETE FROM company WHERE name = 'Beta Ltd'")
        assert link.execute("SELECT count(*) FROM company").fetchone() == before
    with database.snapshot() as link:
        assert link.execute("SELECT count(*) FROM company").fetchone() == (before[0] - 1,)


def test_a_snapshot_that_failed_leaves_the_connection_usable(database: Database) -> None:
    with pytest.raises(ValueError, match="on purpose"), database.snapshot():
        raise ValueError("on purpose")
    with database.snapshot() as link:
        assert link.execute("SELECT 1").fetchone() == (1,)


def test_threads_that_ended_leave_no_open_connection(database: Database) -> None:
    def look() -> None:
        with database.reading() as link:
            link.execute("SELECT 1 FROM company")

    def descriptors() -> int:
        return sum(1 for entry in Path("/proc/self/fd").iterdir() if str(database.path) in os.path.realpath(entry))

    for _ in range(3):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    few = descriptors()
    for _ in range(10):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert descriptors() <= few
