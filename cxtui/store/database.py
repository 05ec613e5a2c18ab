"""One database file: its reading connections, its transactions, and whether it can be used at all."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import schema, sqlite
from .errors import MissingDatabase, StoreError, in_words

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session


class Database:
    """A database in use. Any thread may read and write; each thread gets a reading connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._links: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()
        self._mine = threading.local()

    def check(self) -> None:
        """Raise ``StoreError`` unless the file exists and has the schema of this program."""
        with self.reading() as link:
            schema.check(link, self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's reading connection; errors of the driver become ``StoreError``."""
        with in_words(self.path):
            yield self._link()

    def _link(self) -> sqlite3.Connection:
        link: sqlite3.Connection | None = getattr(self._mine, "link", None)
        file = self._identity()
        # An open connection outlives its file: without this, a deleted or restored database would be read for ever.
        if link is not None and (link.in_transaction or self._mine.file == file):
            return link
        link = sqlite.connect(self.path)
        self._mine.link, self._mine.file = link, file
        self._keep(link)
        return link

    def _identity(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise MissingDatabase(f"There is no database at {self.path}. Make one with: cxtui init") from None
        return found.st_dev, found.st_ino

    def _keep(self, link: sqlite3.Connection) -> None:
        """Remember a connection to close; those of threads that ended, and this thread's last one, are closed now."""
        me = threading.current_thread()
        with self._lock:
            for thread, old in self._links:
                if thread is me or not thread.is_alive():
                    old.close()
            self._links = [kept for kept in self._links if kept[0] is not me and kept[0].is_alive()]
            self._links.append((me, link))

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """As ``reading``, with one unchanging view of the data for all its statements."""
        with self.reading() as link:
            link.execute("BEGIN")
            try:
                yield link
            finally:
                if link.in_transaction:
                    link.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing session: all of it is committed at the end, or nothing if anything is raised."""
        from sqlmodel import Session

        with in_words(self.path), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def bulk(self) -> Iterator[sqlite3.Connection]:
        """A bare writing connection in one transaction, for loads and event streams too fast for an ORM."""
        with in_words(self.path):
            link = sqlite.connect(self.path, write=True)
            try:
                link.execute("BEGIN IMMEDIATE")
                yield link
                link.execute("COMMIT")
            finally:
                link.close()

    @cached_property
    def _engine(self) -> Engine:
        import sqlalchemy as sa
        from sqlalchemy.pool import NullPool

        def creator() -> sqlite3.Connection:
            return sqlite.connect(self.path, write=True)

        engine = sa.create_engine("sqlite://", creator=creator, poolclass=NullPool)

        def begin(connection: Any) -> None:
            # Taking the write lock at once makes a wait, never a failure half way, out of two writers.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        sa.event.listen(engine, "begin", begin)
        return engine

    def create_or_upgrade(self, realm: str, numbers: tuple[int, int] = (1000, 1000)) -> bool:
        """Make the file, or bring it to the schema of this program; True when something was done.

        ``realm`` and ``numbers`` (the Internal Number Range Start and its Block Size) are for a new account. Raises
        ``StoreError`` when the file is newer than the program or is no database of cxtui.
        """
        try:
            if not self.path.exists() or self.path.stat().st_size == 0:
                sqlite.create_file(self.path)
        except OSError as problem:
            raise StoreError(f"The database {self.path} cannot be made: {problem.strerror}.") from problem
        with in_words(self.path):
            return schema.upgrade(self.path, realm, numbers)

    def close(self) -> None:
        """Close every connection; the object may not be used afterwards."""
        with self._lock:
            for _, link in self._links:
                link.close()
            self._links.clear()
        if "_engine" in self.__dict__:
            self._engine.dispose()
