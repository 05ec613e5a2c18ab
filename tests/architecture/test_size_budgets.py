"""Small rooms: no file, class or function grows beyond what one sitting reads."""

from __future__ import annotations

import ast

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


def too_long(kinds: tuple[type[ast.stmt], ...], budget: int) -> list[str]:
    """Each definition over its budget, as `file:line name, N lines`."""
    return [
        f"{label(path)}:{node.lineno} {getattr(node, 'name', '')}, {lines_of(node)} lines"
        for path in PYTHON
        for node in ast.walk(tree_of(path))
        if isinstance(node, kinds) and lines_of(node) > budget
    ]


def test_every_file_is_within_its_budget() -> None:
    lengths = {label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in WRITTEN}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_every_function_is_within_its_budget() -> None:
    assert too_long((ast.FunctionDef, ast.AsyncFunctionDef), FUNCTION_LINES) == []


def test_every_class_is_within_its_budget() -> None:
    assert too_long((ast.ClassDef,), CLASS_LINES) == []
