"""The place where the tabs stand: one is shown, those visited before are kept."""

from __future__ import annotations

from textual.containers import Vertical

from cxtui.ui.desk import Desk
from cxtui.ui.frame.search import Search
from cxtui.ui.panes.pane import Pane
from cxtui.ui.panes.tabs import TABS
from cxtui.ui.scope import ALL, Scope


class PaneHost(Vertical):
    """Shows one pane, or the search in its place."""

    DEFAULT_CSS = """
    PaneHost { height: 1fr; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._panes: dict[str, Pane] = {}
        self._stale: set[str] = set()
        self._search: Search | None = None
        self._scope = ALL
        self.active = ""

    @property
    def pane(self) -> Pane | None:
        """The pane that is shown, or lies under the search."""
        return self._panes.get(self.active)

    @property
    def searching(self) -> bool:
        """Whether the search is open."""
        return self._search is not None and bool(self._search.display)

    def show(self, name: str) -> Pane:
        """Show a pane; one that missed commits reads its rows again."""
        pane = self._panes.get(name)
        if pane is None:
            pane = next(tab for tab in TABS if tab.name == name).make(self._desk)
            self._panes[name] = pane
            pane.set_scope(self._scope)
            self.mount(pane)
        for key, other in self._panes.items():
            other.display = key == name
        if self._search is not None:
            self._search.display = False
        self.active = name
        pane.set_scope(self._scope)
        if name in self._stale:
            self._stale.discard(name)
            pane.refresh_rows()
        self.call_after_refresh(pane.focus_list)
        return pane

    def set_scope(self, scope: Scope) -> None:
        """Look at another company."""
        self._scope = scope
        if self.pane is not None:
            self.pane.set_scope(scope)

    def refresh_rows(self) -> None:
        """Read what is on the screen again; what is not, when it is shown next."""
        self._stale = set(self._panes) - {self.active}
        if self.pane is not None and not self.searching:
            self.pane.refresh_rows()

    def focus_something(self) -> None:
        """Give the focus to what is shown."""
        if self.searching and self._search is not None:
            self._search.focus_field()
        elif self.pane is not None:
            self.pane.focus_list()

    def open_search(self) -> None:
        """Show the search in place of the pane."""
        if self._search is None:
            self._search = Search(self._desk)
            self.mount(self._search)
        for pane in self._panes.values():
            pane.display = False
        self._search.display = True
        self.call_after_refresh(self._search.open)

    def close_search(self) -> None:
        """Back to the pane."""
        if self.active:
            self.show(self.active)
