"""Which schema a database has, and bringing it to the one of this program."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from . import sqlite
from .errors import OutdatedDatabase, StoreError

# Known without importing Alembic, so that a start costs one query; a test holds it against the migrations.
REVISIONS = ("cxtui0001", "cxtui0002", "cxtui0003")


def revision(link: sqlite3.Connection) -> str | None:
    """The revision a database is at; None for one without a schema."""
    known = link.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if known is None:
        return None
    row = link.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def check(link: sqlite3.Connection, path: Path) -> None:
    """Raise unless the database is at the newest revision this program knows."""
    found = revision(link)
    if found == REVISIONS[-1]:
        return
    if found is None:
        _refuse_foreign(link, path)
        raise OutdatedDatabase(f"{path} has no cxtui tables yet. Make them with: cxtui init")
    if found in REVISIONS:
        raise OutdatedDatabase(f"{path} was made by an older cxtui. Bring it up to date with: cxtui init")
    raise StoreError(
        f"{path} was made by a newer cxtui (schema {found}); this one knows {REVISIONS[-1]}. Update cxtui."
    )


def upgrade(path: Path, realm: str, numbers: tuple[int, int]) -> bool:
    """Run the missing migrations in one transaction; True when there were any."""
    link = sqlite.connect(path, write=True)
    try:
        found = revision(link)
        if found == REVISIONS[-1]:
            return False
        if found is not None and found not in REVISIONS:
            check(link, path)
        if found is None:
            _refuse_foreign(link, path)
        sqlite.use_wal(link)
        _migrate(link, realm, numbers)
    finally:
        link.close()
    return True


def _refuse_foreign(link: sqlite3.Connection, path: Path) -> None:
    if link.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise StoreError(f"{path} is a database of another program.")


def _migrate(link: sqlite3.Connection, realm: str, numbers: tuple[int, int]) -> None:
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.pool import StaticPool

    engine = sa.create_engine("sqlite://", creator=lambda: link, poolclass=StaticPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        # Within the same transaction: a schema without its account could neither be used nor be mended.
        link.execute(
            "INSERT INTO account(id, version, realm, generation, number_range_start, number_block_size, audit_head,"
            " changed_at, addresses_at, rewrites_at)"
            " SELECT 1, 1, ?, 0, ?, ?, '', 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM account)",
            (realm, *numbers),
        )
        connection.commit()
