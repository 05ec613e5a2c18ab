"""A SIP ladder on the screen: drawn anew for each width, scrolled by the keys."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cxtui.services.ladders import Ladder
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.sized import Sized

_STYLES = {"plain": "$foreground-muted", "good": "$text-success", "bad": "$text-error", "missing": "$text-warning"}


class LadderView(Sized, VerticalScroll):
    """The arrows between the parties, and beneath each what it means."""

    DEFAULT_CSS = """
    LadderView { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    LadderView > Static { height: auto; text-wrap: nowrap; }
    """

    def __init__(self, *, ascii: bool) -> None:
        super().__init__()
        self._ascii = ascii
        self._ladder: Ladder | None = None
        self._width = 0
        self._drawing = Static()

    def compose(self) -> ComposeResult:
        """The drawing."""
        yield self._drawing

    def on_resize(self) -> None:
        """Draw it for another width."""
        if self.scrollable_content_region.width != self._width:
            self._draw()

    def show(self, ladder: Ladder | None) -> None:
        """Draw another ladder; None where nothing was said."""
        self._ladder = ladder
        self._draw()

    def _draw(self) -> None:
        self._width = self.scrollable_content_region.width
        if self._ladder is None:
            self._drawing.update(styled("Nothing went over the wire.", "$foreground-muted"))
            return
        lines = self._ladder.drawn(self._width, self._ascii) if self._width else []
        drawn = [styled(line.text, _STYLES[line.tone]) if line.tone else plain(line.text) for line in lines]
        self._drawing.update(Content("\n").join(drawn))
