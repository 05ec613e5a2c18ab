"""The Auth tab: both kinds of authentication of a company side by side, as the portal shows them (S-002)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.editing import Place
from cxtui.ui.panes.registrations import RegistrationsPane
from cxtui.ui.widgets.grid_view import GridView

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel

OTHER = Command("auth.other", "tab,shift+tab,left,right", "Other list", "Go to the other list", "other", footer=False)


class AuthPane(RegistrationsPane):
    """IP entries and SIP users; the form of a row takes the place of the other list."""

    commands: ClassVar[tuple[Command, ...]] = (*RegistrationsPane.commands, OTHER)
    BINDINGS: ClassVar[list[BindingType]] = bindings(OTHER)

    def __init__(self, desk: Desk) -> None:
        self._entries = Place(GridView(desk, columns.IP_AUTH, id="auth-ip"), "ip_auth")
        self._users = Place(GridView(desk, columns.SIP_USERS, id="auth-sip"), "sip_users")
        super().__init__(desk, self._entries, self._users)
        self._note = ""

    def note_kinds(self, has_ip: bool, has_sip: bool) -> None:
        """Know whether the company has both kinds (S-084)."""
        from cxtui.rules.conflicts import coexistence_note

        note = coexistence_note(has_ip, has_sip)
        if note != self._note:
            self._note = note
            self.set_class(bool(note), "-noted")
            self.say()

    def say(self) -> None:
        """Explain the row under the cursor, then the standing note."""
        self.explain.say(self.shown, self.allowed, note=self._note)

    def open_form(self, form: FormPanel) -> None:
        """Show a form in place of the other list."""
        for place in self.places:
            place.view.set_class(place is not self.place, "-away")
        super().open_form(form)

    def close_form(self) -> None:
        """Show both lists again."""
        for place in self.places:
            place.view.remove_class("-away")
        super().close_form()

    def action_other(self) -> None:
        """Go to the other list."""
        self.place = self._users if self.place is self._entries else self._entries
        self.view.table.focus()

    def on_descendant_focus(self) -> None:
        """Remember which list is used."""
        for place in self.places:
            if place.view.has_focus_within:
                self.place = place
        self.say()
        self.refresh_bindings()
