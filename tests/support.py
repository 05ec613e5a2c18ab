"""What the tests of the store and the services share: a clock that can be set, and looks into the database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxtui.config import load
from cxtui.models.findings import Finding
from cxtui.services.context import Actor, Context
from cxtui.store import sqlite
from cxtui.store.database import Database

NOON = 1_700_000_000.0
"""When the tests take place."""

DAY = 86_400.0
REALM = "sip.example.net"
PASSWORD = "Xk7pQm2vRt4_wZ9h"
OTHER_PASSWORD = "Hn3bYc8sLd5-fJ6g"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def operator(database: Database, name: str, clock: Callable[[], float], **settings: str) -> Context:
    """A console of the operator ``name`` on the database."""
    nowhere = {"XDG_CONFIG_HOME": "/nonexistent"}
    return Context(database, Actor(name, "198.51.100.200", "tests"), load(nowhere, settings), clock)


def query(database: Database, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """What another program reads from the file, through a connection of its own."""
    link = sqlite.connect(database.path)
    try:
        return [tuple(row) for row in link.execute(statement, tuple(values))]
    finally:
        link.close()


def execute(database: Database, statement: str, values: Iterable[Any] = ()) -> None:
    """Another program changes the file behind the services' back."""
    link = sqlite.connect(database.path, write=True)
    try:
        link.execute(statement, tuple(values))
    finally:
        link.close()


def one(database: Database, statement: str, values: Iterable[Any] = ()) -> Any:
    """The single value that a query gives."""
    ((value,),) = query(database, statement, values)
    return value


@dataclass(frozen=True)
class Audited:
    """A row of the audit as the tests look at it."""

    id: int
    change_id: str
    at: float
    operator: str
    origin: str
    program: str
    action: str
    entity: str
    entity_id: int
    label: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    undoes: str


def audit(database: Database, after: int = 0) -> list[Audited]:
    """The audit from behind the row ``after`` on."""
    columns = "id, change_id, at, operator, origin, program, action, entity, entity_id, label, before, after, reason"
    rows = query(database, f"SELECT {columns}, undoes FROM audit WHERE id > ? ORDER BY id", (after,))
    names = [*columns.split(", "), "undoes"]
    images = [
        {
            **dict(zip(names, row, strict=True)),
            "before": json.loads(row[10] or "{}"),
            "after": json.loads(row[11] or "{}"),
        }
        for row in rows
    ]
    return [Audited(**image) for image in images]


def generation(database: Database) -> int:
    """How many changes have been counted."""
    return int(one(database, "SELECT generation FROM account"))


def dump(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All that the database says, without what every change moves: versions, the audit, the generation, retired HA1s
    and the ids of derived rows.
    """
    link = sqlite.connect(database.path)
    tables = ("company", "sip_profile", "ip_auth", "sip_user", "allowed_range", "credential", "edge", "block", "hold")
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        for table in tables:
            cursor = link.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            for row in rows:
                del row["version"]
                if table in ("allowed_range", "credential", "hold"):
                    del row["id"]
            found[table] = sorted((row for row in rows if not row.get("retired_by")), key=repr)
    finally:
        link.close()
    return found


def bytes_of(database: Database) -> bytes:
    """Every byte that stands in the database's files, the write-ahead log included."""
    return b"".join(
        path.read_bytes() for path in sorted(database.path.parent.glob(f"{database.path.name}*")) if path.is_file()
    )


def codes(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Each finding of a requirement as severity, field and code; those without are remarks on special addresses."""
    return [(finding.severity.value, finding.field, finding.code) for finding in findings if finding.code]


def said(findings: Iterable[Finding], field: str) -> str:
    """All that is said of a field."""
    return "; ".join(finding.text for finding in findings if finding.field == field)


def migrated(path: Path) -> Database:
    """A new database of this program."""
    database = Database(path)
    database.create_or_upgrade(REALM)
    return database
