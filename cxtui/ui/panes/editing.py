"""A tab whose rows are added, edited and deleted in a panel beside the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType

from cxtui.services.labels import several
from cxtui.services.outcome import Change
from cxtui.ui.columns import ListLook
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.form_host import Verb
from cxtui.ui.panes.list_commands import COMMANDS
from cxtui.ui.panes.list_pane import ListPane
from cxtui.ui.widgets.grid_view import GridView
from cxtui.ui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from cxtui.ui.forms.kinds import FormKind
    from cxtui.ui.screens.confirm import Confirm


@dataclass(frozen=True, slots=True)
class Place:
    """A list on a tab and what its rows are."""

    view: GridView
    kind: str


class EditingPane(ListPane):
    """A tab with lists and the form of the row that is being edited."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk, *places: Place) -> None:
        super().__init__(desk, *(place.view for place in places))
        self.places = places
        self.place = places[0]

    @property
    def view(self) -> GridView:
        """The list that is used."""
        return self.place.view

    @property
    def form_kind(self) -> FormKind:
        """What the list that is used holds."""
        from cxtui.ui.forms.kinds import FORM_KINDS

        return FORM_KINDS[self.place.kind]

    def action_add(self) -> None:
        """Open the form for a new row."""
        from cxtui.ui.forms.kinds import Draft

        self.edit(Draft(self.scope.company_id or 0), self.place.kind)

    def action_edit(self) -> None:
        """Open the form for the row under the cursor."""
        if self.shown:
            from cxtui.ui.forms.kinds import Draft

            row = self.shown.row
            self.edit(Draft(getattr(row, "company_id", 0) or 0, row), self.place.kind)

    def action_delete(self) -> None:
        """Ask, then delete."""
        rows, delete = self.chosen(), self.form_kind.delete
        if not rows or delete is None:
            return
        from cxtui.ui.screens.confirm import Confirm

        self.ask(
            Confirm(f"Delete {several(rows)}?", "Delete", names=rows),
            lambda context: delete(context, rows),
        )

    def ask(self, question: Confirm, verb: Verb) -> None:
        """Carry out a verb if the operator says yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.carry_out(verb)

        self.app.push_screen(question, answered)

    def carried_out(self, change: Change) -> None:
        """What was marked is done."""
        self.view.table.clear_marks()
        super().carried_out(change)

    @on(RowTable.Chosen)
    def _row_opened(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_edit()


def list_of(desk: Desk, look: ListLook) -> Place:
    """The list of a tab that has only one."""
    return Place(GridView(desk, look, id=f"{look.kind}-list"), look.kind)
