"""A tab with lists: what is under the cursor, what is marked, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from cxtui.services.grids import Shown
from cxtui.services.subjects import Subject
from cxtui.ui.desk import Desk
from cxtui.ui.panes.form_host import FormHost
from cxtui.ui.scope import Scope
from cxtui.ui.widgets.explain import Explain
from cxtui.ui.widgets.grid_view import GridView
from cxtui.ui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel


class ListPane(FormHost):
    """Lists, of which one is used at a time, and an explanation under them; a form that is open takes their keys."""

    def __init__(self, desk: Desk, *views: GridView) -> None:
        super().__init__(desk)
        self.views = views
        self.explain = Explain()
        self._offered = False

    def compose(self) -> ComposeResult:
        """The lists, the form beside them, and the explanation under all."""
        with Container():
            yield from self.views
        yield self.explain

    @property
    def view(self) -> GridView:
        """The list that is used."""
        return self.views[0]

    @property
    def shown(self) -> Shown | None:
        """The row under the cursor."""
        return self.view.shown

    @property
    def subject(self) -> Subject | None:
        """The entry or user under the cursor."""
        return Subject.of(self.shown.row) if self.shown else None

    def set_scope(self, scope: Scope) -> None:
        """List the rows of another company."""
        super().set_scope(scope)
        for view in self.views:
            view.set_scope(scope)

    def refresh_rows(self) -> None:
        """Read the rows on screen again."""
        for view in self.views:
            view.refresh_rows()

    @property
    def list_widget(self) -> Widget:
        """The list that is used."""
        return self.view.table

    @property
    def ready(self) -> bool:
        """Whether the list knows the row under the cursor."""
        return self.view.settled or not self.view.table.has_focus

    def has_row(self, action: str) -> bool:
        """Whether there is a row under the cursor."""
        return self.shown is not None

    def go_to(self, text: str, key: int) -> None:
        """Show a row, which ``text`` finds."""
        self.view.go_to(text, key)

    def chosen(self) -> list[Any]:
        """The marked rows that are on screen, or the row under the cursor."""
        marked = self.view.marked_rows()
        if marked:
            return marked
        return [self.shown.row] if self.shown else []

    def open_form(self, form: FormPanel) -> None:
        """Show a form; the focus stays in it, because no key of the list would work."""
        for view in self.views:
            view.table.can_focus = False
        super().open_form(form)

    def close_form(self) -> None:
        """Close the form; the list takes keys again."""
        for view in self.views:
            view.table.can_focus = True
        super().close_form()

    def action_filter(self) -> None:
        """Open the filter line."""
        self.view.open_filter()

    def action_leave(self) -> None:
        """Clear the filter, or else the marks."""
        if self.view.needle or self.view.has_class("-filtering"):
            self.view.close_filter()
        else:
            self.view.table.clear_marks()

    def action_mark(self) -> None:
        """Mark the row under the cursor."""
        self.view.table.action_toggle_mark()

    def action_copy(self) -> None:
        """Copy the name of the row to the operator's clipboard."""
        if self.shown:
            row = self.shown.row
            self.app.copy_to_clipboard(str(getattr(row, "address", "") or getattr(row, "username", "") or row.name))

    def action_history(self) -> None:
        """Show the audit of the row under the cursor (W-027)."""
        if self.shown:
            self.post_message(self.History(self.shown.row))

    def say(self) -> None:
        """Explain the row under the cursor."""
        self.explain.say(self.shown, self.allowed)

    @on(RowTable.CursorMoved)
    def _row_moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        if event.table is self.view.table:
            self.say()
            self._offer()

    @on(GridView.Failed)
    def _unreadable(self, event: GridView.Failed) -> None:
        event.stop()
        self.trouble(event.problem)

    def _offer(self) -> None:
        # The footer is made anew by this, so only when something else can be done than before.
        offered = self.shown is not None
        if offered is not self._offered:
            self._offered = offered
            self.refresh_bindings()
