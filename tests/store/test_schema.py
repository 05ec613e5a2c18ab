"""The migrations, the tables and the list of revisions say the same."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

import cxtui.store.migrations
from cxtui.models.company import Company
from cxtui.models.fields import specs
from cxtui.store import schema, sqlite
from cxtui.store.database import Database
from cxtui.store.names import TABLES, entity_of
from cxtui.store.rows import first
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
        options = {"include_object": ours, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
    engine.dispose()


def test_a_database_of_the_first_part_is_brought_up_to_date_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "cxtui.db"
    link = sqlite3.connect(path, isolation_level=None)
    engine = create_engine("sqlite://", creator=lambda: link, poolclass=StaticPool)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, schema.REVISIONS[0])
    link.execute("INSERT INTO account VALUES (1, 1, 'old.example', 7, 1000, 1000, '')")
    link.execute("INSERT INTO company VALUES (1, 3, 'Acme', 'customer', 'active', 5, 0, 0, 0, '')")
    link.close()
    database = Database(path)
    assert database.create_or_upgrade("unused.example")
    with database.reading() as reading:
        company = first(reading, Company, "name = ?", ("Acme",))
    assert company == Company(id=1, version=3, name="Acme", channels=5)
    assert one(database, "SELECT realm FROM account") == "old.example"
    assert not database.create_or_upgrade("unused.example")
    database.close()


def test_every_entity_has_a_table_with_its_fields(database: Database) -> None:
    for table in TABLES:
        columns = {row[1] for row in query(database, f"PRAGMA table_info({table})")}
        assert columns == {"id", "version", *specs(entity_of(table))}, table


def test_ids_are_never_given_out_twice(database: Database) -> None:
    """An undo or an old audit row must never point at a newer row."""
    for table in TABLES:
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
