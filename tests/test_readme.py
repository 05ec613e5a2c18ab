"""The README says what the program does: its commands run, its tables are the program's own, its pictures are there."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.__main__ import main
from scripts import readme

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", "\n".join(re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)), re.MULTILINE)
INSTALLERS = {"pipx install .", "uv tool install .", "python3 -m pip install ."}


def words_of(program: str) -> Iterator[list[str]]:
    """The words after the program's name in each command of the README that calls it, without redirections."""
    for command in COMMANDS:
        words = shlex.split(command.partition(" > ")[0])
        if words[0] == program:
            yield words[1:]


def test_the_keys_settings_and_verbs_are_those_of_the_program() -> None:
    assert readme.filled(TEXT) == TEXT, "run: python scripts/readme.py"


def test_every_command_of_the_readme_is_of_a_known_program() -> None:
    known = {"make", "cxtui", "mkdir", "umask", "sqlite3"}
    assert {command for command in COMMANDS if command.split()[0] not in known} == INSTALLERS


def test_every_verb_of_the_readme_does_what_it_says_in_the_order_it_stands_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("CXTUI_DB", "CXTUI_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    verbs = [words for words in words_of("cxtui") if words]
    assert {words[0] for words in verbs} >= {"init", "company", "ip", "sip", "block", "unblock", "find", "undo"}
    for words in verbs:
        assert main(words) == 0, (words, capsys.readouterr().err)


def test_every_target_of_make_in_the_readme_is_there() -> None:
    wanted = list(words_of("make"))
    assert wanted[0] == ["demo"]
    assert ["test"] in wanted
    for words in wanted:
        done = subprocess.run(["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_picture_and_page_that_the_readme_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_picture_is_named_in_the_readme_or_drawn_for_another_page() -> None:
    from scripts.screenshots import SCENES

    drawn = {f"{scene.name}.svg" for scene in SCENES}
    assert {path.name for path in (ROOT / "screenshots").iterdir()} == drawn


def test_the_pictures_need_nothing_from_elsewhere() -> None:
    for path in (ROOT / "screenshots").glob("*.svg"):
        picture = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"href|@import|@font-face|<script|url\(", picture), path.name
        assert len(picture) < 40_000, path.name


def test_what_troubleshooting_quotes_is_what_the_program_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "cxtui").rglob("*.py")))
    section = TEXT.partition("## When something is wrong")[2].partition("\n## ")[0]
    quoted = re.findall(r'^\| "([^"]+)"', section, re.MULTILINE)
    assert len(quoted) >= 6
    for words in quoted:
        for part in filter(None, (part.strip() for part in words.split("…"))):
            assert part in source, part
