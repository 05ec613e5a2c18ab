"""All that is particular to SQLite: connections, pragmas, full-text search."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

BUSY_TIMEOUT_MS = 5_000

# Trigram tables answer "contains" over a million rows in a millisecond; triggers keep them true for every writer.
SEARCHED: dict[str, tuple[str, ...]] = {
    "company": ("name",),
    "sip_profile": ("name",),
    "ip_auth": ("address",),
    "sip_user": ("username",),
    "audit": ("operator", "label", "reason", "origin"),
    "block": ("address", "usernames", "user_agent", "reason"),
}


def create_file(path: Path) -> None:
    """Make an empty database file that only its owner may read; WAL and shared memory inherit the mode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; a reading one refuses every write."""
    mode = "rw" if write or os.access(path, os.W_OK) else "ro"
    link = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT_MS / 1000,
        cached_statements=256,
    )
    prepare(link)
    if not write:
        link.execute("PRAGMA query_only = 1")
    return link


def prepare(link: sqlite3.Connection) -> None:
    """Set what every connection needs. A commit reaches the disk before it is confirmed."""
    link.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    link.execute("PRAGMA foreign_keys = 1")
    link.execute("PRAGMA synchronous = FULL")


def use_wal(link: sqlite3.Connection) -> None:
    """Write-ahead logging, so that readers and the one writer never wait for each other; kept by the file."""
    link.execute("PRAGMA journal_mode = WAL")


def data_version(link: sqlite3.Connection) -> int:
    """A number that changes whenever another connection has committed."""
    version: int = link.execute("PRAGMA data_version").fetchone()[0]
    return version


def search_statements(table: str) -> list[str]:
    """The statements that add full-text search to ``table``."""
    columns = SEARCHED[table]
    names = ", ".join(columns)
    new = ", ".join(f"new.{column}" for column in columns)
    old = ", ".join(f"old.{column}" for column in columns)
    # An UPDATE that names a column without changing it, as every sighting of a block does, is left out.
    changed = " OR ".join(f"new.{column} IS NOT old.{column}" for column in columns)
    insert = f"INSERT INTO {table}_search(rowid, {names}) VALUES (new.id, {new});"
    delete = f"INSERT INTO {table}_search({table}_search, rowid, {names}) VALUES ('delete', old.id, {old});"
    return [
        f"CREATE VIRTUAL TABLE {table}_search USING fts5({names}, content='{table}', content_rowid='id',"
        " columnsize=0, tokenize='trigram')",
        f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {insert} END",
        f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {delete} END",
        f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF {names} ON {table}"
        f" WHEN {changed} BEGIN {delete} {insert} END",
    ]


def drop_search_triggers(table: str) -> list[str]:
    """The statements that stop the upkeep of the search, before a bulk load."""
    return [f"DROP TRIGGER {table}_search_{event}" for event in ("insert", "delete", "update")]


def rebuild_search(table: str) -> list[str]:
    """The statements that fill the search anew and take up its upkeep, after a bulk load."""
    # Sorting more in memory before it is written halves the time; other writers stay with what FTS5 does by itself.
    memory = f"INSERT INTO {table}_search({table}_search, rank) VALUES ('hashsize', %d)"
    rebuild = f"INSERT INTO {table}_search({table}_search) VALUES ('rebuild')"
    return [memory % (64 << 20), rebuild, memory % (1 << 20), *search_statements(table)[1:]]


def phrase(needle: str) -> str:
    """``needle`` as one full-text phrase, so that nothing in it is taken as an operator."""
    return '"' + needle.replace('"', '""') + '"'
