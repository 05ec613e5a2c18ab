"""What is done with IP entries and SIP users on every tab that lists them: unblocked, given a password."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from cxtui.models.block import Block
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.ui.commands import Command, bindings
from cxtui.ui.panes.editing import EditingPane
from cxtui.ui.panes.list_commands import COMMANDS

UNBLOCK = Command(
    "list.unblock", "u", "Unblock", "Unblock what the firewall holds of the row", "unblock", needs_row=True, writes=True
)
PASSWORD = Command(
    "list.password", "p", "Password", "Reset the password and hand it over", "password", needs_row=True, writes=True
)

SHARE = Command(
    "list.share",
    "s",
    "CLI lists",
    "Tell companies on one address apart by the caller's number",
    "share",
    footer=False,
    needs_row=True,
)


def unblock_inside(pane: EditingPane, rows: list[IpAuth | SipUser]) -> None:
    """Unblock every blocked address inside IP entries, or of SIP users: of their devices and allow lists."""
    pane.desk.work.read(pane, "inside", partial(_inside, pane.desk.context, rows), partial(unblock, pane), pane.trouble)


def _inside(context: Context, rows: Sequence[IpAuth | SipUser]) -> list[Block]:
    from cxtui.services import blocks, registrations

    ranges = [pair for row in rows for pair in blocks.ranges_of(row)]
    devices = registrations.addresses_of(context, [row for row in rows if isinstance(row, SipUser)])
    return blocks.inside(context, [*ranges, *((packed, packed) for packed in devices)])


def unblock(pane: EditingPane, found: list[Block]) -> None:
    """Unblock addresses; several are asked about."""
    from cxtui.services import blocks

    def verb(context: Context) -> Change:
        return blocks.unblock(context, found)

    if not found:
        pane.app.notify("Nothing of it is blocked.")
    elif len(found) == 1:
        pane.carry_out(verb)
    else:
        from cxtui.ui.screens.confirm import Confirm

        pane.ask(Confirm(f"Unblock {len(found)} addresses?", "Unblock", names=found), verb)


def hand_over(pane: EditingPane, row: SipUser | IpAuth, company: str) -> None:
    """Give a SIP user a password, or an entry the password of our login at their switch."""
    if isinstance(row, IpAuth) and not row.uac_username:
        pane.app.notify("Only for an entry with a Username: we log in to their switch with it.", severity="warning")
        return

    from cxtui.ui.screens.password import PasswordScreen

    pane.desk.work.get_ready(pane)
    pane.app.push_screen(PasswordScreen(pane.desk, row, company), partial(tell, pane))


def share(pane: EditingPane, row: SipUser | IpAuth) -> None:
    """Show who shares the addresses of an entry, and their CLI allow lists."""
    if not isinstance(row, IpAuth) or not row.enabled or row.direction != Direction.EGRESS:
        pane.app.notify("Only for an enabled IP entry from which they send to us.", severity="warning")
        return
    from cxtui.ui.screens.share import ShareScreen

    pane.desk.work.get_ready(pane)
    pane.app.push_screen(ShareScreen(pane.desk, row), partial(tell, pane))


def tell(pane: EditingPane, change: Change | None) -> None:
    """Say what was changed in a window that was closed."""
    if change is not None:
        pane.post_message(pane.Done(change))


class DeedsPane(EditingPane):
    """A tab that lists IP entries or SIP users; ``p`` on a row resets its password (S-120), ``u`` unblocks (S-013)."""

    commands: ClassVar[tuple[Command, ...]] = (*COMMANDS, PASSWORD, UNBLOCK, SHARE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(PASSWORD, UNBLOCK, SHARE)

    def action_password(self) -> None:
        """Hand over a new password: of the SIP user, or of our login at the entry's switch (S-040)."""
        if self.shown:
            hand_over(self, self.shown.row, self.shown.company)

    def action_unblock(self) -> None:
        """Unblock what is blocked of the chosen entries, or of the users' devices and allow lists."""
        unblock_inside(self, self.chosen())

    def action_share(self) -> None:
        """Show the CLI allow lists of all who share the entry's addresses (W-007, W-008)."""
        if self.shown:
            share(self, self.shown.row)

    def saved(self, change: Change, *, new: bool) -> None:
        """A new SIP user has no password yet: it is given one at once."""
        super().saved(change, new=new)
        user = change.rows[0] if change.rows else None
        if new and isinstance(user, SipUser) and user.password_set_at is None:
            hand_over(self, user, self.scope.name)
