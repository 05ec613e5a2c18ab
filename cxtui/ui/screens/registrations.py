"""Every contact of a SIP user: where it is registered, how it answers; pinged and removed here (W-020, W-023)."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import edge_jobs, grids, registrations
from cxtui.services.context import Context
from cxtui.services.edge_jobs import Asked
from cxtui.services.grids import Shown
from cxtui.ui.commands import Command, bindings, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import mix, styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.registration_jobs import Followed
from cxtui.ui.widgets.registration_table import COLUMNS, contact_row, facts
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.words import problem_words

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
_EVERY_SECONDS = 2.0
_MOST_ROWS = 8
_MOST_NAMED = 3


class RegistrationsScreen(Dialog[None]):
    """The contacts as the edges hold them, read again as long as the window is open; below, all facts about one."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    RegistrationsScreen > Vertical { width: 116; max-width: 100%; max-height: 100%; padding: 0 1; }
    RegistrationsScreen RowList { height: 2; }
    RegistrationsScreen #contact-facts { height: auto; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._user = user
        self._company = company
        self._table = RowList(COLUMNS, glyphs=desk.glyphs)
        self._facts = Static(id="contact-facts")
        self._jobs = Followed(self, desk, self._heard, self._failed)
        self._read = self._busy = False

    def compose(self) -> ComposeResult:
        """Whose, the contacts, all about one of them."""
        with Vertical():
            title = mix("Registrations of $who · $company", who=self._user.username, company=self._company)
            yield Static(title, classes="dialog-title")
            yield self._table
            yield self._facts
        yield KeyBar()

    def on_mount(self) -> None:
        """Read them, now and as long as the window is open."""
        self._table.focus()
        self._load()
        self.set_interval(_EVERY_SECONDS, self._load)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the contacts are there, and not while one is being removed."""
        return self.focused is not None and self._read and not self._busy

    @property
    def shown(self) -> Shown | None:
        """The contact under the cursor."""
        row = self._table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, Shown) else None

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.call_after_refresh(self._say)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a contact is greyed out without one; who may only look is not offered it."""
        if forbids(self.commands, action, self._desk.context.actor, Role.OPERATOR):
            return False
        return True if action not in ("ping", "remove") or self.shown is not None else None

    def action_ping(self) -> None:
        """Ping the marked contacts, or the one under the cursor."""
        chosen = self._chosen()
        if chosen and not self._jobs.busy:
            self._jobs.ask(partial(edge_jobs.ping, self._desk.context, chosen), lambda jobs: jobs)

    def action_remove(self) -> None:
        """Ask, then end the registrations."""
        chosen = self._chosen()
        if not chosen or self._busy:
            return

        def remove(context: Context) -> None:
            self._busy = True
            job = partial(edge_jobs.remove, context, chosen)
            self._desk.work.write(self, job, self._removing, self._failed)

        def answered(yes: bool | None) -> None:
            if yes:
                with_reason(self.app, self._desk.context, remove)

        which = " and ".join(registrations.source(row) for row in chosen[:_MOST_NAMED])
        if len(chosen) > _MOST_NAMED:
            which = f"{len(chosen)} places"
        question = f"Remove the registration from {which}? Calls do not reach the device until it registers again."
        self.app.push_screen(Confirm(question, "Remove"), answered)

    def action_close(self) -> None:
        """Close."""
        if not self._busy:
            self.dismiss(None)

    def _chosen(self) -> list[Registration]:
        return [row.data.row for row in self._table.chosen if isinstance(row.data, Shown)]

    def _load(self) -> None:
        job = partial(_contacts, self._desk.context, self._user)
        self._desk.work.read(self, "contacts", job, self._show, self._failed)

    def _show(self, rows: tuple[Shown, ...]) -> None:
        self._read = True
        now = self._desk.context.now()
        empty = f"{self._user.username} is not registered."
        if self._table.empty_text != empty:
            self._table.empty_text = empty
        self._table.styles.height = min(max(len(rows), 1), _MOST_ROWS) + 1
        self._table.show([contact_row(row, now, self._desk.glyphs) for row in rows])
        self._say()

    def _removing(self, asked: Asked) -> None:
        self._busy = False
        self._table.clear_marks()
        self.app.notify(asked.change.sentence)
        self._jobs.follow(asked.jobs)

    def _heard(self) -> None:
        self._say()
        if not self._jobs.busy:
            self._load()

    def _failed(self, problem: Exception) -> None:
        self._busy = False
        self._facts.update(styled(problem_words(problem), "$text-error"))

    @on(RowTable.CursorMoved)
    @on(RowTable.Chosen)
    def _moved(self, event: RowTable.CursorMoved | RowTable.Chosen) -> None:
        event.stop()
        self._say()
        self.refresh_bindings()

    def _say(self) -> None:
        shown, now = self.shown, self._desk.context.now()
        asked = self._jobs.by_contact.get(shown.row.id) if shown is not None else None
        room = self._facts.size.width or self.size.width
        lines = facts(shown, now, self._desk.glyphs, asked, room) if shown is not None else ()
        words = Content("\n").join(lines)
        if words != self._facts.content:
            self._facts.update(words)


def _contacts(context: Context, user: SipUser) -> tuple[Shown, ...]:
    return grids.show(context, "registrations", registrations.of_user(context, user))
