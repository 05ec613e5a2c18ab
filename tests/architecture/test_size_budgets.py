"""Small rooms: no file, class or function grows beyond what one sitting reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, label, tree_of

FILE_LINES = 300
CLASS_LINES = 250
FUNCTION_LINES = 50

# A migration is a frozen statement of one schema, not code to live in.
WRITTEN = [
    path
    for path in sorted(PACKAGE.rglob("*"))
    if path.suffix in {".py", ".tcss", ".sql"} and "versions" not in path.parts
]
PYTHON = [path for path in WRITTEN if path.suffix == ".py"]


def lines_of(node: ast.stmt) -> int:
    """The lines from `def` or `class` to the end."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def too_long(path: Path, kinds: tuple[type[ast.stmt], ...], budget: int) -> list[str]:
    """Each definition over its budget, as `file:line name, N lines`."""
    return [
        f"{label(path)}:{node.lineno} {getattr(node, 'name', '')}, {lines_of(node)} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, kinds) and lines_of(node) > budget
    ]


@pytest.mark.parametrize("path", [pytest.param(path, id=label(path)) for path in WRITTEN])
def test_a_file_is_within_its_budget(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", [pytest.param(path, id=label(path)) for path in PYTHON])
def test_a_function_is_within_its_budget(path: Path) -> None:
    assert too_long(path, (ast.FunctionDef, ast.AsyncFunctionDef), FUNCTION_LINES) == []


@pytest.mark.parametrize("path", [pytest.param(path, id=label(path)) for path in PYTHON])
def test_a_class_is_within_its_budget(path: Path) -> None:
    assert too_long(path, (ast.ClassDef,), CLASS_LINES) == []
