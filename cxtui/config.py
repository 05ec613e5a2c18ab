"""Settings: defaults < TOML file < environment < flags, read once into one frozen object.

Every setting is one field of `Settings`; its help, its environment variable, its allowed values and its line in the
sample file all come from that one place.
"""

from __future__ import annotations

import sys
from dataclasses import Field, dataclass, field, fields
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SITE_FILE = Path("/etc/cxtui/config.toml")
"""What the administrator of the machine sets for everybody."""

THEMES = ("auto", "dark", "light", "ansi")
ASCII_CHOICES = ("auto", "yes", "no")
PASSWORD_PROFILES = ("default", "legacy", "max34", "alnum")
SMTP_SECURITIES = ("none", "starttls", "tls")
ROLES = ("viewer", "operator", "admin")

_KINDS = {Path: "a path", str: "text", int: "a whole number", bool: "true or false", dict: "a table of texts"}


class ConfigError(Exception):
    """A setting that cannot be used; the message is one sentence for the operator, naming source, key and remedy."""


def _about(
    help: str, kind: type, allowed: tuple[str, ...] = (), limits: tuple[int, int] | None = None, sample: str = ""
) -> dict[str, Any]:
    """What there is to know of a setting: `kind` is the Python type it is read as, `limits` are inclusive."""
    return {"help": help, "kind": kind, "allowed": allowed, "limits": limits, "sample": sample}


def _setting(help: str, default: Any, *, allowed: tuple[str, ...] = (), limits: tuple[int, int] | None = None) -> Any:
    """Declare a setting whose kind is that of its default."""
    return field(default=default, metadata=_about(help, type(default), allowed, limits))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this run of cxtui was told; built by `load`, passed down, never global."""

    db: Path = field(
        metadata=_about("The database file; `cxtui init` creates it.", Path, sample="~/.local/state/cxtui/cxtui.db")
    )
    theme: str = _setting(
        "Colours. auto: ansi (your terminal's own 16) where no more are known, else dark.", "auto", allowed=THEMES
    )
    ascii: str = _setting(
        "Draw state with plain ASCII. auto: when the locale is not UTF-8.", "auto", allowed=ASCII_CHOICES
    )
    realm: str = _setting(
        "The SIP realm that `cxtui init` writes into a new database. Changing it later means new passwords for all.",
        "sip.example.net",
    )
    password_profile: str = _setting(
        "How passwords are made. default: 16 characters, one of them _ or -; legacy: 12; max34: 34; alnum: no symbol.",
        "default",
        allowed=PASSWORD_PROFILES,
    )
    reveal_seconds: int = _setting(
        "Seconds that a new password stays on the screen before it is hidden.", 20, limits=(1, 600)
    )
    number_range_start: int = _setting(
        "The first extension of the first number block; `cxtui init` writes it into a new database.",
        1000,
        limits=(1, 10**9 - 1),
    )
    number_block_size: int = _setting(
        "How many extensions a number block holds; `cxtui init` writes it into a new database.",
        1000,
        limits=(1, 10**6),
    )
    ask_reason: bool = _setting("Ask for a reason or ticket before each change; the audit keeps it.", False)
    refresh_hz: int = _setting("The most repaints per second for live data.", 4, limits=(1, 5))
    readonly: bool = _setting("Change nothing, whatever the operator's role.", False)
    codecs: str = _setting("The codecs that can be restricted, separated by commas. Empty: cxtui's own list.", "")
    voicemail_db: Path | None = field(
        default=None,
        metadata=_about(
            "The voicemail server's database: FreeSWITCH's voicemail_<profile>.db, an SQLite file.",
            Path,
            sample="/var/lib/freeswitch/db/voicemail_default.db",
        ),
    )
    voicemail_storage: Path | None = field(
        default=None,
        metadata=_about(
            "The voicemail server's storage folder; the wav files are under it.",
            Path,
            sample="/var/lib/freeswitch/storage",
        ),
    )
    voicemail_profile: str = _setting("The name of the voicemail server's profile.", "default")
    voicemail_domain: str = _setting("The domain of the mailboxes. Empty: the realm of the database.", "")
    voicemail_keep_days: int = _setting("Days that deleted messages can be brought back.", 30, limits=(1, 3650))
    smtp_server: str = _setting("Where test mails go: host or host:port. Empty: nowhere.", "")
    smtp_security: str = _setting("How the mail server is spoken to.", "none", allowed=SMTP_SECURITIES)
    smtp_sender: str = _setting("The sender of test mails.", "cxtui@localhost")
    smtp_username: str = _setting("The login at the mail server. Empty: none is needed.", "")
    smtp_password_file: Path | None = field(
        default=None,
        metadata=_about(
            "A file that holds the password of that login, and nothing else.", Path, sample="/etc/cxtui/smtp-password"
        ),
    )
    keys: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Other keys for commands, by command id; `?` lists the ids.", dict, sample='"list.unblock" = "u"'
        ),
    )
    roles: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Which Unix groups have a role (several with commas between). Without any, everybody is admin."
            f" {SITE_FILE} is the place for it: there it holds for all, and nobody's own settings change it.",
            dict,
            ROLES,
            sample='operator = "noc"',
        ),
    )

    @property
    def numbers(self) -> tuple[int, int]:
        """The Internal Number Range Start and its Block Size of a new account (W-070)."""
        return self.number_range_start, self.number_block_size


def load(environ: Mapping[str, str], flags: Mapping[str, object], site: Path = SITE_FILE) -> Settings:
    """Read the settings of this run.

    `environ` is `os.environ`; `flags` maps field names (and `config`, the file) to values, None meaning "not given".
    `site` is the machine's file: the operator's own beats it, but for the roles, which no operator gives to himself.
    Raises ConfigError; a missing file is no error unless it was named by flag or CXTUI_CONFIG.
    """
    known = {item.name: item for item in fields(Settings)}
    ours = _from_file(known, site)
    values = ours | _from_file(known, *_own_file(environ, flags.get("config")))
    if "roles" in ours and values["roles"] != ours["roles"]:
        raise ConfigError(f"roles: they are set in {site} and cannot be changed elsewhere.")
    for name, item in known.items():
        text = environ.get(f"CXTUI_{name.upper()}", "")
        if text and _kind(item) is not dict:
            values[name] = _checked(item, _parsed(_kind(item), text), f"environment CXTUI_{name.upper()}")
    for name, value in flags.items():
        if name == "config" or value is None:
            continue
        source = f"flag --{name.replace('_', '-')}"
        item = _known(known, name, source)
        values[name] = _checked(item, _parsed(_kind(item), value) if isinstance(value, str) else value, source)
    if "db" not in values:
        values["db"] = _user_folder("state", environ) / "cxtui.db"
    return Settings(**values)


def config_path(environ: Mapping[str, str]) -> Path:
    """The settings file: CXTUI_CONFIG, else `config.toml` in the user's configuration folder for cxtui."""
    named = environ.get("CXTUI_CONFIG", "")
    return Path(named).expanduser() if named else _user_folder("config", environ) / "config.toml"


def sample() -> str:
    """A settings file with every setting explained and commented out at its default; it is valid TOML as it stands."""
    lines = [
        "# cxtui settings. Flags beat CXTUI_* variables, which beat this file, which beats the defaults shown.",
        "",
    ]
    for item in fields(Settings):
        meta, kind = item.metadata, _kind(item)
        lines.append(f"# {meta['help']}")
        if kind is dict:
            lines += [f"[{item.name}]", f"# {meta['sample']}", ""]
            continue
        lines.append(f"# One of {_choices(item)}." if meta["allowed"] else f"# {_wanted(item).capitalize()}.")
        lines.append(f"# Environment: CXTUI_{item.name.upper()}")
        lines += [f"# {item.name} = {_toml(meta['sample'] or ('' if item.default is None else item.default))}", ""]
    return "\n".join(lines)


def _own_file(environ: Mapping[str, str], flag: object) -> tuple[Path, bool]:
    """The operator's settings file, and whether it was asked for and has to be there."""
    path = Path(str(flag)).expanduser() if flag else config_path(environ)
    return path, bool(flag or environ.get("CXTUI_CONFIG"))


def _from_file(known: Mapping[str, Field[Any]], path: Path, asked_for: bool = False) -> dict[str, Any]:
    """The checked values of a settings file; empty when there is none and none was asked for."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if asked_for:
            raise ConfigError(f"{path}: there is no such settings file.") from None
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: the settings file cannot be read ({error.strerror}).") from None
    import tomllib

    try:
        table = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the settings file is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}.") from None
    values = {}
    for name, value in table.items():
        item = _known(known, name, str(path))
        if _kind(item) is dict and isinstance(value, dict):
            value = _flat(value)
        values[name] = _checked(item, value, str(path))
    return values


def _known(known: Mapping[str, Field[Any]], name: str, source: str) -> Field[Any]:
    if name not in known:
        raise ConfigError(f"{source}: there is no setting {name!r}; the settings are {', '.join(known)}.")
    return known[name]


def _checked(item: Field[Any], value: Any, source: str) -> Any:
    """The value as its field wants it; raises ConfigError naming source, key, value and what is allowed."""
    kind, allowed, limits = _kind(item), item.metadata["allowed"], item.metadata["limits"]
    if kind is Path and isinstance(value, str | Path) and str(value):
        return Path(value).expanduser()
    good = type(value) is kind and (value != "" or item.default == "")
    if good and kind is dict and allowed:
        good = set(value) <= set(allowed)
    elif good and allowed:
        good = value in allowed
    if good and limits:
        good = limits[0] <= value <= limits[1]
    if good and kind is str:
        good = value.isprintable() and not set(value) & set(' "\\')
    if good and kind is dict:
        good = all(isinstance(key, str) and key for key in value.values())
    if not good:
        raise ConfigError(f"{source}: {item.name} is {value!r}; it must be {_wanted(item)}.")
    return value


def _wanted(item: Field[Any]) -> str:
    """What a setting accepts, as the end of a sentence."""
    if item.metadata["allowed"]:
        return f"one of {_choices(item)}" if _kind(item) is not dict else f"a table with texts for {_choices(item)}"
    if item.metadata["limits"]:
        low, high = item.metadata["limits"]
        return f"a whole number from {low} to {high}"
    if _kind(item) is str:
        return 'text without spaces, quotes (") and backslashes'
    return _KINDS[_kind(item)]


def _parsed(kind: type, text: str) -> object:
    """A flag's or variable's text as its kind; text that does not parse stays text and is refused by `_checked`."""
    if kind is int and text.isascii() and text.isdigit():
        return int(text)
    if kind is bool:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower(), text)
    return text


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted names for nested tables: TOML reads an unquoted `sip.delete = "x"` as a table inside a table."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat.update(_flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return flat


def _user_folder(which: str, environ: Mapping[str, str]) -> Path:
    """The user's `state` or `config` folder for cxtui; the XDG variables hold on every system."""
    base = environ.get(f"XDG_{which.upper()}_HOME", "")
    if base.startswith("/"):
        return Path(base) / "cxtui"
    if sys.platform == "linux" and environ.get("HOME", "").startswith("/"):
        return Path(environ["HOME"], *((".local", "state") if which == "state" else (".config",)), "cxtui")
    import platformdirs

    found = platformdirs.user_state_path if which == "state" else platformdirs.user_config_path
    return found("cxtui", appauthor=False)


def _kind(item: Field[Any]) -> type:
    kind: type = item.metadata["kind"]
    return kind


def _choices(item: Field[Any]) -> str:
    return ", ".join(f'"{choice}"' for choice in item.metadata["allowed"])


def _toml(value: object) -> str:
    """A default as TOML text."""
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
