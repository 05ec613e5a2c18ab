"""Where the console looks: which tab, which company, which row, which subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App, ReturnType

from cxtui.services.subjects import Subject
from cxtui.ui.desk import Desk
from cxtui.ui.frame.pane_host import PaneHost
from cxtui.ui.frame.tab_bar import TabBar
from cxtui.ui.panes.pane import Pane
from cxtui.ui.panes.tabs import TABS
from cxtui.ui.scope import ALL, Scope

if TYPE_CHECKING:
    from cxtui.services.find import Hit
    from cxtui.ui.frame.search import Search


class NavigatingApp(App[ReturnType]):
    """An app of tabs over one company or all; a search goes to a row, wherever it is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._scope = ALL
        self._tabs = TabBar(TABS)
        self._tabs.active = TABS[0].name
        self._host = PaneHost(desk, TABS[0].name)
        self._choosing = False

    def read_status(self) -> None:
        """Ask anew how things stand."""

    @property
    def scope(self) -> Scope:
        """The company that is shown."""
        return self._scope

    @property
    def pane(self) -> Pane | None:
        """The tab that is shown."""
        return self._host.pane

    def action_tab(self, name: str) -> None:
        """Show a tab."""
        self.show_tab(name)

    def show_tab(self, name: str, subject: Subject | None = None) -> None:
        """Show a tab, of a subject where one is named."""
        self._tabs.active = name
        self._host.show(name, subject)
        self.read_status()
        self.refresh_bindings()

    def action_find(self) -> None:
        """Open the search."""
        self._choosing = False
        self._host.open_search()
        self.refresh_bindings()

    def action_all_companies(self) -> None:
        """Show all companies."""
        self.set_scope(ALL)

    def set_scope(self, scope: Scope) -> None:
        """Look at another company in every tab."""
        self._scope = scope
        self._host.set_scope(scope)
        self.read_status()

    @on(TabBar.Picked)
    def _picked(self, event: TabBar.Picked) -> None:
        if self.check_action("tab", ()):
            self.action_tab(event.name)
        else:
            self.notify("Save the form or leave it first.", severity="warning")

    def on_search_found(self, event: Search.Found) -> None:
        """The operator goes to a hit, or closes the search."""
        if event.hit is None:
            self._host.close_search()
            self.refresh_bindings()
        else:
            self._go(event.hit)

    @on(Pane.Choosing)
    def _choose_subject(self) -> None:
        self.action_find()
        self._choosing = True

    @on(Pane.Opened)
    def _opened(self, event: Pane.Opened) -> None:
        self.show_tab(event.tab, event.subject)

    @on(Pane.History)
    def _history(self, event: Pane.History) -> None:
        from cxtui.services.audit import object_filter_of

        self._tabs.active = "audit"
        self._host.show_filtered("audit", object_filter_of(event.row))
        self.refresh_bindings()

    @on(Pane.Scoped)
    def _scoped(self, event: Pane.Scoped) -> None:
        self.set_scope(event.scope)
        self.action_tab("auth")

    def _go(self, hit: Hit) -> None:
        subject = Subject.of_hit(hit.grid, hit.id)
        if self._choosing and subject is not None:
            self._choosing = False
            self.show_tab(self._host.active, subject)
            return
        if hit.grid == "companies":
            self.set_scope(Scope(hit.id, hit.title))
            self.action_tab("auth")
            return
        if self._scope.company_id not in (None, hit.company_id):
            self.set_scope(ALL)
        self._tabs.active = hit.grid
        self._host.go_to(hit)
        self.refresh_bindings()
