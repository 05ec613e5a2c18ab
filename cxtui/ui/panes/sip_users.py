"""The SIP tab: SIP users, their passwords and their registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.deeds import PASSWORD
from cxtui.ui.panes.editing import list_of
from cxtui.ui.panes.list_commands import ADD, EDIT
from cxtui.ui.panes.registrations import CONTACTS, DOCTOR, LADDER, MESSAGE, PING, RegistrationsPane
from cxtui.ui.widgets.registration_lines import RegistrationLines

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel

_FIRST = (ADD, EDIT, PASSWORD, PING, CONTACTS, DOCTOR, LADDER, MESSAGE)
"""What is done most here; a narrow footer has no room for more."""


class SipUsersPane(RegistrationsPane, inherit_bindings=False):
    """SIP users (S-090…S-104), with two lines about where the one under the cursor is registered."""

    commands: ClassVar[tuple[Command, ...]] = tuple(dict.fromkeys((*_FIRST, *RegistrationsPane.commands)))
    BINDINGS: ClassVar[list[BindingType]] = bindings(*commands)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.SIP_USERS))
        self.lines = RegistrationLines(desk)

    def compose(self) -> ComposeResult:
        """The list and its explanation, then the registrations."""
        yield from super().compose()
        yield self.lines

    def say(self) -> None:
        """Explain the row under the cursor, and tell where it is registered."""
        super().say()
        self.lines.say(self.shown, self.pings.by_contact)

    def open_form(self, form: FormPanel) -> None:
        """Show a form; it needs the room."""
        self.lines.add_class("-away")
        super().open_form(form)

    def close_form(self) -> None:
        """Close the form."""
        self.lines.remove_class("-away")
        super().close_form()

    def heard(self) -> None:
        """Tell of each ping below the list; of several it is said when all have ended."""
        self.lines.say(self.shown, self.pings.by_contact)
        if len(self.pings.jobs) > 1:
            super().heard()
