"""The lines above the footer: why the row under the cursor is as it is, and the key that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Self

from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from cxtui.services.grids import Shown
from cxtui.ui.app_commands import COMPANY
from cxtui.ui.commands import Command, shown_key
from cxtui.ui.text import clip, mix, plain, styled
from cxtui.ui.widgets.sized import Sized

_MOST_NAMED = 40
"""Cells for the names of those who are editing a row."""


class Explain(Sized, Static):
    """Two lines of words about a row."""

    DEFAULT_CSS = """
    Explain { height: 2; padding: 0 1; color: $text-muted; border-top: none; }
    """

    _differing: tuple[Region, ...] = ()
    _said: tuple[Shown | None, Sequence[Command], str, str] | None = None

    def on_resize(self) -> None:
        """Say it again for the new width; the first row is there before any width is."""
        if self._said is not None:
            self.say(*self._said)

    def say(self, shown: Shown | None, commands: Sequence[Command], first: str = "", note: str = "") -> None:
        """Explain a row: ``first``, then its state and the key that mends it, then ``note``."""
        self._said = (shown, commands, first, note)
        first = clip(first, self._room(self.size.height - 1))
        words = self._words(shown, commands, first, note) if shown else plain(note)
        if words != self.content:
            self._differing = self._lines_that_differ(words)
            self.update(words, layout=False)
            self._differing = ()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As any widget; of new words, only the lines that differ are painted."""
        return super().refresh(*(regions or self._differing), repaint=repaint, layout=layout, recompose=recompose)

    def _words(self, shown: Shown, commands: Sequence[Command], first: str, note: str) -> Content:
        state = shown.state
        tones = {"danger": "$text-error", "warning": "$text-warning", "accent": "$text-accent"}
        lines = [plain(first)] if first else []
        remedy = next((command for command in (*commands, COMPANY) if command.id.split(".")[-1] == state.remedy), None)
        why = styled(clip(state.why, self._room(1 if first else self.size.height)), tones.get(state.tone, ""))
        if shown.editors:
            why = styled(f"{_editors(shown)} editing this row. ", "$text-warning") + why
        if remedy is not None:
            why = why + mix("  [b]$key[/b] $title", key=shown_key(remedy.key), title=remedy.title)
        lines.append(why)
        if note:
            lines.append(plain(note))
        return Content("\n").join(lines)

    def _lines_that_differ(self, words: Content) -> tuple[Region, ...]:
        old, size = self.content, self.content_size
        if not size or not isinstance(old, Content):
            return ()
        lines = list(zip_longest(old.wrap(size.width), words.wrap(size.width), fillvalue=Content("")))[: size.height]
        left = self.styles.padding.left
        return tuple(
            Region(0, y, left + max(before.cell_length, after.cell_length), 1)
            for y, (before, after) in enumerate(lines)
            if before.markup != after.markup
        )

    def _room(self, lines: int) -> int:
        """The cells that words surely fit into on so many lines, however they wrap, with the key that mends behind."""
        return max(40, max(lines, 1) * (self.size.width - 10) - 10)


def _editors(shown: Shown) -> str:
    names = list(dict.fromkeys(operator for _, operator in shown.editors))
    return f"{clip(' and '.join(names), _MOST_NAMED)} {'is' if len(names) == 1 else 'are'}"
