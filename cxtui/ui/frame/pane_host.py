"""The place where the tabs stand: one is shown, those visited before are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from cxtui.services.subjects import Subject
from cxtui.ui.desk import Desk
from cxtui.ui.panes.pane import Pane
from cxtui.ui.panes.tabs import TABS
from cxtui.ui.scope import ALL, Scope

if TYPE_CHECKING:
    from cxtui.services.find import Hit
    from cxtui.ui.frame.search import Search


class PaneHost(Vertical):
    """Shows one pane, or the search in its place."""

    DEFAULT_CSS = """
    PaneHost { height: 1fr; }
    """

    def __init__(self, desk: Desk, first: str) -> None:
        super().__init__()
        self._desk = desk
        self._panes: dict[str, Pane] = {first: _make(first, desk)}
        self._stale: set[str] = set()
        self._search: Search | None = None
        self._scope = ALL
        self._subject: Subject | None = None
        self._going = False
        self.active = first

    def compose(self) -> ComposeResult:
        """The first pane."""
        yield self._panes[self.active]

    @property
    def pane(self) -> Pane | None:
        """The pane that is shown, or lies under the search."""
        return self._panes.get(self.active)

    @property
    def searching(self) -> bool:
        """Whether the search is open."""
        return self._search is not None and bool(self._search.display)

    @property
    def settled(self) -> bool:
        """Whether what is shown takes keys by now."""
        if self.searching and self._search is not None:
            return self._search.settled
        if self._going:
            return False
        return self.pane is None or self.pane.settled

    def show(self, name: str, subject: Subject | None = None) -> Pane:
        """Show a pane; one that missed commits reads its rows again.

        ``subject`` is the entry or user to look at; without one it is that of the pane that is left.
        """
        self._subject = subject or (self.pane.subject if self.pane is not None else None) or self._subject
        pane = self._panes.get(name)
        if pane is None:
            pane = self._panes[name] = _make(name, self._desk)
            pane.set_scope(self._scope)
            self.mount(pane)
        for key, other in self._panes.items():
            other.display = key == name
        if self._search is not None:
            self._search.display = False
        self.active = name
        pane.set_scope(self._scope)
        pane.set_subject(self._subject)
        if name in self._stale:
            self._stale.discard(name)
            pane.refresh_rows()
        self.call_after_refresh(pane.focus_list)
        return pane

    def go_to(self, hit: Hit) -> None:
        """Show the row of a hit in its tab."""
        self.show_filtered(hit.grid, hit.title, hit.id)

    def show_filtered(self, name: str, text: str, key: int = 0) -> None:
        """Show what a filter finds in a tab, with the cursor on the row ``key``."""
        pane = self.show(name)
        self._going = True

        def arrive() -> None:
            self._going = False
            pane.go_to(text, key)

        self.call_after_refresh(arrive)

    def set_scope(self, scope: Scope) -> None:
        """Look at another company."""
        self._scope = scope
        if self.pane is not None:
            self.pane.set_scope(scope)

    def refresh_rows(self) -> None:
        """Read what is on the screen again; what is not, when it is shown next."""
        self._stale = set(self._panes)
        if self.pane is not None and not self.searching:
            self._stale.discard(self.active)
            self.pane.refresh_rows()
            self.pane.look_around()

    def focus_something(self) -> None:
        """Give the focus to what is shown."""
        if self.searching and self._search is not None:
            self._search.focus_field()
        elif self.pane is not None:
            self.pane.focus_list()

    def open_search(self) -> None:
        """Show the search in place of the pane."""
        if self._search is None:
            from cxtui.ui.frame.search import Search

            self._search = Search(self._desk)
            self.mount(self._search)
        for pane in self._panes.values():
            pane.display = False
        self._search.display = True
        self._search.begin()
        self.call_after_refresh(self._search.focus_field)

    def close_search(self) -> None:
        """Back to the pane."""
        if self.active:
            self.show(self.active)


def _make(name: str, desk: Desk) -> Pane:
    return next(tab for tab in TABS if tab.name == name).make(desk)
