"""What stands on each line of a `Transfer`, as words and the names of their looks."""

from __future__ import annotations

from functools import lru_cache
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len

from cxtui.models.fields import Choice
from cxtui.ui.text import clean, fit
from cxtui.ui.widgets.transfer_lists import ALL, RESTRICTED, TransferLists

BANNER = "All Codecs are enabled when the Restricted list is empty."
TITLES = ("All Codecs", "Restricted")
GUTTER = 3
LOOKS = ("line", "note", "title", "cursor")

_SIGN = 2
_GAP = 2
_TITLE_LINE, _SEARCH_LINE = -2, -1


class Signs(NamedTuple):
    """The signs of one way to draw, each one cell wide."""

    cursor: str
    divider: str
    restrict: str
    enable: str
    above: str
    below: str
    ellipsis: str


UTF8_SIGNS = Signs("▸", "│", "→", "←", "↑", "↓", "…")
ASCII_SIGNS = Signs(">", "|", ">", "<", "^", "v", "~")

Spans = list[tuple[str, str]]
"""A run of text after the other, each with the name of its look."""


@lru_cache(maxsize=4)
def banner(width: int) -> tuple[str, ...]:
    """The banner in lines of ``width`` cells."""
    return tuple(wrap(BANNER, max(width, 1)))


def head(width: int) -> int:
    """The number of lines above the codecs: the banner, the titles and the searches."""
    return len(banner(width)) - _TITLE_LINE


def half(width: int) -> int:
    """The cells of each list."""
    return max(0, (width - GUTTER) // 2)


class TransferPicture(NamedTuple):
    """Two lists drawn in ``width`` cells with room for ``rows`` codecs."""

    lists: TransferLists
    signs: Signs
    width: int
    rows: int
    focused: bool

    def parts(self, y: int) -> tuple[Spans, ...]:
        """What stands on a line: on the left, between and on the right; or the banner."""
        lines = banner(self.width)
        if y < len(lines):
            return ([(self._fit(lines[y], self.width), "line")],)
        row = y - head(self.width)
        return self._half(ALL, row), self._between(row), self._half(RESTRICTED, row)

    def _between(self, row: int) -> Spans:
        lists, signs = self.lists, self.signs
        if self.focused and lists.current and row == lists.at - lists.top(lists.side):
            return [(f" {signs.restrict if lists.side == ALL else signs.enable} ", "title")]
        return [(f" {signs.divider} ", "note")]

    def _half(self, side: int, row: int) -> Spans:
        if row == _TITLE_LINE:
            title = f"{TITLES[side]} {len(self.lists.members(side))}/{len(self.lists.options)}"
            return [(self._fit(title, self._room), "title" if self._active(side) else "note")]
        if row == _SEARCH_LINE:
            return self._search(side)
        found, top = self.lists.found(side), self.lists.top(side)
        if top + row < len(found):
            return self._codec(side, found[top + row], row)
        return [(self._fit("" if found or row else self._nothing(side), self._room), "note")]

    def _search(self, side: int) -> Spans:
        sought, room, active = self.lists.sought_in(side), self._room, self._active(side)
        if not sought:
            return [(self._fit("type to search" if active else "", room), "note")]
        text = f"Search {sought}"[-max(room - 1, 0) :]
        rest = room - len(text)
        if not active:
            return [(text + " " * rest, "note")]
        return [(text, "title"), (" ", "cursor"), (" " * (rest - 1), "line")]

    def _nothing(self, side: int) -> str:
        sought = self.lists.sought_in(side)
        return f"  none has {sought}" if sought else "  none"

    def _codec(self, side: int, codec: Choice, row: int) -> Spans:
        lists, signs, room = self.lists, self.signs, self._room - 1
        beyond = lists.top(side) + self.rows < len(lists.found(side))
        more = signs.above if lists.top(side) and not row else signs.below if beyond and row == self.rows - 1 else " "
        name_width, note_width = _columns(lists.options)
        active = self._active(side) and row == lists.at - lists.top(side)
        sign = f"{signs.cursor if active else ' '} "
        if _SIGN + name_width + _GAP + note_width > room:
            return [(sign + self._fit(codec.label, room - _SIGN), "cursor" if active else "line"), (more, "note")]
        name = sign + self._fit(codec.label, name_width) + " " * _GAP
        note = self._fit(codec.help, room - cell_len(name))
        return [(name + note, "cursor"), (more, "note")] if active else [(name, "line"), (note + more, "note")]

    @property
    def _room(self) -> int:
        return half(self.width)

    def _active(self, side: int) -> bool:
        return self.focused and side == self.lists.side

    def _fit(self, text: str, width: int) -> str:
        return fit(clean(text), width, ellipsis=self.signs.ellipsis)


@lru_cache(maxsize=4)
def _columns(options: tuple[Choice, ...]) -> tuple[int, int]:
    """The widths of the longest name and of the longest note."""
    names = (cell_len(clean(option.label)) for option in options)
    notes = (cell_len(clean(option.help)) for option in options)
    return max(names, default=0), max(notes, default=0)
