"""What every terminal test starts with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where the tiny console writes what happened to it."""
    path = tmp_path / "notes"
    path.touch()
    return path


@pytest.fixture
def secret() -> str:
    """What the tiny console copies."""
    return "correct-horse-battery"


@pytest.fixture
def tiny(notes: Path, secret: str) -> list[str]:
    """The command line of the tiny console; words may follow."""
    script = Path(__file__).parent / "apps" / "tiny.py"
    return ["env", f"PYTHONPATH={ROOT}", f"TINY_TEXT={secret}", sys.executable, str(script), str(notes)]
