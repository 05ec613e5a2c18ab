"""The Firewall tab: what is blocked, why, whose it is, and letting it through."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from cxtui.models.block import Block
from cxtui.rules.durations import since
from cxtui.ui import columns
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.deeds import UNBLOCK, unblock
from cxtui.ui.panes.editing import EditingPane, list_of
from cxtui.ui.panes.list_commands import COPY, FILTER, LEAVE, MARK
from cxtui.ui.text import clip

_MOST = 48
"""The cells that each piece of evidence gets: it is a stranger's, who could fill the screen with it."""

_GRACE = 1.0
"""Seconds for which a key still means the block that was seen, after that has gone and another one stands there."""

BLOCK = Command("firewall.block", "b,a", "Block", "Block an address", "add", writes=True)
AUTHORISE = Command(
    "firewall.authorise",
    "A,shift+a",
    "Authorise+unblock",
    "Add the address as an IP entry of a company and unblock it",
    "authorise",
    needs_row=True,
    writes=True,
)
PAUSE = Command("firewall.pause", "P,shift+p", "Pause", "Hold the list still, or let it run", "pause")
COMMANDS = (UNBLOCK, AUTHORISE, BLOCK, PAUSE, FILTER, MARK, COPY, LEAVE)


class FirewallPane(EditingPane, inherit_bindings=False):
    """Blocks, newest first, customers' on top (S-013, W-030…W-032)."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    FirewallPane Explain { height: 4; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, list_of(desk, columns.BLOCKS))
        self.view.table.grace = _GRACE
        self.paused = False

    def refresh_rows(self) -> None:
        """Read the rows again, unless the list is held still."""
        if not self.paused:
            super().refresh_rows()

    def action_pause(self) -> None:
        """Hold the list still, or let it run again."""
        self.paused = not self.paused
        self.post_message(self.Held())
        self.refresh_rows()

    def action_edit(self) -> None:
        """A block is not edited."""

    def action_unblock(self) -> None:
        """Unblock the chosen rows; several are asked about."""
        unblock(self, self.chosen())

    def action_authorise(self) -> None:
        """Open the form of an IP entry for the blocked address; saving it unblocks the address."""
        if self.shown and self._form is None:
            from cxtui.ui.forms.kinds import Draft

            block: Block = self.shown.row
            draft = Draft(
                self.scope.company_id or block.company_id or 0,
                typed={"address": block.address, "direction": "egress"},
                block=block,
            )
            self.edit(draft, "ip_auth")

    def say(self) -> None:
        """Why the address is blocked, what was seen of it, and who holds it."""
        self.explain.say(self.shown, self.allowed, first=self._evidence())

    def _evidence(self) -> str:
        if self.shown is None:
            return ""
        block: Block = self.shown.row
        now = self.desk.context.now()
        times = f"{block.hits} × " if block.hits else ""
        parts = [f"{block.address}: {times}{clip(block.reason, _MOST)}"]
        if block.usernames:
            parts.append(f"tried {clip(block.usernames, _MOST)}")
        if block.user_agent:
            parts.append(f'User-Agent "{clip(block.user_agent, _MOST)}"')
        parts.append(f"last seen {since(now - block.last_seen)}")
        if block.source:
            parts.append(f"by {block.source}")
        whose = f" It belongs to {self.shown.company}." if self.shown.company else ""
        notes = " " + block.notes.replace("\n", " ") if block.notes else ""
        return ", ".join(parts) + "." + whose + notes
