"""What is done with many IP entries or SIP users at once: a range added, marked rows edited, files read and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import localtime, strftime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cxtui.services.outcome import Change, ServiceError
from cxtui.ui.commands import Command, bindings
from cxtui.ui.panes.deeds import DeedsPane

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel
    from cxtui.ui.screens.plan import Planner

RANGE = Command("bulk.range", "b", "Range", "Add a range of SIP users, such as 1000-1199", "range", writes=True)
IMPORT = Command(
    "bulk.import", "I,shift+i", "Import", "Add and change rows from a CSV file", "import", footer=False, writes=True
)
EXPORT = Command("bulk.export", "X,shift+x", "Export", "Write the whole list to a CSV file", "export", footer=False)
COMMANDS = (RANGE, IMPORT, EXPORT)
_FILES = {"ip_auth": "ip-entries", "sip_users": "sip-users"}


class BulkPane(DeedsPane):
    """Every bulk change is a plan first; nothing is written before it was looked at (W-090…W-092)."""

    commands: ClassVar[tuple[Command, ...]] = (*DeedsPane.commands, *COMMANDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only users come in ranges; a new IP entry takes many addresses by itself."""
        if action == "range" and self.place.kind != "sip_users":
            return False
        return super().check_action(action, parameters)

    def action_edit(self) -> None:
        """Open the form of the row under the cursor, or one for all marked rows."""
        rows = self.view.marked_rows()
        if len(rows) < 2 or self.busy_form:
            super().action_edit()
            return
        from cxtui.ui.forms.bulk import edit_many
        from cxtui.ui.forms.kinds import Draft
        from cxtui.ui.forms.panel import FormPanel

        self.open_form(FormPanel(self.desk, edit_many(self.place.kind, rows), Draft(rows[0].company_id)))

    def action_range(self) -> None:
        """Open the form of a range of users."""
        if self.busy_form:
            return
        from cxtui.ui.forms.bulk import new_range
        from cxtui.ui.forms.kinds import Draft
        from cxtui.ui.forms.panel import FormPanel

        self.open_form(FormPanel(self.desk, new_range(), Draft(self.scope.company_id or 0)))

    def action_import(self) -> None:
        """Ask for a file, then show what it would change."""
        from cxtui.ui.screens.ask_path import AskPath

        kind, company = self.place.kind, self.scope.company_id

        def named(path: Path | None) -> None:
            if path is not None:
                from cxtui.services.bulk.importing import plan_import

                context = self.desk.context
                self._look_at(
                    f"Import of {path.name}",
                    lambda progress: plan_import(context, kind, path, progress, company_id=company),
                )

        whose = f" Rows without a company go to {self.scope.name}." if company else " Each row names its company."
        self.app.push_screen(AskPath("Import a CSV file", f"Nothing is written before you have seen it.{whose}"), named)

    def action_export(self) -> None:
        """Ask for a file, then write the list into it."""
        from cxtui.ui.screens.ask_path import AskPath

        kind, company = self.place.kind, self.scope.company_id
        suggested = strftime(f"~/{_FILES[kind]}-%Y%m%d-%H%M.csv", localtime())

        def named(path: Path | None) -> None:
            if path is None:
                return
            from cxtui.services.bulk.exporting import export

            def job() -> int:
                if path.exists():
                    raise ServiceError(f"{path} is there already: name a new file.")
                return export(self.desk.context, kind, company, path)

            def done(count: int) -> None:
                words = f"{count:,} rows are in {path}. There are no passwords in it."
                self.app.notify(words, timeout=10)

            self.desk.work.read(self, "export", job, done, self.trouble)

        words = f"{self.scope.name}: every row and field, as an import takes them. No passwords."
        self.app.push_screen(AskPath("Export to a CSV file", words, suggested, new=True), named)

    def on_form_panel_planned(self, event: FormPanel.Planned) -> None:
        """Show what the form would do."""
        event.stop()
        panel, plan = event.panel, event.plan

        def closed(change: Change | None) -> None:
            if change is not None:
                self.close_form()

        self._look_at(f"{panel.form.noun[0].upper()}{panel.form.noun[1:]}", lambda progress: plan, closed)

    def _look_at(self, title: str, planner: Planner, closed: Callable[[Change | None], None] | None = None) -> None:
        from cxtui.ui.screens.plan import PlanScreen

        def answered(change: Change | None) -> None:
            if closed is not None:
                closed(change)
            if change is not None:
                self.view.table.clear_marks()
                self.post_message(self.Done(change))

        self.desk.work.get_ready(self)
        self.app.push_screen(PlanScreen(self.desk, title, planner), answered)
