"""What importing a module really loads, asked of a fresh interpreter: the run-time twin of the layer tests."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.architecture.source import PACKAGE, ROOT, module_of, python_files, room_of

DATABASE = ("sqlmodel", "sqlalchemy", "pydantic", "alembic")
LAZY = (*DATABASE, "netaddr", "pyperclip")
HEAVY = (*LAZY, "textual", "rich")

# Module or whole room → what importing it must not load.
MUST_NOT_LOAD: dict[str, tuple[str, ...]] = {
    "cxtui": HEAVY,
    "cxtui.__main__": HEAVY,
    "cxtui.cli": HEAVY,
    "cxtui.config": HEAVY,
    "cxtui.models": HEAVY,
    "cxtui.rules": HEAVY,
    "cxtui.services": ("textual", "rich"),
    "cxtui.store": ("textual", "rich"),
    "cxtui.voicemail": HEAVY,
    "cxtui.ui.app": LAZY,
}

PROBE = """
import importlib, json, sys
modules, unwanted = json.loads(sys.argv[1])
blame = {}
for module in modules:
    importlib.import_module(module)
    for name in unwanted:
        if name in sys.modules:
            blame.setdefault(name, module)
print(json.dumps(blame))
"""


def exists(name: str) -> bool:
    """Whether a dotted name of ours is written yet."""
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path.is_dir() or path.with_suffix(".py").is_file()


def modules_of(name: str) -> list[str]:
    """A module itself, or every module of a room."""
    room = name.removeprefix("cxtui").removeprefix(".")
    if not (room and (PACKAGE / room).is_dir()):
        return [name]
    return [module_of(path) for path in python_files() if room_of(path) == room and "migrations" not in path.parts]


@pytest.mark.parametrize("name", [name for name in MUST_NOT_LOAD if exists(name)])
def test_importing_it_loads_nothing_that_slows_the_first_screen(name: str) -> None:
    asked = json.dumps([modules_of(name), MUST_NOT_LOAD[name]])
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, asked], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert probe.returncode == 0, probe.stderr
    blame: dict[str, str] = json.loads(probe.stdout)
    assert [f"{module} loads {loaded}" for loaded, module in blame.items()] == []
