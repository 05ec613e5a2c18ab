"""The Profiles tab: what SIP users can have in common."""

from __future__ import annotations

from typing import ClassVar

from cxtui.rules.roles import Role
from cxtui.ui import columns
from cxtui.ui.desk import Desk
from cxtui.ui.panes.editing import EditingPane, list_of


class ProfilesPane(EditingPane):
    """SIP profiles (S-090, W-071)."""

    needs: ClassVar[Role] = Role.ADMIN

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.PROFILES))
