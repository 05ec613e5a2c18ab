"""Opening the database that the settings name; a missing or older one is offered to be made or migrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxtui.config import Settings
from cxtui.store.database import Database
from cxtui.store.errors import MissingDatabase, OutdatedDatabase, StoreError


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that can be used."""

    database: Database


def open_database(settings: Settings, ask: Callable[[str], bool] = lambda question: False) -> Opened | str:
    """The database, or the sentence why there is none. ``ask`` is asked before anything is made or migrated."""
    database = Database(settings.db)
    try:
        database.check()
    except (MissingDatabase, OutdatedDatabase) as problem:
        missing = isinstance(problem, MissingDatabase)
        question = f"Make a new database at {settings.db}?" if missing else f"Bring {settings.db} up to date?"
        if not ask(f"{problem}\n{question}"):
            return str(problem)
        return _make(database, settings)
    except StoreError as problem:
        return str(problem)
    return Opened(database)


def _make(database: Database, settings: Settings) -> Opened | str:
    try:
        database.create_or_upgrade(settings.realm, settings.numbers)
        database.check()
    except StoreError as problem:
        return str(problem)
    return Opened(database)
