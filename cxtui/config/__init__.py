"""Settings: defaults < the machine's file < the operator's file < environment < flags, read once into one object."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from .reading import checked, home_path, kind_of, parsed, read_file, setting
from .settings import SITE_FILE, ConfigError, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BOUND = ("roles", "voicemail_keep_days", "codecs")
"""What nobody changes for himself where the machine's file says it: it decides about what is everybody's."""

__all__ = ["SITE_FILE", "ConfigError", "Settings", "config_path", "load"]


def load(environ: Mapping[str, str], flags: Mapping[str, object], site: Path = SITE_FILE) -> Settings:
    """Read the settings of this run.

    `environ` is `os.environ`; `flags` maps field names (and `config`, the file) to values, None meaning "not given".
    `site` is the machine's file: the operator's own beats it, but for what is ``BOUND``.
    Raises ConfigError; a missing file is no error unless it was named by flag or CXTUI_CONFIG.
    """
    known = {item.name: item for item in fields(Settings)}
    ours = read_file(known, site)
    values = ours | read_file(known, *_own_file(environ, flags.get("config")))
    for name, item in known.items():
        text = environ.get(f"CXTUI_{name.upper()}", "")
        if text and kind_of(item) is not dict:
            values[name] = checked(item, parsed(kind_of(item), text), f"environment CXTUI_{name.upper()}")
    for name, value in flags.items():
        if name == "config" or value is None:
            continue
        source = f"flag --{name.replace('_', '-')}"
        item = setting(known, name, source)
        values[name] = checked(item, parsed(kind_of(item), value) if isinstance(value, str) else value, source)
    for name in BOUND:
        if name in ours and values[name] != ours[name]:
            raise ConfigError(f"{name}: this is set in {site} and cannot be changed elsewhere.")
    if "db" not in values:
        values["db"] = _user_folder("state", environ) / "cxtui.db"
    return Settings(**values)


def config_path(environ: Mapping[str, str]) -> Path:
    """The settings file: CXTUI_CONFIG, else `config.toml` in the user's configuration folder for cxtui."""
    named = environ.get("CXTUI_CONFIG", "")
    return home_path(named, "environment CXTUI_CONFIG") if named else _user_folder("config", environ) / "config.toml"


def _own_file(environ: Mapping[str, str], flag: object) -> tuple[Path, bool]:
    """The operator's settings file, and whether it was asked for and has to be there."""
    path = home_path(str(flag), "flag --config") if flag else config_path(environ)
    return path, bool(flag or environ.get("CXTUI_CONFIG"))


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
