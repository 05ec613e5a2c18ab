"""The bottom line: the keys of this place.

Textual's footer makes a widget of every key and makes them all anew when the focus moves, which costs more than the
rest of the screen together; this is one line of text.
"""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from cxtui.ui.text import styled

_GAP = 2


class Offer(NamedTuple):
    """A key, what it does, and whether it can be done now."""

    key: str
    shown: str
    title: str
    enabled: bool

    @property
    def width(self) -> int:
        """Cells on the line."""
        return len(self.shown) + 1 + len(self.title)


class KeyBar(Widget):
    """Shows the commands that are meant for the footer; a click carries one out."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $foreground; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.offers: tuple[Offer, ...] = ()

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def render(self) -> Content:
        """As many as fit; the last one, which tells of all the others, always stands."""
        parts: list[Content] = []
        for offer in self._fitting():
            style = "" if offer.enabled else "dim"
            parts.append(styled(offer.shown, f"bold $text-accent {style}") + styled(f" {offer.title}", style))
        return Content(" " * _GAP).join(parts)

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        x = self.styles.padding.left
        for offer in self._fitting():
            if x <= event.x < x + offer.width:
                self.app.simulate_key(offer.key)
                return
            x += offer.width + _GAP

    def _changed(self, screen: Screen[object]) -> None:
        offers: dict[str, Offer] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in offers:
                shown = self.app.get_key_display(binding)
                offers[binding.action] = Offer(binding.key, shown, binding.description, active.enabled)
        if tuple(offers.values()) != self.offers:
            self.offers = tuple(offers.values())
            self.refresh()

    def _fitting(self) -> list[Offer]:
        room = self.size.width
        kept = list(self.offers)
        while len(kept) > 1 and sum(offer.width for offer in kept) + _GAP * (len(kept) - 1) > room:
            del kept[-2]
        return kept
