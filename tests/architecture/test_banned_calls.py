"""Calls and words that must not appear: text taken for markup, colours outside the themes, names of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, called_name, committed_files, label, python_files, room_of, tree_of

# Each of these takes a plain string for markup: text from the network raises there, or loses what is in brackets.
MARKUP_CALLS = {"Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "Tab", "TabPane", "Collapsible"}
MARKUP_METHODS = {"update", "notify"}
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}

UI_FILES = [path for path in python_files() if room_of(path) == "ui"]
STYLED = [path for path in sorted((PACKAGE / "ui").rglob("*")) if path.suffix in {".py", ".tcss"}]
THEMES = PACKAGE / "ui" / "themes.py"

HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})(?![\w-])|:[^;{\n]*#[0-9a-fA-F]{3,4}(?![\w-])")

# Put together here, so that this file is not its own first finding.
BANNED_WORDS = [
    re.compile(rb"(?<![\w./-])/" + b"work/"),
    re.compile(b"farm" + b"-studio"),
    re.compile(b"tty" + b"bench"),
    re.compile(b"/opt/" + b"(?:wheels|pypi)"),
    re.compile(b"pypi" + rb"\.org"),
    re.compile(b"python" + rb"hosted\.org"),
    re.compile(b"npmjs" + rb"\.(?:org|com)"),
    re.compile(b"deb" + rb"\.debian\.org"),
]


def has_values(node: ast.expr) -> bool:
    """Whether an expression is a string with values put into it: an f-string, `%`, `.format`, or a sum with one."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        literal = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        return (isinstance(node.op, ast.Mod) and literal) or has_values(node.left) or has_values(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return isinstance(node.func.value, ast.Constant)
    return False


def reads_markup(target: ast.expr) -> bool:
    """Whether what is assigned to here is taken for markup."""
    return isinstance(target, ast.Attribute) and target.attr in MARKUP_ATTRIBUTES


def text_taken_for_markup(tree: ast.Module) -> Iterator[int]:
    """The lines that hand a string with values to something that reads markup."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            method = isinstance(node.func, ast.Attribute) and node.func.attr in MARKUP_METHODS
            first = [*node.args[:1], *(entry.value for entry in node.keywords if entry.arg in {"content", "message"})]
            if (method or called_name(node) in MARKUP_CALLS) and any(has_values(value) for value in first):
                yield node.lineno
        elif isinstance(node, ast.Assign) and has_values(node.value) and any(map(reads_markup, node.targets)):
            yield node.lineno


def markup_escapes(tree: ast.Module) -> Iterator[int]:
    """The lines that use `markup.escape`, which still lets text through that raises."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("markup"):
            if any(alias.name == "escape" for alias in node.names):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr == "escape" and ast.unparse(node.value).endswith("markup"):
            yield node.lineno


def prints(tree: ast.Module) -> Iterator[int]:
    """The lines that print."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno


def written_colours(path: Path) -> Iterator[int]:
    """The lines that write a colour as numbers: strings of a Python file, any line of a stylesheet."""
    if path.suffix == ".py":
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HEX_COLOUR.search(node.value):
                yield node.lineno
    else:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if HEX_COLOUR.search(line):
                yield number


def at(path: Path, lines: Iterator[int]) -> list[str]:
    """Findings as `file:line`."""
    return [f"{label(path)}:{line}" for line in lines]


def test_no_text_with_values_is_handed_to_something_that_reads_markup() -> None:
    assert [place for path in UI_FILES for place in at(path, text_taken_for_markup(tree_of(path)))] == []


def test_nothing_relies_on_escaping_markup() -> None:
    assert [place for path in UI_FILES for place in at(path, markup_escapes(tree_of(path)))] == []


def test_colours_are_written_only_in_the_themes() -> None:
    assert [place for path in STYLED if path != THEMES for place in at(path, written_colours(path))] == []


def test_only_the_command_line_prints() -> None:
    quiet = [path for path in python_files() if room_of(path) not in {"cli", "__main__"}]
    assert [place for path in quiet for place in at(path, prints(tree_of(path)))] == []


def test_no_file_names_a_machine_or_a_package_registry() -> None:
    found = [
        f"{label(path)}: {match.group().decode()}"
        for path in committed_files()
        for word in BANNED_WORDS
        if (match := word.search(path.read_bytes()))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_names_no_place_to_fetch_from(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [
        line for line in text.splitlines() if ":" + "//" in line or "--find-links" in line or "-index" in line
    ] == []


@pytest.mark.parametrize(
    ("finder", "line"),
    [
        (text_taken_for_markup, 'Static(f"{name}")'),
        (text_taken_for_markup, 'widgets.Label("a" + f"{name}")'),
        (text_taken_for_markup, 'self.status.update(f"{name}")'),
        (text_taken_for_markup, 'self.app.notify(message="%s" % name)'),
        (text_taken_for_markup, 'self.border_title = f"{name}"'),
        (markup_escapes, "from rich.markup import escape"),
        (markup_escapes, "text = markup.escape(name)"),
        (prints, 'print("x")'),
    ],
)
def test_the_search_finds_what_it_is_for(finder: Callable[[ast.Module], Iterator[int]], line: str) -> None:
    assert list(finder(ast.parse(line))) == [1]


@pytest.mark.parametrize("line", ['Static("[b]plain[/]")', 'Static(plain(f"{name}"))', 'row.update(key=f"{name}")'])
def test_the_search_leaves_literals_and_cleaned_text_alone(line: str) -> None:
    assert list(text_taken_for_markup(ast.parse(line))) == []


@pytest.mark.parametrize(
    ("text", "found"), [("#1a2B3c", True), ("color: #abc;", True), ("#add {", False), ("#id-1", False)]
)
def test_a_colour_is_told_from_a_name(text: str, found: bool) -> None:
    assert bool(HEX_COLOUR.search(text)) is found
