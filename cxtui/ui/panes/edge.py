"""The Edge tab: how each edge stands, how fast changes reach it, and where it differs from the database (W-034)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from cxtui.models.edge import Edge
from cxtui.services.context import Context
from cxtui.services.edge_overview import EdgeView, Overview, overview
from cxtui.services.outcome import Change
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.pane import Pane
from cxtui.ui.widgets.edge_details import EdgeDetails
from cxtui.ui.widgets.edge_rows import COLUMNS, edge_row, rows_word
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Row

COMPARE = Command(
    "edge.compare",
    "r",
    "Compare now",
    "Look now for what the edge holds and the database does not, and the reverse",
    "compare",
    needs_row=True,
    writes=True,
)
RECONCILE = Command(
    "edge.reconcile",
    "R,shift+r",
    "Reconcile",
    "Make what the edge holds match the database",
    "reconcile",
    needs_row=True,
    writes=True,
)
DETAILS = Command(
    "edge.details", "enter,e", "Details", "All that is known of the edge, on the whole tab", "details", needs_row=True
)
COPY = Command("edge.copy", "y", "Copy", "Copy all that is said of the edge", "copy", needs_row=True)
CLOSE = Command("edge.close", "escape", "Back", "Back from the details to the list", "leave")
COMMANDS = (COMPARE, RECONCILE, DETAILS, COPY, CLOSE)


class EdgePane(Pane):
    """The edges over what is known of the one under the cursor."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    EdgePane > RowList { height: 2; max-height: 50%; }
    EdgePane.-open > RowList { display: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.table = RowList(COLUMNS, empty_text="No edge is attached.", glyphs=desk.glyphs, id="edge-list")
        self.table.scroll_step = desk.scroll_step
        self.details = EdgeDetails(desk)
        self._rows: Sequence[Row] = ()
        self._reading = False
        self._read = False

    def compose(self) -> ComposeResult:
        """The list, the details."""
        yield self.table
        yield self.details

    def on_mount(self) -> None:
        """Read how the edges stand."""
        self._read = True
        self.refresh_rows()

    def refresh_rows(self) -> None:
        """Read it again; not before there is a place to show it."""
        if self._read:
            self._reading = True
            self.desk.work.read(self, "edges", partial(overview, self.desk.context), self._arrived, self._failed)

    @property
    def view(self) -> EdgeView | None:
        """The edge under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, EdgeView) else None

    @property
    def opened(self) -> bool:
        """Whether the details have the whole tab."""
        return self.has_class("-open")

    @property
    def settled(self) -> bool:
        """Whether what was asked for is there and takes keys."""
        return self.has_focus_within and not self._reading

    def focus_list(self) -> None:
        """Put the cursor into the list, or into the details while they have the whole tab."""
        (self.details if self.opened else self.table).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what the role forbids; grey out what needs an edge where there is none."""
        if not super().check_action(action, parameters):
            return False
        if (action == "leave" and not self.opened) or (action == "details" and self.opened):
            return False
        if any(command.needs_row and command.verb == action for command in self.commands):
            return True if self.view else None
        return True

    def action_details(self) -> None:
        """Give the details the whole tab."""
        self._open(self.view is not None)

    def action_leave(self) -> None:
        """Back to the list."""
        self._open(False)

    def action_copy(self) -> None:
        """Copy all that is said of the edge."""
        if self.view is not None:
            self.app.copy_to_clipboard(f"{self.view.state.edge.name}\n{self.details.text}")

    def action_compare(self) -> None:
        """Have the edge compared with the database now."""
        from cxtui.services.edge_orders import compare

        if self.view is not None:
            self._order(compare, self.view.state.edge)

    def action_reconcile(self) -> None:
        """Ask, then have the edge made to match the database."""
        from cxtui.ui.screens.confirm import Confirm

        view = self.view
        if view is None:
            return
        self.desk.work.get_ready(self)

        def answered(yes: bool | None) -> None:
            if yes:
                from cxtui.services.edge_orders import reconcile

                self._order(reconcile, view.state.edge)

        self.app.push_screen(Confirm(_question(view), "Reconcile"), answered)

    def _order(self, verb: Callable[[Context, Edge], Change], edge: Edge) -> None:
        from cxtui.ui.screens.reason import with_reason

        def go(context: Context) -> None:
            self.desk.work.write(self, partial(verb, context, edge), self._carried_out, self.trouble)

        with_reason(self.app, self.desk.context, go)

    def _carried_out(self, change: Change) -> None:
        self.post_message(self.Done(change))

    def _open(self, opened: bool) -> None:
        self.set_class(opened, "-open")
        self.details.tell_all(opened)
        self.focus_list()
        self.refresh_bindings()

    def _arrived(self, found: Overview) -> None:
        now = self.desk.context.now()
        self._rows = rows = [edge_row(view, now, self.desk.glyphs) for view in found.edges]
        if len(rows) == len(self.table.rows):
            self._show(rows)
            return
        # A list that grows under rows it has already would be scrolled, and its cursor moved with it.
        self.table.styles.height = max(1, len(rows)) + 1
        self.call_after_refresh(self._show, rows)

    def _show(self, rows: Sequence[Row]) -> None:
        if rows is not self._rows:
            # What was read since is there already, or on its way.
            return
        self._reading = False
        self.table.show(rows)
        # An edge that comes in above is no reason to look at another one.
        self.table.move_to(self.table.cursor)
        if not rows and self.opened:
            self._open(False)
        self.details.show(self.view)

    def _failed(self, problem: Exception) -> None:
        self._reading = False
        self.trouble(problem)

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_details()

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        self.details.show(self.view)
        self.refresh_bindings()


def _question(view: EdgeView) -> str:
    """What a reconciliation will do, as far as it is known before."""
    does = "what only the edge holds is removed, what it lacks is loaded"
    if not view.drift_count:
        known = f"It is compared first: {does}."
    elif view.drift_count > len(view.drift):
        known = f"{rows_word(view.drift_count)} differ: {does}."
    else:
        ours = sum(drift.side == "edge" for drift in view.drift)
        lacking = rows_word(len(view.drift) - ours)
        known = f"{rows_word(ours)} that only the edge holds will be removed, {lacking} that it lacks loaded."
    return f"Make {view.state.edge.name} match the database? {known}"
