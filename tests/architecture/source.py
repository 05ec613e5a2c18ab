"""What the architecture tests read of the project: its files, its rooms and its imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "cxtui"
MADE_BY_TOOLS = {"build", "dist", "__pycache__"}


@dataclass(frozen=True, kw_only=True)
class Import:
    """One imported dotted name, where it stands, and whether importing the module runs it."""

    name: str
    line: int
    at_import: bool

    @property
    def top(self) -> str:
        """The distribution-level name: `textual` of `textual.widgets`."""
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """The room of ours it enters, "" for `cxtui` itself (its version) and for other packages."""
        parts = self.name.split(".")
        if parts[0] != "cxtui" or len(parts) == 1:
            return ""
        known = (PACKAGE / parts[1]).is_dir() or (PACKAGE / f"{parts[1]}.py").is_file()
        return parts[1] if known else ""


def python_files() -> list[Path]:
    """Every Python file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def label(path: Path) -> str:
    """A path as the project writes it."""
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The room a file of the package stands in: its folder, or its own name beside the folders."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def module_of(path: Path) -> str:
    """The dotted name under which a file of the package is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(path: Path) -> list[Import]:
    """Every import of a file: at any depth, relative ones resolved, `import_module("…")` included."""
    module = module_of(path).split(".")
    package = module if path.name == "__init__.py" else module[:-1]
    return list(_imports(tree_of(path), package, at_import=True))


def _imports(node: ast.AST, package: list[str], *, at_import: bool) -> Iterator[Import]:
    for name in _imported_names(node, package):
        yield Import(name=name, line=getattr(node, "lineno", 0), at_import=at_import)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        at_import = False
    unrun = node.body if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING" else []
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, package, at_import=at_import and child not in unrun)


def _imported_names(node: ast.AST, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        source = ".".join([*base, *([node.module] if node.module else [])])
        return [f"{source}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _name(node.func) in {"import_module", "__import__"} and node.args:
        target = node.args[0]
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            return [target.value]
    return []


def _name(node: ast.expr) -> str:
    """The last word of `name` or `some.name`, "" for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def called_name(call: ast.Call) -> str:
    """The last word of what is called: `update` of `self.status.update(…)`."""
    return _name(call.func)


def committed_files() -> list[Path]:
    """Every file that is, or would be, committed; in a copy without git, every file no tool made."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not _is_made_by_tools(path)]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def _is_made_by_tools(path: Path) -> bool:
    folders = path.relative_to(ROOT).parts[:-1]
    return any(part in MADE_BY_TOOLS or (part.startswith(".") and part != ".ci") for part in folders)
