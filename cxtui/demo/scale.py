"""Fills a database with as many rows as a measurement wants, at the speed of the disk."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, time

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.fields import Entity, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import AllowedRange, Credential, SipUser
from cxtui.store import sqlite
from cxtui.store.database import Database
from cxtui.store.errors import StoreError, in_words
from cxtui.store.names import table_of

from . import crowd
from .crowd import Crowd
from .customers import OPERATOR, PROGRAM

MOST = 30_000_000
"""As many SIP users fit into number blocks that keep the rules."""

_PROFILES = ("agents", "supervisors", "phones")
_NOTED = ("change_id", "at", "operator", "program", "action", "entity", "entity_id", "label")


@dataclass(frozen=True, slots=True)
class Step:
    """One table that has been filled: its rows, and the seconds for the rows, their indexes and their search."""

    table: str
    rows: int
    writing: float
    indexing: float
    searching: float

    @property
    def seconds(self) -> float:
        """How long the table took."""
        return self.writing + self.indexing + self.searching


def fill(
    database: Database, users: int, entries: int, blocks: int, progress: Callable[[Step], None] = lambda step: None
) -> int:
    """Add so many SIP users, IP entries and blocks, with the companies and passwords they need; returns the rows.

    Each table is one transaction. The rows keep every rule among themselves and are audited as one. Raises
    ``StoreError``, such as for a database that was filled before.
    """
    total = 0
    with _loading(database) as link:
        whole = _crowd(link, users, entries, blocks)
        realm = str(link.execute("SELECT realm FROM account").fetchone()[0])
        words = f"filled with {users} SIP users, {entries} IP entries and {blocks} blocks"
        note = (uuid.uuid4().hex, whole.now, OPERATOR, PROGRAM, "CREATE", "account", 1, words)
        link.execute(_insert(AuditEntry, _NOTED), note)
        tables: tuple[tuple[type[Entity], Sequence[str], Iterator[crowd.Row]], ...] = (
            (Company, crowd.COMPANY, crowd.companies(whole)),
            (SipUser, crowd.SIP_USER, crowd.users(whole)),
            (AllowedRange, crowd.ALLOWED, crowd.allowed(whole)),
            (Credential, crowd.CREDENTIAL, crowd.credentials(whole, realm)),
            (IpAuth, crowd.IP_AUTH, crowd.entries(whole)),
            (Block, crowd.BLOCK, crowd.blocks(whole)),
        )
        for entity, given, rows in tables:
            step = _load(link, entity, given, rows)
            progress(step)
            total += step.rows
        link.execute("UPDATE account SET generation = generation + 1")
    return total


@contextmanager
def _loading(database: Database) -> Iterator[sqlite3.Connection]:
    """A writing connection for a load; what it wrote is on the disk once it ends."""
    with in_words(database.path):
        link = sqlite.connect(database.path, write=True)
        try:
            link.execute("PRAGMA cache_size = -131072")
            link.execute("PRAGMA temp_store = MEMORY")
            link.execute("PRAGMA threads = 2")
            link.execute("PRAGMA foreign_keys = 0")
            if link.execute("SELECT 1 FROM company LIMIT 1").fetchone() is None:
                # A loss of power during the load costs nothing but the load.
                link.execute("PRAGMA synchronous = OFF")
            yield link
            link.execute("PRAGMA synchronous = FULL")
            link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            link.close()


def _crowd(link: sqlite3.Connection, users: int, entries: int, blocks: int) -> Crowd:
    if max(users, 5 * entries, blocks) > MOST:
        raise StoreError(f"At most {MOST:,} rows of a kind can be made up; nothing was written.")
    sizes = crowd.shares(users)
    names = crowd.company_names(len(sizes))
    if link.execute("SELECT 1 FROM company WHERE name = ?", (names[0],)).fetchone():
        raise StoreError("This database was filled before; choose another file.")
    link.executemany(_insert(SipProfile, ("name",), "OR IGNORE"), [(name,) for name in _PROFILES])
    profiles = [link.execute("SELECT id FROM sip_profile WHERE name = ?", (name,)).fetchone()[0] for name in _PROFILES]
    return Crowd(
        users=users,
        entries=entries,
        blocks=blocks,
        now=time(),
        profiles=tuple(profiles),
        company_id=_next_id(link, Company),
        user_id=_next_id(link, SipUser),
        entry_id=_next_id(link, IpAuth),
        block_id=_next_id(link, Block),
        shares=sizes,
        starts=crowd.starts(sizes),
    )


def _next_id(link: sqlite3.Connection, entity: type[Entity]) -> int:
    found = link.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table_of(entity),)).fetchone()
    return int(found[0]) + 1 if found else 1


def _load(link: sqlite3.Connection, entity: type[Entity], given: Sequence[str], rows: Iterable[crowd.Row]) -> Step:
    """Write rows without the upkeep of indexes and search, then make those in one go."""
    table = table_of(entity)
    link.execute("BEGIN IMMEDIATE")
    try:
        indexes = link.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
        ).fetchall()
        searched = table in sqlite.SEARCHED
        _run(link, sqlite.drop_search_triggers(table) if searched else [])
        _run(link, [f"DROP INDEX {name}" for name, _ in indexes])
        began = perf_counter()
        written = link.executemany(_insert(entity, given), rows).rowcount
        wrote = perf_counter()
        _run(link, [statement for _, statement in indexes])
        indexed = perf_counter()
        _run(link, sqlite.rebuild_search(table) if searched else [])
        link.execute("COMMIT")
    except BaseException:
        link.execute("ROLLBACK")
        raise
    return Step(table, max(0, written), wrote - began, indexed - wrote, perf_counter() - indexed)


def _run(link: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        link.execute(statement)


def _insert(entity: type[Entity], given: Sequence[str], otherwise: str = "") -> str:
    """An INSERT of the ``given`` columns; the others are written into it with their defaults."""
    constant = {name: spec.default for name, spec in specs(entity).items() if name not in given}
    names = ", ".join([*given, "version", *constant])
    values = ", ".join([*("?" * len(given)), "1", *map(_literal, constant.values())])
    return f"INSERT {otherwise} INTO {table_of(entity)}({names}) VALUES ({values})"  # noqa: S608


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, bool | int | float):
        return str(int(value) if isinstance(value, bool) else value)
    return "'" + str(value).replace("'", "''") + "'"
