"""The Audit tab: every change, who made it and what it changed, and taking one back (W-027)."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from cxtui.models.audit import AuditEntry
from cxtui.services.outcome import Change
from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.list_commands import FILTER, LEAVE
from cxtui.ui.panes.pane import Pane
from cxtui.ui.widgets.difference import DifferenceLines
from cxtui.ui.widgets.grid_view import GridView
from cxtui.ui.widgets.row_table import RowTable

REVERT = Command(
    "audit.revert",
    "v",
    "Take back",
    "Take the change back, where that is still possible",
    "revert",
    needs_row=True,
    writes=True,
)
OBJECT = Command("audit.object", "o", "This object", "Only the changes of this object", "object", needs_row=True)
VERIFY = Command("audit.verify", "V,shift+v", "Verify", "Check that nobody tampered with the log", "verify")
COMMANDS = (REVERT, OBJECT, VERIFY, FILTER, LEAVE)


class AuditPane(Pane):
    """The log, newest first; its filter knows words, days (2026-11-23) and spans (2h), and below is what changed."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view = GridView(desk, columns.AUDIT, id="audit-list")
        self._difference = DifferenceLines()

    def compose(self) -> ComposeResult:
        """The list, and what the row under the cursor changed."""
        yield self.view
        yield self._difference

    @property
    def entry(self) -> AuditEntry | None:
        """The row under the cursor."""
        return self.view.shown.row if self.view.shown else None

    @property
    def settled(self) -> bool:
        """Whether the list takes keys by now."""
        return self.has_focus_within and (self.view.settled or not self.view.table.has_focus)

    def refresh_rows(self) -> None:
        """Read the rows on screen again."""
        self.view.refresh_rows()

    def focus_list(self) -> None:
        """Put the cursor into the list."""
        self.view.table.focus()

    def go_to(self, text: str, key: int) -> None:
        """Show the changes that a filter finds."""
        self.view.go_to(text, key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what the role forbids; grey out what needs a row where there is none."""
        if not super().check_action(action, parameters):
            return False
        if any(command.needs_row and command.verb == action for command in self.commands):
            return True if self.entry else None
        return True

    def action_revert(self) -> None:
        """Ask, then take back the change under the cursor."""
        from cxtui.services.undo import sets_password, words
        from cxtui.ui.screens.confirm import Confirm
        from cxtui.ui.taking_back import take_back

        entry = self.entry
        if entry is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                take_back(self, self.desk, self._done, self.trouble, entry.change_id)

        if sets_password(entry):
            # Its own question says more, and one is enough.
            answered(True)
        else:
            self.app.push_screen(Confirm(f"Take back: {words(entry)}?", "Take back"), answered)

    def action_object(self) -> None:
        """Show the history of the object under the cursor."""
        from cxtui.services.audit import object_filter

        if self.entry is not None:
            self.view.go_to(object_filter(self.entry.entity, self.entry.entity_id), self.entry.id)

    def action_verify(self) -> None:
        """Follow the chain of the log."""
        from cxtui.services.audit import Verdict, verify

        def told(verdict: Verdict) -> None:
            self.app.notify(verdict.sentence, severity="error" if verdict.broken else "information", timeout=10)

        self.desk.work.read(self, "verify", partial(verify, self.desk.context), told, self.trouble)

    def action_filter(self) -> None:
        """Open the filter line."""
        self.view.open_filter()

    def action_leave(self) -> None:
        """Clear the filter."""
        self.view.close_filter()

    def _done(self, change: Change) -> None:
        self.post_message(self.Done(change))

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        self._difference.say(self.view.shown)
        self.refresh_bindings()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_object()

    @on(GridView.Failed)
    def _unreadable(self, event: GridView.Failed) -> None:
        event.stop()
        self.trouble(event.problem)
