"""A settings file to begin with."""

from __future__ import annotations

from dataclasses import fields

from .reading import choices, kind_of, wanted
from .settings import Settings


def sample() -> str:
    """A settings file with every setting explained and commented out at its default; it is valid TOML as it stands."""
    lines = [
        "# cxtui settings. Flags beat CXTUI_* variables, which beat this file, which beats the defaults shown.",
        "",
    ]
    for item in fields(Settings):
        meta, kind = item.metadata, kind_of(item)
        lines.append(f"# {meta['help']}")
        if kind is dict:
            lines += [f"[{item.name}]", f"# {meta['sample']}", ""]
            continue
        lines.append(f"# One of {choices(item)}." if meta["allowed"] else f"# {wanted(item).capitalize()}.")
        lines.append(f"# Environment: CXTUI_{item.name.upper()}")
        lines += [f"# {item.name} = {_toml(meta['sample'] or ('' if item.default is None else item.default))}", ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    """A default as TOML text."""
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
