"""Exit codes and the sentences that go with them; set-up, settings and the doors to console and demonstration."""

from __future__ import annotations

import stat
import sys
import tomllib
import types
from pathlib import Path

import pytest

from cxtui.__main__ import main
from cxtui.cli.manual import MANUAL
from cxtui.store.schema import REVISIONS


def test_a_missing_database_is_a_sentence_and_exit_code_3(bare):
    answer = bare("sip", "list")
    assert (answer.code, answer.out) == (3, "")
    assert answer.err == f"cxtui: There is no database at {bare.path}. Make one with: cxtui init\n"
    assert "no database" in bare("sip", "list", "--json").json["error"]
    assert not bare.path.exists()


def test_a_file_that_is_no_database_is_a_sentence_and_exit_code_3(bare):
    bare.path.write_bytes(b"not a database at all, but long enough to look like one" * 40)
    for words in (("sip", "list"), ("init",)):
        assert bare(*words).code == 3
    assert bare.path.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("words", [("sip", "list"), ("init",)])
def test_a_folder_instead_of_a_file_is_a_sentence_and_exit_code_3(bare, words):
    bare.path.mkdir()
    answer = bare(*words)
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (3, "", 1)


def test_a_folder_that_may_not_be_looked_into_is_a_sentence_and_exit_code_3(shell, monkeypatch):
    from cxtui.store.database import Database

    def shut(self):
        raise PermissionError(13, "Permission denied", str(self.path))

    monkeypatch.setattr(Database, "check", shut)
    answer = shell("sip", "list")
    assert (answer.code, answer.err) == (3, f"cxtui: {shell.path}: Permission denied.\n")


def test_init_makes_the_database_and_says_where(bare):
    answer = bare.ok("init", "--realm", "sip.acme.example")
    assert str(bare.path) in answer.out
    assert "sip.acme.example" in answer.out
    assert stat.S_IMODE(bare.path.stat().st_mode) == 0o600
    assert bare.json("init") == {
        "done": "nothing",
        "database": str(bare.path),
        "realm": "sip.acme.example",
        "schema": REVISIONS[-1],
    }


def test_init_does_not_pretend_to_change_the_realm(bare):
    bare.ok("init", "--realm", "one.example")
    refused = bare("init", "--realm", "two.example")
    assert (refused.code, "one.example" in refused.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("sip",),
        ("sip", "frobnicate"),
        ("sip", "list", "--frobnicate"),
        ("sip", "list", "--limit", "0"),
        ("sip", "list", "--limit", "3", "--all"),
        ("sip", "add", "Acme Telecom", "1001", "--chan", "3"),
        ("ip", "add", "Acme Telecom", "192.0.2.1", "--direction", "sideways"),
        ("ip", "set", "192.0.2.1", "--direction", "both"),
        ("unblock",),
        ("find", "\udcff"),
    ],
)
def test_what_is_not_in_the_grammar_is_exit_code_2(shell, words):
    answer = shell(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("cxtui: ")
    assert shell(*words, "--json").json["findings"] == []


def test_a_setting_that_cannot_be_used_is_exit_code_2(shell, monkeypatch):
    monkeypatch.setenv("CXTUI_THEME", "pink")
    assert "CXTUI_THEME" in shell("sip", "list").err
    assert shell("sip", "list").code == 2


def test_a_fault_of_ours_is_one_sentence_unless_asked_for_more(shell, monkeypatch):
    from cxtui.services import find

    def broken(*_given):
        raise RuntimeError("s3cret")

    monkeypatch.setattr(find, "find", broken)
    answer = shell("find", "x")
    assert answer.code == 70
    assert len(answer.err.splitlines()) == 1
    assert "CXTUI_DEBUG=1" in answer.err
    assert "s3cret" not in answer.err
    monkeypatch.setenv("CXTUI_DEBUG", "1")
    assert "Traceback" in shell("find", "x").err


def test_ctrl_c_is_exit_code_130_and_silent(shell, monkeypatch):
    from cxtui.services import find

    def interrupted(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(find, "find", interrupted)
    answer = shell("find", "x")
    assert (answer.code, answer.out, answer.err) == (130, "", "")


def test_options_for_everywhere_stand_before_or_after_the_verb(shell, capsys):
    assert main(["--json", "--db", str(shell.path), "company", "list"]) == 0
    before = capsys.readouterr().out
    assert main(["company", "list", "--json", "--db", str(shell.path)]) == 0
    assert capsys.readouterr().out == before


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_help_is_the_manual(bare, words):
    assert bare.ok(*words).out == MANUAL


def test_the_manual_names_every_verb_and_fits_a_terminal():
    from cxtui.cli.grammar import Parser
    from cxtui.cli.verbs import furnish

    parser = Parser("cxtui")
    furnish(parser)
    verbs = next(action.choices for action in parser._actions if action.choices)
    assert [verb for verb in verbs if f"\n  {verb} " not in MANUAL] == []
    assert max(map(len, MANUAL.splitlines())) <= 110


@pytest.mark.parametrize(
    "verb", ["company", "ip", "sip", "profile", "block", "unblock", "find", "undo", "init", "demo"]
)
def test_every_verb_has_help_of_its_own_without_a_database(bare, verb):
    assert bare.ok(verb, "--help").out.startswith(f"usage: cxtui {verb} ")
    assert bare.ok("help", verb).out == bare.ok(verb, "--help").out


def test_config_prints_the_settings_in_effect_as_a_settings_file(bare, monkeypatch):
    monkeypatch.setenv("CXTUI_THEME", "light")
    settings = tomllib.loads(bare.ok("config").out)
    assert (settings["theme"], settings["db"]) == ("light", str(bare.path))
    assert bare.json("config")["settings"] == settings | {
        "keys": {},
        "roles": {},
        "voicemail_db": None,
        "voicemail_storage": None,
        "smtp_password_file": None,
    }


def test_config_writes_a_sample_that_is_a_settings_file(bare):
    assert tomllib.loads(bare.ok("config", "--sample").out) == {"keys": {}, "roles": {}}


def stand_in(monkeypatch, name, **functions):
    """Put a module in the place of one that opens a screen."""
    module = types.ModuleType(name)
    for key, value in functions.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


def test_without_a_verb_the_console_opens_on_the_given_database(bare, monkeypatch):
    stand_in(monkeypatch, "cxtui.ui.start", run=lambda settings: 7 if settings.db == bare.path else 8)
    assert bare().code == 7


def test_the_demonstration_never_runs_in_the_database_of_the_environment(bare, monkeypatch, tmp_path):
    played = []

    def play(*given):
        played.append(given)
        return 0

    stand_in(monkeypatch, "cxtui.demo.start", demo=play)
    monkeypatch.setenv("CXTUI_DB", str(tmp_path / "real.db"))
    assert main(["demo"]) == 0
    bare.ok("demo", "--scale", "5000", "--no-attack", "--no-console")
    (usual, *rest), (named, *more) = played
    assert (usual.db, rest) == (tmp_path / "demo.db", [None, True, True, False])
    assert (named.db, more) == (bare.path, [5000, False, False, False])


def test_a_relative_path_is_told_in_full(made, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("here.db").write_bytes(made)
    assert main(["--db", "here.db", "init"]) == 0
    assert str(tmp_path / "here.db") in capsys.readouterr().out
