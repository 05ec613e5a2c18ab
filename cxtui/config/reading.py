"""Settings as they are read: from TOML, from the environment, from flags; each checked against its declaration."""

from __future__ import annotations

from pathlib import Path

from .settings import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import Field
    from typing import Any

_KINDS = {Path: "a path", str: "text", int: "a whole number", bool: "true or false", dict: "a table of texts"}


def read_file(known: Mapping[str, Field[Any]], path: Path, asked_for: bool = False) -> dict[str, Any]:
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
        item = setting(known, name, str(path))
        if kind_of(item) is dict and isinstance(value, dict):
            value = _flat(value)
        values[name] = checked(item, value, str(path))
    return values


def setting(known: Mapping[str, Field[Any]], name: str, source: str) -> Field[Any]:
    """The declaration of a setting. Raises ``ConfigError`` naming those there are."""
    if name not in known:
        raise ConfigError(f"{source}: there is no setting {name!r}; the settings are {', '.join(known)}.")
    return known[name]


def checked(item: Field[Any], value: Any, source: str) -> Any:
    """The value as its field wants it; raises ConfigError naming source, key, value and what is allowed."""
    kind, allowed, limits = kind_of(item), item.metadata["allowed"], item.metadata["limits"]
    if kind is Path and isinstance(value, str | Path) and str(value):
        return home_path(value, source)
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
        raise ConfigError(f"{source}: {item.name} is {value!r}; it must be {wanted(item)}.")
    return value


def home_path(text: str | Path, source: str) -> Path:
    """A path with ~ resolved. Raises ``ConfigError`` where there is no such home folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ConfigError(f"{source}: {text}: there is no such home folder.") from None


def wanted(item: Field[Any]) -> str:
    """What a setting accepts, as the end of a sentence."""
    if item.metadata["allowed"]:
        return f"one of {choices(item)}" if kind_of(item) is not dict else f"a table with texts for {choices(item)}"
    if item.metadata["limits"]:
        low, high = item.metadata["limits"]
        return f"a whole number from {low} to {high}"
    if kind_of(item) is str:
        return 'text without spaces, quotes (") and backslashes'
    return _KINDS[kind_of(item)]


def parsed(kind: type, text: str) -> object:
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


def kind_of(item: Field[Any]) -> type:
    """The Python type that a setting is read as."""
    kind: type = item.metadata["kind"]
    return kind


def choices(item: Field[Any]) -> str:
    """What a setting may be, quoted."""
    return ", ".join(f'"{choice}"' for choice in item.metadata["allowed"])
