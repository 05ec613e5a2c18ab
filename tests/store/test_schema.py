"""The migrations, the tables and the list of revisions say the same."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import cxtui.store.migrations
from cxtui.models.fields import specs
from cxtui.store import schema, sqlite
from cxtui.store.database import Database
from cxtui.store.names import TABLE_OF
from cxtui.store.tables import METADATA
from tests.support import execute, one, query

SCRIPTS = Path(cxtui.store.migrations.__file__).parent


def test_the_revisions_known_at_start_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(SCRIPTS))
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == schema.REVISIONS


def test_the_migrated_schema_is_that_of_the_tables(database: Database) -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, against: Any) -> bool:
        return not (kind == "table" and name is not None and "_search" in name)

    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(database.path))
    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
    engine.dispose()


def test_every_entity_has_a_table_with_its_fields(database: Database) -> None:
    for entity, table in TABLE_OF.items():
        columns = {row[1] for row in query(database, f"PRAGMA table_info({table})")}
        assert columns == {"id", "version", *specs(entity)}, table


def test_ids_are_never_given_out_twice(database: Database) -> None:
    """An undo or an old audit row must never point at a newer row."""
    for table in TABLE_OF.values():
        assert "AUTOINCREMENT" in one(database, "SELECT sql FROM sqlite_master WHERE name = ?", (table,)), table


def test_the_file_passes_its_integrity_checks(database: Database) -> None:
    assert query(database, "PRAGMA integrity_check") == [("ok",)]
    assert query(database, "PRAGMA foreign_key_check") == []


def test_the_search_follows_every_writer(template: Path, tmp_path: Path) -> None:
    database = Database(Path(shutil.copy(template, tmp_path / "cxtui.db")))

    def found(needle: str) -> list[tuple[Any, ...]]:
        return query(
            database, "SELECT rowid FROM company_search WHERE company_search MATCH ?", (sqlite.phrase(needle),)
        )

    ((acme,),) = query(database, "SELECT id FROM company WHERE name = 'Acme Telecom'")
    assert found("telec") == [(acme,)]
    execute(database, "UPDATE company SET name = 'Zenith' WHERE id = ?", (acme,))
    assert found("telec") == []
    assert found("zenit") == [(acme,)]
    execute(database, "UPDATE company SET notes = 'x' WHERE id = ?", (acme,))
    assert found("zenit") == [(acme,)]
    execute(database, "DELETE FROM company WHERE id = ?", (acme,))
    assert found("zenit") == []
    execute(database, "INSERT INTO company_search(company_search) VALUES ('integrity-check')")
