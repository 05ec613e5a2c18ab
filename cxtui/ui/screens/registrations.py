"""Every contact of a SIP user: where it is registered, how it answers; pinged and removed here (W-020, W-023)."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import edge_jobs, grids, registrations
from cxtui.services.context import Context
from cxtui.services.edge_jobs import Asked
from cxtui.services.grids import Shown
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.live_list import LiveList
from cxtui.ui.text import mix
from cxtui.ui.widgets.registration_jobs import Followed
from cxtui.ui.widgets.registration_table import COLUMNS, contact_row, facts
from cxtui.ui.widgets.row_list import RowList

COMMANDS = (
    Command("contacts.ping", "o", "Ping", "Ping the contact now (OPTIONS)", "ping", needs_row=True, writes=True),
    Command(
        "contacts.remove",
        "d,delete",
        "Remove",
        "End the registration of the marked contacts",
        "remove",
        needs_row=True,
        writes=True,
    ),
    Command("contacts.close", "escape,v", "Close", "Back to the list", "close"),
)
_MOST_ROWS = 8
_MOST_NAMED = 3


class RegistrationsScreen(LiveList):
    """The contacts as the edges hold them, read again as long as the window is open; below, all facts about one."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    RegistrationsScreen > Vertical { max-height: 100%; }
    RegistrationsScreen RowList { height: 2; }
    """
    every = 2.0

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        title = mix("Registrations of $who · $company", who=user.username, company=company)
        super().__init__(desk, title, RowList(COLUMNS, glyphs=desk.glyphs))
        self._user = user
        self._jobs = Followed(self, desk, self._heard, self.failed)

    @property
    def shown(self) -> Shown | None:
        """The contact under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, Shown) else None

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.call_after_refresh(self.say)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a contact is greyed out without one; who may only look is not offered it."""
        if forbids(self.commands, action, self.desk.context.actor, Role.OPERATOR):
            return False
        return True if action not in ("ping", "remove") or self.shown is not None else None

    def action_ping(self) -> None:
        """Ping the marked contacts, or the one under the cursor."""
        chosen = self._chosen()
        if chosen and not self._jobs.busy:
            self._jobs.ask(partial(edge_jobs.ping, self.desk.context, chosen), lambda jobs: jobs)

    def action_remove(self) -> None:
        """Ask, then end the registrations."""
        chosen = self._chosen()
        if not chosen or self.busy:
            return
        which = " and ".join(registrations.source(row) for row in chosen[:_MOST_NAMED])
        if len(chosen) > _MOST_NAMED:
            which = f"{len(chosen)} places"
        question = f"Remove the registration from {which}? Calls do not reach the device until it registers again."
        self.ask(Confirm(question, "Remove"), lambda context: edge_jobs.remove(context, chosen), self._removing)

    def load(self) -> None:
        """Read the contacts of the user."""
        self.read("contacts", partial(_contacts, self.desk.context, self._user), self._show)

    def say(self) -> None:
        """Tell all that is known of the contact under the cursor."""
        shown, now = self.shown, self.desk.context.now()
        asked = self._jobs.by_contact.get(shown.row.id) if shown is not None else None
        room = self.facts.size.width or self.size.width
        lines = facts(shown, now, self.desk.glyphs, asked, room) if shown is not None else ()
        words = Content("\n").join(lines)
        if words != self.facts.content:
            self.facts.update(words)

    def _chosen(self) -> list[Registration]:
        return [row.data.row for row in self.table.chosen if isinstance(row.data, Shown)]

    def _show(self, rows: tuple[Shown, ...]) -> None:
        now = self.desk.context.now()
        empty = f"{self._user.username} is not registered."
        if self.table.empty_text != empty:
            self.table.empty_text = empty
        self.table.styles.height = min(max(len(rows), 1), _MOST_ROWS) + 1
        self.table.show([contact_row(row, now, self.desk.glyphs) for row in rows])

    def _removing(self, asked: Asked) -> None:
        self.table.clear_marks()
        self.app.notify(asked.change.sentence)
        self._jobs.follow(asked.jobs)

    def _heard(self) -> None:
        self.say()
        if not self._jobs.busy:
            self.load()


def _contacts(context: Context, user: SipUser) -> tuple[Shown, ...]:
    return grids.show(context, "registrations", registrations.of_user(context, user))
