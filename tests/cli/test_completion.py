"""Completion scripts: bash itself is asked what it would offer."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from cxtui.cli.completion import SHELLS
from cxtui.cli.tree import tree

ASK = """
set -u
source "$1"
ask() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _cxtui
  printf '%s ' "${COMPREPLY[@]}"
  echo
}
"""
VERBS = list(tree().walk())


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory):
    """What bash offers for the words of each of several command lines, of which the last one is being typed."""
    script = tmp_path_factory.mktemp("completion") / "cxtui.bash"
    script.write_text("\n".join(SHELLS["bash"](tree())), encoding="utf-8")

    def offered(*lines: str) -> list[list[str]]:
        asked = "".join(f"ask {line}\n" for line in lines)
        done = subprocess.run(
            ["bash", "--norc", "-c", ASK + asked, "bash", str(script)], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return [line.split() for line in done.stdout.splitlines()]

    return offered


def test_bash_offers_the_verbs_of_every_place(bash):
    groups = [verb for verb in VERBS if verb.verbs]
    assert bash(*(f"{verb.path} ''" for verb in groups)) == [[inner.name for inner in verb.verbs] for verb in groups]


def test_bash_offers_the_options_of_every_verb(bash):
    wanted = [[name for option in (*verb.options, *verb.common) for name in option.names] for verb in VERBS]
    assert bash(*(f"{verb.path} -" for verb in VERBS)) == wanted
    assert all({"--db", "--json", "--help"} <= set(names) for names in wanted)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cxtui si", ["sip"]),
        ("cxtui sip a", ["add"]),
        ("cxtui sip add --ch", ["--channels"]),
        ("cxtui sip add 'Acme Telecom' 1001 --nat-ping ''", ["disabled", "enabled", "timeout"]),
        ("cxtui sip add A --nat-ping t", ["timeout"]),
        ("cxtui sip add A --enabled ''", ["yes", "no"]),
        ("cxtui ip add A 192.0.2.1 --direction b", ["both"]),
        ("cxtui company set A --status p", ["pending", "pending_approval", "penalty"]),
        ("cxtui --db x.db sip l", ["list"]),
        ("cxtui --json sip list --co", ["--company", "--config"]),
        ("cxtui sip list --company list --f", ["--filter"]),
        ("cxtui sip list --company = list --f", ["--filter"]),
        ("cxtui import u.csv --kind = s", ["sip"]),
        ("cxtui sip list --company ''", []),
        ("cxtui voicemail read 1001 5c --new --re", ["--reason", "--readonly"]),
        ("cxtui rewrite set 1001 1 --new --re", []),
        ("cxtui rewrite set 1001 1 --new 44 --re", ["--reason", "--readonly"]),
        ("cxtui sip show ''", []),
        ("cxtui export ''", ["sip", "ip"]),
        ("cxtui completion z", ["zsh"]),
        ("cxtui help sip a", ["add"]),
        ("cxtui help --m", ["--man"]),
        ("cxtui frobnicate ''", [verb.name for verb in VERBS[0].verbs]),
    ],
)
def test_bash_offers_what_may_stand_there(bash, line, offered):
    assert bash(line) == [offered]


def test_bash_offers_files_where_a_file_is_wanted(bash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("users.csv", "users two.csv", "cx.db"):
        Path(name).touch()
    lines = ("cxtui import us", "cxtui --db c", "cxtui sip list --config c", "cxtui sip range A 1 --passwords c")
    assert [sorted(found) for found in bash(*lines)] == [
        ["two.csv", "users", "users.csv"],
        ["cx.db"],
        ["cx.db"],
        ["cx.db"],
    ]


def words_in(script: str) -> set[str]:
    """The words of a script, whatever quotes and colons they stand in."""
    return set(script.replace("'", " ").replace(":", " ").replace("(", " ").replace(")", " ").split())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_printed_without_a_database_and_knows_every_verb_and_option(bare, shell):
    script = bare.ok("completion", shell).out
    assert bare.json("completion", shell) == {"shell": shell, "script": script.removesuffix("\n")}
    assert not bare.path.exists()
    words = words_in(script)
    for verb in VERBS:
        assert verb.name in words
        names = [name for option in verb.options for name in option.names if name.startswith("--")]
        assert {name[2:] if shell == "fish" else name for name in names} <= words


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_script_is_in_the_syntax_of_bash(shell):
    script = "\n".join(SHELLS[shell](tree()))
    if shell == "zsh":
        script = script.partition("\n_cxtui() {")[0]  # the tables: only the walk is zsh's own
    assert subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=True).stderr == ""


def test_the_lines_for_fish_are_one_command_each():
    lines = [line for line in SHELLS["fish"](tree()) if line.startswith("complete ")]
    assert len(lines) > 300
    for line in lines:
        assert shlex.split(line)[:3] == ["complete", "-c", "cxtui"]


def test_an_unknown_shell_is_not_in_the_grammar(bare):
    assert bare("completion", "tcsh").code == 2
