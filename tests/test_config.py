from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from cxtui.config import ConfigError, Settings, load, samples


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has configured nothing."""
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "conf"), "XDG_STATE_HOME": str(tmp_path / "state")}


def written(home: dict[str, str], text: str) -> Path:
    path = Path(home["XDG_CONFIG_HOME"], "cxtui", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold(home: dict[str, str]) -> None:
    settings = load(home, {})
    assert settings == Settings(db=Path(home["XDG_STATE_HOME"], "cxtui", "cxtui.db"))
    assert (settings.theme, settings.ascii, settings.reveal_seconds, settings.refresh_hz) == ("auto", "auto", 20, 4)
    assert (settings.number_range_start, settings.number_block_size) == (1000, 1000)


def test_a_relative_xdg_folder_is_ignored_as_its_specification_demands(home: dict[str, str]) -> None:
    home["XDG_STATE_HOME"] = "relative"
    assert load(home, {}).db == Path(home["HOME"], ".local/state/cxtui/cxtui.db")


def test_flags_beat_the_environment_which_beats_the_file_which_beats_the_defaults(home: dict[str, str]) -> None:
    assert load(home, {}).reveal_seconds == 20
    written(home, "reveal_seconds = 1")
    assert load(home, {}).reveal_seconds == 1
    home["CXTUI_REVEAL_SECONDS"] = "2"
    assert load(home, {}).reveal_seconds == 2
    assert load(home, {"reveal_seconds": 3}).reveal_seconds == 3
    assert load(home, {"reveal_seconds": "4"}).reveal_seconds == 4
    assert load(home, {"reveal_seconds": None}).reveal_seconds == 2


def test_every_setting_can_be_given_in_the_environment(home: dict[str, str]) -> None:
    given = {
        "db": ("/srv/cxtui.db", Path("/srv/cxtui.db")),
        "theme": ("ansi", "ansi"),
        "ascii": ("yes", "yes"),
        "realm": ("sip.example.com", "sip.example.com"),
        "password_profile": ("max34", "max34"),
        "reveal_seconds": ("30", 30),
        "number_range_start": ("2000", 2000),
        "number_block_size": ("100", 100),
        "ask_reason": ("yes", True),
        "refresh_hz": ("2", 2),
        "readonly": ("yes", True),
        "codecs": ("PCMA,PCMU", "PCMA,PCMU"),
        "voicemail_db": ("/srv/voicemail.db", Path("/srv/voicemail.db")),
        "voicemail_storage": ("/srv/voicemail", Path("/srv/voicemail")),
        "voicemail_profile": ("other", "other"),
        "voicemail_domain": ("pbx.example.com", "pbx.example.com"),
        "voicemail_keep_days": ("7", 7),
        "smtp_server": ("mail.example.com:587", "mail.example.com:587"),
        "smtp_security": ("starttls", "starttls"),
        "smtp_sender": ("noc@example.com", "noc@example.com"),
        "smtp_username": ("noc", "noc"),
        "smtp_password_file": ("/etc/secret", Path("/etc/secret")),
    }
    settings = load(home | {f"CXTUI_{name.upper()}": text for name, (text, _) in given.items()}, {})
    assert dataclasses.asdict(settings) == {name: value for name, (_, value) in given.items()} | {
        "keys": {},
        "roles": {},
    }


def test_an_empty_variable_counts_as_not_given(home: dict[str, str]) -> None:
    assert load(home | {"CXTUI_THEME": ""}, {}).theme == "auto"


def test_a_tilde_in_a_path_is_the_home_folder(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home["HOME"])
    assert load(home, {"db": "~/my.db"}).db == Path(home["HOME"], "my.db")


def test_keys_are_read_with_and_without_quotes_around_the_command(home: dict[str, str]) -> None:
    written(home, '[keys]\n"sip-users.delete" = "x"\nlist.unblock = "ctrl+u"\n')
    assert load(home, {}).keys == {"sip-users.delete": "x", "list.unblock": "ctrl+u"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("colour = 1", "there is no setting 'colour'; the settings are db, theme, "),
        ('theme = "blue"', 'theme is \'blue\'; it must be one of "auto", "dark", "light", "ansi".'),
        ("theme = 1", "theme is 1; it must be one of"),
        ('reveal_seconds = "20"', "reveal_seconds is '20'; it must be a whole number from 1 to 600."),
        ("reveal_seconds = true", "reveal_seconds is True; it must be a whole number"),
        ("reveal_seconds = 601", "reveal_seconds is 601; it must be a whole number from 1 to 600."),
        ("ask_reason = 1", "ask_reason is 1; it must be true or false."),
        ('realm = "two words"', "realm is 'two words'; it must be text without spaces"),
        ('realm = ""', "realm is ''; it must be text"),
        ("db = 7", "db is 7; it must be a path."),
        ('db = ""', "db is ''; it must be a path."),
        ('keys = "x"', "keys is 'x'; it must be a table of texts."),
        ("[keys]\na = 1", "keys is {'a': 1}; it must be a table of texts."),
        ("theme = ", "not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file_and_what_is_allowed(
    home: dict[str, str], line: str, said: str
) -> None:
    path = written(home, line)
    with pytest.raises(ConfigError) as error:
        load(home, {})
    assert str(error.value).startswith(f"{path}: ")
    assert said in str(error.value)


def test_a_bad_variable_and_a_bad_flag_are_named(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="environment CXTUI_REFRESH_HZ: refresh_hz is 'fast'"):
        load(home | {"CXTUI_REFRESH_HZ": "fast"}, {})
    with pytest.raises(ConfigError, match="flag --refresh-hz: refresh_hz is 9"):
        load(home, {"refresh_hz": 9})
    with pytest.raises(ConfigError, match="flag --refersh: there is no setting 'refersh'"):
        load(home, {"refersh": 9})


def test_control_characters_of_a_file_do_not_reach_the_message(home: dict[str, str]) -> None:
    written(home, 'theme = "\\u001b]0;x\\u0007"')
    with pytest.raises(ConfigError) as error:
        load(home, {})
    assert "\x1b" not in str(error.value)


@pytest.mark.parametrize("name", ["a flag", "the environment"])
def test_a_file_that_was_named_must_exist(home: dict[str, str], tmp_path: Path, name: str) -> None:
    missing = str(tmp_path / "missing.toml")
    by_flag = name == "a flag"
    with pytest.raises(ConfigError, match=r"missing\.toml: there is no such settings file"):
        load(home if by_flag else home | {"CXTUI_CONFIG": missing}, {"config": missing} if by_flag else {})


def test_the_file_named_by_flag_beats_the_one_in_the_environment(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('theme = "dark"')
    (tmp_path / "b.toml").write_text('theme = "light"')
    environ = home | {"CXTUI_CONFIG": str(tmp_path / "a.toml")}
    assert load(environ, {}).theme == "dark"
    assert load(environ, {"config": tmp_path / "b.toml"}).theme == "light"


def test_a_file_that_cannot_be_read_as_text_is_said_so(home: dict[str, str]) -> None:
    path = written(home, "")
    path.write_bytes(b'realm = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(home, {})
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        load(home, {})


def test_the_sample_changes_nothing_as_it_stands(home: dict[str, str]) -> None:
    written(home, samples.sample())
    assert load(home, {}) == Settings(db=Path(home["XDG_STATE_HOME"], "cxtui", "cxtui.db"))


def test_the_sample_shows_every_setting_at_its_default_with_help() -> None:
    uncommented = re.sub(r'^# (?=("[a-z.-]+"|[a-z_]+) = )', "", samples.sample(), flags=re.M)
    shown = tomllib.loads(uncommented)
    for item in dataclasses.fields(Settings):
        assert f"# {item.metadata['help']}\n" in uncommented
        if item.metadata["kind"] not in (Path, dict):
            assert shown[item.name] == item.default
    assert shown["db"].endswith("cxtui.db")
    assert list(shown["keys"]) == ["list.unblock"]
    assert list(shown["roles"]) == ["operator"]


def test_the_roles_of_the_machine_hold_for_everybody(home: dict[str, str], tmp_path: Path) -> None:
    """W-028: nobody gives himself a role."""
    site = tmp_path / "site.toml"
    site.write_text('theme = "light"\n[roles]\noperator = "noc"\n')
    assert (load(home, {}, site).theme, load(home, {}, site).roles) == ("light", {"operator": "noc"})
    written(home, 'theme = "dark"\n')
    assert load(home, {}, site).theme == "dark"
    Path(home["XDG_CONFIG_HOME"], "cxtui", "config.toml").write_text('[roles]\nadmin = "users"\n')
    with pytest.raises(ConfigError, match=r"roles: this is set in .*site\.toml"):
        load(home, {}, site)


def test_only_known_roles_can_be_given(home: dict[str, str]) -> None:
    written(home, '[roles]\nboss = "wheel"\n')
    with pytest.raises(ConfigError, match='"viewer", "operator", "admin"'):
        load(home, {})


def test_settings_cannot_be_changed(home: dict[str, str]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(home, {}).theme = "dark"  # type: ignore[misc]


def test_what_is_everybodys_is_not_changed_by_one_operator(home: dict[str, str], tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("voicemail_keep_days = 30\n")
    home["CXTUI_VOICEMAIL_KEEP_DAYS"] = "1"
    with pytest.raises(ConfigError, match="voicemail_keep_days: this is set in"):
        load(home, {}, site)


def test_a_home_folder_that_is_not_there_is_said_so(home: dict[str, str]) -> None:
    for flags, variables in (({"config": "~nosuch/x"}, {}), ({}, {"CXTUI_DB": "~nosuch/x"})):
        with pytest.raises(ConfigError, match="no such home folder"):
            load(home | variables, flags)
