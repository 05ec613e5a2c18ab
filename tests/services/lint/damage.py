"""What another program writes, without the checks that every program of ours has."""

from __future__ import annotations

import sqlite3

from cxtui.store.database import Database


def damage(database: Database, statement: str) -> None:
    """Change the file behind the services' back, references to nothing included."""
    link = sqlite3.connect(database.path, isolation_level=None)
    link.execute(statement)
    link.close()
