"""The IP tab: the addresses of the companies' switches."""

from __future__ import annotations

from cxtui.ui import columns
from cxtui.ui.desk import Desk
from cxtui.ui.panes.bulk import BulkPane
from cxtui.ui.panes.editing import list_of


class IpAuthPane(BulkPane):
    """IP authentication entries (S-010…S-045)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.IP_AUTH))
