"""The parts of the README that the program says itself: its keys, its settings, its verbs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cxtui.cli.manual import MANUAL  # noqa: E402
from cxtui.config.samples import sample  # noqa: E402
from cxtui.ui.commands import Command, shown_key  # noqa: E402
from cxtui.ui.keymap import PLACES  # noqa: E402
from cxtui.ui.screens.help import MOVING  # noqa: E402

README = ROOT / "README.md"


def keys() -> str:
    """A table of every command: where, its keys, what it does, and the id under which the settings can change it."""
    lines = ["| Where | Key | What it does | Id |", "|---|---|---|---|"]
    for command, places in _commands().items():
        shown = " ".join(f"`{key}`" for key in _distinct(command.key))
        lines.append(f"| {_where(places)} | {shown} | {command.help} | `{command.id}` |")
    lines += [f"| Moving | {keys} | {words} | |" for keys, words in MOVING]
    return "\n".join(lines)


def settings() -> str:
    """The sample of the settings file."""
    return f"```toml\n{sample().rstrip()}\n```"


def verbs() -> str:
    """What the program says when it is asked for help."""
    return f"```text\n{MANUAL.rstrip()}\n```"


PARTS: Mapping[str, Callable[[], str]] = {"keys": keys, "settings": settings, "verbs": verbs}


def filled(text: str) -> str:
    """The README with each part between its markers as the program says it now."""
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: made by scripts/readme.py -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise SystemExit(f"README.md: the markers of {name} are missing")
        text = f"{before}{begin}\n{part()}\n{end}{after}"
    return text


def write() -> None:
    """Bring README.md up to date."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")


def _commands() -> dict[Command, list[str]]:
    """Every command with the places that have it."""
    found: dict[Command, list[str]] = {}
    for place, commands in PLACES.items():
        for command in commands:
            found.setdefault(command, []).append(place)
    return found


def _where(places: list[str]) -> str:
    """Where a command is, in words; one that all lists have is not said to be in each."""
    named = places[:1] if places[0] in ("everywhere", "lists") else places
    words = ", ".join(named).replace(" and ", ", ")
    return words[:1].upper() + words[1:]


def _distinct(keys: str) -> list[str]:
    """The keys of a command as an operator reads them; "A" and "shift+a" are one."""
    found = []
    for key in keys.split(","):
        name = key.removeprefix("shift+").upper() if re.fullmatch(r"shift\+[a-z]", key) else shown_key(key)
        if name not in found:
            found.append(name)
    return found


if __name__ == "__main__":
    write()
