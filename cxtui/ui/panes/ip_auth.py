"""The IP tab: the addresses of the companies' switches."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.crud import COMMANDS, CrudPane
from cxtui.ui.panes.deeds import PASSWORD, UNBLOCK, hand_over, unblock_inside


class IpAuthPane(CrudPane):
    """IP authentication entries; ``u`` unblocks what the firewall holds of them (S-011…S-014)."""

    commands: ClassVar[tuple[Command, ...]] = (*COMMANDS, UNBLOCK, PASSWORD)
    BINDINGS: ClassVar[list[BindingType]] = bindings(UNBLOCK, PASSWORD)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, columns.IP_AUTH)

    def action_unblock(self) -> None:
        """Unblock every blocked address inside the chosen entries."""
        unblock_inside(self, self.chosen())

    def action_password(self) -> None:
        """Set the password of our login at their switch (S-040)."""
        if self.shown:
            hand_over(self, self.shown.row, self.shown.company)
