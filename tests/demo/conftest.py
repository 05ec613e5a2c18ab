"""What the tests of the demo start with: an empty database, and one with the sample customers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from time import time

import pytest

from cxtui.demo import customers
from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.support import migrated, operator


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row of its own."""
    database = migrated(tmp_path_factory.mktemp("empty") / "cxtui.db")
    database.close()
    return database.path


@pytest.fixture(scope="session")
def sample_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample customers."""
    database = Database(Path(shutil.copy(empty_file, tmp_path_factory.mktemp("sample") / "cxtui.db")))
    customers.add(operator(database, "setup", time))
    database.close()
    return database.path


@pytest.fixture
def empty(empty_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database of its own for the test."""
    database = Database(Path(shutil.copy(empty_file, tmp_path / "empty.db")))
    yield database
    database.close()


@pytest.fixture
def console(sample_file: Path, tmp_path: Path) -> Iterator[Context]:
    """An operator's console on the sample customers, by the wall clock, which is the one the play goes by."""
    database = Database(Path(shutil.copy(sample_file, tmp_path / "sample.db")))
    yield operator(database, "alice", time)
    database.close()
