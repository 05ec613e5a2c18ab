"""A course of values as one word of bars."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from cxtui.ui.glyphs import Glyphs


def bars(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """Give the last `width` values as bars between zero and the highest of them.

    Negative and non-finite values count as zero; fewer values than `width` give fewer bars.
    """
    shown = [value if isfinite(value) and value > 0 else 0.0 for value in values[-width:]] if width > 0 else []
    top = max(shown, default=0.0) or 1.0
    last = len(glyphs.bars) - 1
    return "".join(glyphs.bars[round(value / top * last)] for value in shown)
