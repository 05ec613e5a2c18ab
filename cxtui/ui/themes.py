"""The colours of the console: a dark and a light theme of one accent, and the terminal's own sixteen."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="cxtui-dark",
    dark=True,
    primary="#4c9be8",
    secondary="#7aa7d9",
    accent="#4c9be8",
    success="#4fb3a5",
    warning="#e0a33e",
    error="#e8734a",
    background="#12161c",
    surface="#171c24",
    panel="#1e2530",
    foreground="#d5dbe3",
    boost="#232b37",
)
LIGHT = Theme(
    name="cxtui-light",
    dark=False,
    primary="#1f5fa8",
    secondary="#3d6e9e",
    accent="#1f5fa8",
    success="#0b6e63",
    warning="#8a5a00",
    error="#a8380c",
    background="#fafbfc",
    surface="#f1f3f6",
    panel="#e5e9ef",
    foreground="#1d232b",
    boost="#dde3ea",
)

SIXTEEN = "ansi-dark"
"""Textual's theme that uses the terminal's own colours."""


def theme_name(wanted: str, sixteen: bool) -> str:
    """The theme for a setting ("auto", "dark", "light", "ansi") on a terminal with sixteen colours or more."""
    if wanted == "ansi" or (wanted == "auto" and sixteen):
        return SIXTEEN
    return LIGHT.name if wanted == "light" else DARK.name


def after(name: str) -> str:
    """The theme that comes next when they are tried one after the other."""
    names = (DARK.name, LIGHT.name, SIXTEEN)
    return names[(names.index(name) + 1) % len(names)] if name in names else DARK.name
