"""All about the edge under the cursor, in lines that scroll."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cxtui.services.edge_overview import EdgeView
from cxtui.ui.desk import Desk
from cxtui.ui.text import plain
from cxtui.ui.widgets import edge_words
from cxtui.ui.widgets.sized import Sized

_WIDE = 100
_HISTORY = 32
_FRAME = 3
"""Cells of the padding and the scrollbar."""


class EdgeDetails(Sized, VerticalScroll):
    """How an edge stands, how fast changes reach it and where it differs; the last generations beside or below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "Up", show=False),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("g", "scroll_home", "First", show=False),
        Binding("G,shift+g", "scroll_end", "Last", show=False),
    ]
    DEFAULT_CSS = """
    EdgeDetails {
        height: 1fr; padding: 0 0 0 1; border-top: solid $panel; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    EdgeDetails > Container { height: auto; layout: vertical; }
    EdgeDetails.-beside > Container { layout: horizontal; }
    EdgeDetails #edge-words { height: auto; width: 1fr; }
    EdgeDetails Static { height: auto; }
    EdgeDetails #edge-drift { text-wrap: nowrap; text-overflow: ellipsis; margin: 1 0 0 0; }
    EdgeDetails #edge-history { text-wrap: nowrap; text-overflow: ellipsis; margin: 1 0 0 0; }
    EdgeDetails.-beside #edge-history { width: 32; margin: 0 0 0 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._view: EdgeView | None = None
        self._known = False
        self._whole = False
        self._parts = {name: Static(id=f"edge-{name}") for name in ("state", "drift", "history")}

    def compose(self) -> ComposeResult:
        """What is said, and the last generations."""
        with Container():
            with Vertical(id="edge-words"):
                yield self._parts["state"]
                yield self._parts["drift"]
            yield self._parts["history"]

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.set_class(self._wide, "-beside")
        self._say()

    def show(self, view: EdgeView | None) -> None:
        """Tell of an edge; None: there is no edge."""
        if view is None or self._view is None or view.state.edge.id != self._view.state.edge.id:
            self.scroll_home(animate=False)
        self._view, self._known = view, True
        self._say()

    def tell_all(self, whole: bool) -> None:
        """Tell all there is of each difference, or what finds room on a line."""
        self._whole = whole
        self._say()

    @property
    def text(self) -> str:
        """All that is said, as it is copied."""
        lines = [part for content in self._told(whole=True).values() for part in content]
        return "\n".join(line.plain for line in lines)

    @property
    def _wide(self) -> bool:
        return self.size.width >= _WIDE

    @property
    def _room(self) -> int:
        return max(40, self.size.width - _FRAME - (_HISTORY + 1 if self._wide else 0))

    def _told(self, *, whole: bool) -> dict[str, list[Content]]:
        view, now, glyphs = self._view, self._desk.context.now(), self._desk.glyphs
        if view is None:
            return {"state": [plain(line) for line in edge_words.NONE]}
        pace = edge_words.pace_lines(view, glyphs, self._room)
        return {
            "state": [*edge_words.state_lines(view, now, glyphs), *pace],
            "drift": edge_words.drift_lines(view, now, self._room, whole=whole),
            "history": edge_words.history_lines(view, now),
        }

    def _say(self) -> None:
        if not (self._known and self.size):
            return
        told = self._told(whole=self._whole)
        for name, part in self._parts.items():
            words = Content("\n").join(told.get(name, ()))
            if words != part.content:
                part.update(words)
