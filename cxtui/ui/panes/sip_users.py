"""The SIP tab: SIP users, their passwords and their registrations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.deeds import tell
from cxtui.ui.panes.editing import list_of
from cxtui.ui.panes.registrations import RegistrationsPane

if TYPE_CHECKING:
    from cxtui.services.ladders import Exchange

DOCTOR = Command(
    "sip.doctor", "x", "NAT doctor", "Why the user gets no calls: the evidence, and the fix", "doctor", needs_row=True
)

LADDER = Command(
    "sip.ladder", "t", "Ladder", "Watch the user log in, step by step", "ladder", needs_row=True, writes=True
)


class SipUsersPane(RegistrationsPane):
    """SIP users (S-090…S-104)."""

    commands: ClassVar[tuple[Command, ...]] = (*RegistrationsPane.commands, DOCTOR, LADDER)
    BINDINGS: ClassVar[list[BindingType]] = bindings(DOCTOR, LADDER)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.SIP_USERS))

    def action_doctor(self) -> None:
        """Find out why calls do not reach the user under the cursor (S-132)."""
        if self.shown:
            from cxtui.ui.screens.nat_doctor import NatDoctorScreen

            self.desk.work.get_ready(self)
            screen = NatDoctorScreen(self.desk, self.shown.row, self.shown.company)
            self.app.push_screen(screen, partial(tell, self))

    def action_ladder(self) -> None:
        """Show how the user under the cursor logs in: by a probe, or as its phone does it next (S-080…S-083)."""
        if self.shown:
            from cxtui.ui.screens.ask_ladder import AskLadder

            user, company = self.shown.row, self.shown.company
            self.desk.work.get_ready(self)
            self.app.push_screen(AskLadder(self.desk, user, company), partial(self._found, company))

    def _found(self, company: str, exchanges: tuple[Exchange, ...] | None) -> None:
        if exchanges:
            from cxtui.ui.screens.ladder import LadderScreen

            self.app.push_screen(LadderScreen(self.desk, exchanges, company))
