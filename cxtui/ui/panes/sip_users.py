"""The SIP tab: SIP users, their passwords and their registrations."""

from __future__ import annotations

from cxtui.ui import columns
from cxtui.ui.desk import Desk
from cxtui.ui.panes.editing import list_of
from cxtui.ui.panes.registrations import RegistrationsPane


class SipUsersPane(RegistrationsPane):
    """SIP users (S-090…S-104)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.SIP_USERS))
