"""The watch notices every commit and no more."""

from __future__ import annotations

import os
import queue
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cxtui.store import sqlite
from cxtui.store.database import Database
from cxtui.store.errors import StoreError
from cxtui.store.watch import Watch
from tests.support import execute

ROOT = Path(__file__).parents[2]
PERIOD = 0.01
CHANGE = "UPDATE account SET generation = generation + 1"
CHANGE_ELSEWHERE = """
import sys
from pathlib import Path
from cxtui.store.database import Database
with Database(Path(sys.argv[1])).bulk() as link:
    link.execute("UPDATE account SET generation = generation + 1")
"""


class Heard:
    """What a watch said, in its order."""

    def __init__(self) -> None:
        self.said: queue.Queue[str] = queue.Queue()
        self.looks = threading.Semaphore(0)

    def next(self) -> str:
        return self.said.get(timeout=10)

    @property
    def nothing_more(self) -> bool:
        return self.said.empty()


@contextmanager
def watching(database: Database, heard: Heard) -> Iterator[Watch]:
    watch = Watch(database, lambda: heard.said.put("changed"), heard.said.put, period=PERIOD)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released once for each look the watch takes, so that a test can wait for some."""
    semaphore, look = threading.Semaphore(0), sqlite.data_version

    def counted(link: sqlite3.Connection) -> int:
        try:
            return look(link)
        finally:
            semaphore.release()

    monkeypatch.setattr("cxtui.store.watch.data_version", counted)
    return semaphore


def wait_for(looks: threading.Semaphore, count: int) -> None:
    while looks.acquire(blocking=False):
        pass
    for _ in range(count):
        assert looks.acquire(timeout=10)


def test_a_commit_of_another_connection_is_noticed(database: Database, looks: threading.Semaphore) -> None:
    heard = Heard()
    with watching(database, heard):
        wait_for(looks, 2)
        execute(database, CHANGE)
        assert heard.next() == "changed"


def test_a_commit_of_another_process_is_noticed(database: Database, looks: threading.Semaphore) -> None:
    heard = Heard()
    with watching(database, heard):
        wait_for(looks, 2)
        arguments = [sys.executable, "-c", CHANGE_ELSEWHERE, str(database.path)]
        subprocess.run(arguments, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert heard.next() == "changed"


def test_an_own_commit_is_noticed_like_any_other(database: Database, looks: threading.Semaphore) -> None:
    heard = Heard()
    with watching(database, heard):
        wait_for(looks, 2)
        with database.bulk() as link:
            link.execute(CHANGE)
        assert heard.next() == "changed"


def test_without_a_commit_there_is_silence(database: Database, looks: threading.Semaphore) -> None:
    heard = Heard()
    with watching(database, heard):
        wait_for(looks, 2)
        with pytest.raises(StoreError), database.bulk() as link:
            link.execute(f"{CHANGE}, no_such_column = 1")
        with database.reading() as link:
            link.execute("SELECT * FROM account").fetchall()
        wait_for(looks, 5)
        assert heard.nothing_more


def test_a_database_that_cannot_be_read_is_told_once_and_its_return_is_noticed(
    database: Database, looks: threading.Semaphore
) -> None:
    heard, aside = Heard(), database.path.with_suffix(".aside")
    with watching(database, heard):
        wait_for(looks, 2)
        database.path.rename(aside)
        assert "There is no database at" in heard.next()
        threading.Event().wait(PERIOD * 5)
        assert heard.nothing_more
        aside.rename(database.path)
        assert heard.next() == "changed"
        wait_for(looks, 3)
        assert heard.nothing_more


def test_a_restored_backup_is_noticed(database: Database, looks: threading.Semaphore, template: Path) -> None:
    heard = Heard()
    with watching(database, heard):
        wait_for(looks, 2)
        backup = database.path.with_suffix(".backup")
        backup.write_bytes(template.read_bytes())
        backup.replace(database.path)
        assert heard.next() == "changed"


def test_stop_ends_the_thread(database: Database) -> None:
    watch = Watch(database, lambda: None, period=PERIOD)
    watch.stop()
    watch = Watch(database, lambda: None, period=PERIOD)
    before = threading.active_count()
    watch.start()
    assert threading.active_count() == before + 1
    watch.stop()
    assert threading.active_count() == before
