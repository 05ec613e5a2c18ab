"""A SIP ladder on the screen: drawn anew for each width, scrolled by the keys."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cxtui.services.ladders import Exchange
from cxtui.ui.text import plain, styled

_STYLES = {"plain": "$foreground-muted", "good": "$text-success", "bad": "$text-error", "missing": "$text-warning"}


class LadderView(VerticalScroll):
    """The arrows between the parties, and beneath each what it means."""

    DEFAULT_CSS = """
    LadderView { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    LadderView > Static { height: auto; text-wrap: nowrap; }
    """

    def __init__(self, *, ascii: bool) -> None:
        super().__init__()
        self._ascii = ascii
        self._exchange: Exchange | None = None
        self._options = False
        self._drawing = Static()

    def compose(self) -> ComposeResult:
        """The drawing."""
        yield self._drawing

    def on_resize(self, event: events.Resize) -> None:
        """Draw it for another width."""
        self._draw()

    def show(self, exchange: Exchange, *, options: bool) -> None:
        """Draw another exchange, or the same with or without its OPTIONS."""
        if exchange is not self._exchange:
            self.scroll_home(animate=False)
        self._exchange, self._options = exchange, options
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if self._exchange is None or not width:
            return
        if not self._exchange.trace.messages:
            self._drawing.update(styled("Nothing went over the wire.", "$foreground-muted"))
            return
        lines = self._exchange.ladder(options=self._options).drawn(width, self._ascii)
        drawn = [styled(line.text, _STYLES[line.tone]) if line.tone else plain(line.text) for line in lines]
        self._drawing.update(Content("\n").join(drawn))
