"""Places and parts of a list, as a row table counts them."""

from __future__ import annotations

from typing import NamedTuple

from cxtui.ui.widgets.rows import Row

ENDLESS = 1 << 60
"""Length of a list before its first rows are here."""

MARGIN = 1.5
"""Screens fetched before and after the visible one, so that a page is there before its key is pressed."""


class Spot(NamedTuple):
    """A place in the list: index of the cursor and of the first visible row."""

    cursor: int
    top: int


class Span(NamedTuple):
    """A part of the list to fetch."""

    offset: int
    limit: int

    @property
    def end(self) -> int:
        """Index after the last row of this part."""
        return self.offset + self.limit

    @classmethod
    def around(cls, top: int, page: int) -> Span:
        """Give the screen at `top` with its margins; at the start of the list the margins lie below."""
        margin = int(page * MARGIN)
        return cls(max(0, top - margin), page + 2 * margin)


class Swap(NamedTuple):
    """Another row has come under the cursor by itself; `seen` is the one that stood there before, if there was one."""

    seen: Row | None
