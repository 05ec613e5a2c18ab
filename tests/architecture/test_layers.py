"""Who may know whom, read from the imports of every file."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.architecture.source import PACKAGE, Import, imports_of, label, python_files, room_of

BELOW_UI = {"config", "models", "rules", "store", "services", "edge", "firewall", "sip", "demo"}

# Each room and the rooms it may know besides itself. A room that is not here has no place yet.
MAY_KNOW: dict[str, set[str]] = {
    "models": set(),
    "config": {"models"},
    "rules": {"models"},
    "store": {"models", "rules"},
    "voicemail": {"models", "rules"},
    "sip": {"models", "rules"},
    "services": {"store", "voicemail", "sip", "rules", "models", "config"},
    "edge": {"store", "services", "sip", "rules", "models", "config"},
    "firewall": {"store", "services", "rules", "models"},
    # The demo makes the voicemail server that others only find.
    "demo": {*BELOW_UI, "voicemail", "ui"},
    "ui": {"services", "rules", "models", "config"},
    "cli": {*BELOW_UI, "ui"},
    "__main__": {"cli", *BELOW_UI, "ui"},
    "__init__": set(),
}
ENTRY_ROOMS = {"cli", "__main__"}

UI_TOOLKITS = {"textual", "rich"}
DATABASE_PACKAGES = {"sqlmodel", "sqlalchemy", "alembic", "sqlite3"}
FORBIDDEN_PACKAGES = dict.fromkeys(BELOW_UI, UI_TOOLKITS) | {
    "ui": DATABASE_PACKAGES,
    "voicemail": {*UI_TOOLKITS, *DATABASE_PACKAGES} - {"sqlite3"},
}

ROOMS = sorted({room_of(path) for path in python_files()})


def against(room: str, rule: Callable[[Import], bool]) -> list[str]:
    """The imports of a room that break a rule, as `file:line imports name`."""
    paths = [path for path in python_files() if room_of(path) == room]
    return [f"{label(path)}:{one.line} imports {one.name}" for path in paths for one in imports_of(path) if rule(one)]


def test_every_room_has_a_place_in_the_table() -> None:
    rooms = {room_of(path) for path in PACKAGE.iterdir() if path.is_dir() or path.suffix == ".py"} - {"__pycache__"}
    assert rooms - MAY_KNOW.keys() == set(), "MAY_KNOW does not list these rooms: say whom they may know"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_it_may_know(room: str) -> None:
    allowed = {"", room, *MAY_KNOW.get(room, set())}
    assert against(room, lambda one: one.room not in allowed) == []


@pytest.mark.parametrize("room", ROOMS)
def test_toolkits_stay_in_the_ui_and_the_database_out_of_it(room: str) -> None:
    forbidden = FORBIDDEN_PACKAGES.get(room, set())
    assert against(room, lambda one: one.top in forbidden) == []


@pytest.mark.parametrize("room", sorted(ENTRY_ROOMS))
def test_an_entry_point_loads_only_the_standard_library_and_ourselves(room: str) -> None:
    quick = {"cxtui", *sys.stdlib_module_names}
    assert against(room, lambda one: one.at_import and one.top not in quick) == []
