"""The Companies tab: customers and carriers; Enter chooses whose data the other tabs show."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from cxtui.rules.roles import Role
from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.editing import EditingPane, list_of
from cxtui.ui.panes.list_commands import COMMANDS
from cxtui.ui.scope import Scope
from cxtui.ui.widgets.row_table import RowTable

CHOOSE = Command("companies.choose", "enter", "Choose", "Show this company in all tabs", "choose", needs_row=True)


class CompaniesPane(EditingPane):
    """Customers and carriers (S-001, S-003)."""

    needs: ClassVar[Role] = Role.ADMIN
    commands: ClassVar[tuple[Command, ...]] = (CHOOSE, *COMMANDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings(CHOOSE)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.COMPANIES))

    def action_choose(self) -> None:
        """Show the company under the cursor in all tabs."""
        if self.shown:
            self.post_message(self.Scoped(Scope(self.shown.row.id, self.shown.row.name)))

    @on(RowTable.Chosen)
    def _choose(self, event: RowTable.Chosen) -> None:
        event.stop()
        event.prevent_default()
        self.action_choose()
