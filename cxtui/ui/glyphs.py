"""The signs that stand beside the words, in UTF-8 and in ASCII.

A sign never stands alone: the word beside it carries the meaning for those who see no colour or hear the screen.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple


class Glyphs(NamedTuple):
    """One set of signs; each is one cell wide but `timeout` in ASCII, which is two."""

    blocked: str
    ok: str
    warning: str
    shared: str
    offline: str
    timeout: str
    pending: str
    cursor: str
    mark: str
    ellipsis: str
    none: str
    """Stands for "no value"."""
    dot: str
    """Separates facts on one line."""
    bars: str
    """The levels of a sparkline, lowest first."""


UTF8 = Glyphs(
    blocked="✖",
    ok="✔",
    warning="!",
    shared="!",
    offline="○",
    timeout="‼",
    pending="…",
    cursor="▸",
    mark="●",
    ellipsis="…",
    none="–",
    dot="·",
    bars="▁▂▃▄▅▆▇█",
)

ASCII = Glyphs(
    blocked="x",
    ok="+",
    warning="!",
    shared="!",
    offline="o",
    timeout="!!",
    pending="~",
    cursor=">",
    mark="*",
    ellipsis="~",
    none="-",
    dot="|",
    bars=" .:-=+*#",
)


def glyphs_for(encoding: str, ascii_wanted: bool) -> Glyphs:
    """Give the set for a terminal that writes `encoding` (as in ``sys.stdout.encoding``); unknown ones get ASCII."""
    if ascii_wanted:
        return ASCII
    try:
        return UTF8 if codecs.lookup(encoding).name == "utf-8" else ASCII
    except LookupError:
        return ASCII
