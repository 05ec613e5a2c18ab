"""The parts of the README that the program says itself: its keys, its settings, its verbs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cxtui.config import sample  # noqa: E402
from cxtui.ui.commands import Command, shown_key  # noqa: E402
from cxtui.ui.keymap import PLACES  # noqa: E402

README = ROOT / "README.md"


def keys() -> str:
    """A table of every command: where, its keys, what it does, and the id under which the settings can change it."""
    lines = ["| Where | Key | What it does | Id |", "|---|---|---|---|"]
    seen: set[str] = set()
    for place, command in _commands():
        if command.id not in seen:
            seen.add(command.id)
            shown = " ".join(f"`{key}`" for key in _distinct(command.key))
            lines.append(f"| {place} | {shown} | {command.help} | `{command.id}` |")
    return "\n".join(lines)


def settings() -> str:
    """The sample of the settings file."""
    return f"```toml\n{sample().rstrip()}\n```"


def verbs() -> str:
    """What the program says when it is asked for help."""
    from cxtui.cli.manual import MANUAL

    return f"```text\n{MANUAL.rstrip()}\n```"


PARTS: Mapping[str, Callable[[], str]] = {"keys": keys, "settings": settings}


def filled(text: str) -> str:
    """The README with each part between its markers as the program says it now."""
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: made by scripts/readme.py -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise SystemExit(f"README.md: the markers of {name} are not there once")
        made = f"{begin}\n{part()}\n{end}"
        text = pattern.sub(lambda _, made=made: made, text)
    return text


def write() -> None:
    """Bring README.md up to date."""
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")


def _commands() -> Iterator[tuple[str, Command]]:
    for place, commands in PLACES.items():
        for command in commands:
            yield place[:1].upper() + place[1:], command


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
