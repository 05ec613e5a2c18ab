"""The SIP tab: SIP users and their passwords."""

from __future__ import annotations

from cxtui.ui import columns
from cxtui.ui.desk import Desk
from cxtui.ui.panes.bulk import BulkPane
from cxtui.ui.panes.editing import list_of


class SipUsersPane(BulkPane):
    """SIP users (S-090…S-104)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.SIP_USERS))
