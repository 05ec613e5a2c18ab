"""Spans of time as operators write and read them."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_TYPED = re.compile(r"([0-9]{1,6})\s*(s|min|m|h|d|w)\Z")
_LONGEST = 10 * 365 * 86_400


def parse_duration(text: str) -> float | None:
    """Seconds in "90 s", "15 min", "2 h", "3 d", "1 w"; None for nothing. Raises ``ValueError`` in words."""
    typed = text.strip().lower()
    if not typed:
        return None
    match = _TYPED.match(typed)
    if not match:
        raise ValueError("write a number and a unit: 90 s, 15 min, 2 h, 3 d or 1 w; empty for no end")
    seconds = int(match[1]) * _UNITS[match[2]]
    if not 0 < seconds <= _LONGEST:
        raise ValueError("between 1 second and 10 years")
    return float(seconds)


def since(seconds: float) -> str:
    """How long ago, as the end of a sentence: "now", "4 min ago"."""
    span = ago(max(0.0, seconds))
    return span if span == "now" else f"{span} ago"


def ago(seconds: float) -> str:
    """A span in its largest whole unit: "now", "41 s", "4 min", "3 h", "2 d"."""
    if seconds < 1:
        return "now"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
