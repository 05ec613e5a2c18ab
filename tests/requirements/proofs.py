"""Which test proves which requirement: read from the docstrings of the tests, without running any."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
PARTS = tuple(Path(__file__).with_name(f"part{number}.txt") for number in (1, 2, 3))

_ID = re.compile(r"\b(?:[SW]-\d{3}|C-\d{2})\b")
_SPAN = re.compile(r"\b([SW])-(\d{3})…(?:[SW]-)?(\d{3})\b")


def wanted() -> list[str]:
    """The ids of the parts that are there, in their order."""
    return [key for part in PARTS for key in part.read_text(encoding="utf-8").split()]


def proofs() -> dict[str, list[str]]:
    """Each id that a docstring names, with the tests that do, as `file::test`."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, words in _documented(ast.parse(path.read_text(encoding="utf-8"))):
            for key in named(words):
                found.setdefault(key, []).append(f"{path.relative_to(TESTS.parent)}::{name}")
    return found


def named(words: str) -> list[str]:
    """The ids in a docstring, in their order; "S-100…S-102" names all three."""
    spans = [
        f"{span[1]}-{number:03d}" for span in _SPAN.finditer(words) for number in range(int(span[2]), int(span[3]) + 1)
    ]
    return sorted({*spans, *_ID.findall(words)})


def _documented(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            words = ast.get_docstring(node)
            if words:
                yield node.name, words
