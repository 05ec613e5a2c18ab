"""What is done with the devices of SIP users: pinged, sent a message, looked at where they are registered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from cxtui.services import edge_jobs
from cxtui.services.outcome import Change
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.bulk import BulkPane
from cxtui.ui.panes.editing import Place
from cxtui.ui.widgets.registration_jobs import Followed
from cxtui.ui.widgets.registration_lines import RegistrationLines

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel

PING = Command(
    "sip.ping", "o", "Ping", "Ping the devices of the marked users now (OPTIONS)", "ping", needs_row=True, writes=True
)
MESSAGE = Command(
    "sip.message", "m", "Message", "Send a SIP message to the marked users", "message", needs_row=True, writes=True
)
CONTACTS = Command(
    "sip.contacts", "v", "Registrations", "Where the user is registered, and its pings", "contacts", needs_row=True
)
COMMANDS = (PING, MESSAGE, CONTACTS)


class RegistrationsPane(BulkPane):
    """A tab that lists SIP users, with two lines about where the one under the cursor is registered."""

    commands: ClassVar[tuple[Command, ...]] = (*BulkPane.commands, *COMMANDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk, *places: Place) -> None:
        super().__init__(desk, *places)
        self.lines = RegistrationLines(desk)
        self._pings = Followed(self, desk, self._heard, self.trouble)

    def compose(self) -> ComposeResult:
        """The list and its explanation, then the registrations."""
        yield from super().compose()
        yield self.lines

    def refresh_rows(self) -> None:
        """Read the rows on screen again, and how the pings stand."""
        super().refresh_rows()
        self._pings.look()

    def say(self) -> None:
        """Explain the row under the cursor, and tell where it is registered."""
        super().say()
        self.lines.say(self.shown, self._pings.by_contact)

    def open_form(self, form: FormPanel) -> None:
        """Show a form; it needs the room."""
        self.lines.add_class("-away")
        super().open_form(form)

    def close_form(self) -> None:
        """Close the form."""
        self.lines.remove_class("-away")
        super().close_form()

    def action_ping(self) -> None:
        """Ping every contact of the chosen users, unless a ping is on its way already (W-020)."""
        rows = self.chosen()
        if rows and not self._pings.busy:
            self._pings.ask(partial(edge_jobs.ping, self.desk.context, rows), lambda jobs: jobs)

    def action_message(self) -> None:
        """Write a message to the chosen users (S-127)."""
        rows = self.chosen()
        if rows:
            from cxtui.ui.screens.send_message import SendMessageScreen

            self.desk.work.get_ready(self)
            self.app.push_screen(SendMessageScreen(self.desk, rows), self._sent)

    def action_contacts(self) -> None:
        """Show every contact of the user under the cursor (W-023)."""
        if self.shown:
            from cxtui.ui.screens.registrations import RegistrationsScreen

            self.desk.work.get_ready(self)
            self.app.push_screen(RegistrationsScreen(self.desk, self.shown.row, self.shown.company))

    def _heard(self) -> None:
        self.lines.say(self.shown, self._pings.by_contact)
        jobs = self._pings.jobs.values()
        if len(jobs) > 1 and not self._pings.busy:
            well = sum(1 for job in jobs if edge_jobs.went_well(job))
            words = f"Pinged {len(jobs)} contacts: {well} answered, {len(jobs) - well} did not."
            self.app.notify(words)

    def _sent(self, change: Change | None) -> None:
        if change is not None:
            self.view.table.clear_marks()
            self.post_message(self.Done(change))
