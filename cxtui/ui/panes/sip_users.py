"""The SIP tab: SIP users and their passwords."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from cxtui.services.outcome import Change
from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.crud import COMMANDS, CrudPane
from cxtui.ui.panes.deeds import PASSWORD, UNBLOCK, hand_over, hand_over_new, unblock_inside


class SipUsersPane(CrudPane):
    """SIP users; ``p`` on a row resets its password (S-120)."""

    commands: ClassVar[tuple[Command, ...]] = (*COMMANDS, PASSWORD, UNBLOCK)
    BINDINGS: ClassVar[list[BindingType]] = bindings(PASSWORD, UNBLOCK)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, columns.SIP_USERS)

    def saved(self, change: Change, *, new: bool) -> None:
        """A new SIP user is given its password at once."""
        super().saved(change, new=new)
        if new:
            hand_over_new(self, change)

    def action_password(self) -> None:
        """Open the hand-over of a new password."""
        if self.shown:
            hand_over(self, self.shown.row, self.shown.company)

    def action_unblock(self) -> None:
        """Unblock what is blocked of the users' allow lists."""
        unblock_inside(self, self.chosen())
