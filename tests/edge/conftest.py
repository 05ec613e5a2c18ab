"""What the tests with a real switch start with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from cxtui.services.context import Context
from cxtui.store.database import Database
from tests.edge.bench import Bench
from tests.support import operator


@pytest.fixture
def noc(database: Database) -> Context:
    """An operator's console, by the real clock: agents go by it too."""
    return operator(database, "alice", time)


@pytest.fixture
def edges(noc: Context, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Makes edges over the database of the test, started unless ``start=False``; they end with the test."""
    made: list[Bench] = []

    def make(start: bool = True, **site: Any) -> Bench:
        bench = Bench(noc, tmp_path, **{"name": f"edge{len(made) + 1}", **site})
        made.append(bench)
        return bench.start() if start else bench

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def edge(edges: Callable[..., Bench]) -> Bench:
    """One running edge."""
    return edges()
