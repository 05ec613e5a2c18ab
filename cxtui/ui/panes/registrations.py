"""What is done with the devices of SIP users, wherever these are listed: pinged, sent a message, looked into."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from cxtui.models.edge_job import EdgeJob
from cxtui.models.sip_user import SipUser
from cxtui.services import edge_jobs, registrations
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.bulk import BulkPane
from cxtui.ui.panes.deeds import tell
from cxtui.ui.panes.editing import Place
from cxtui.ui.widgets.registration_jobs import Followed

if TYPE_CHECKING:
    from cxtui.services.ladders import Exchange

PING = Command(
    "sip.ping", "o", "Ping", "Ping the devices of the marked users now (OPTIONS)", "ping", needs_row=True, writes=True
)
MESSAGE = Command(
    "sip.message", "m", "Message", "Send a SIP message to the marked users", "message", needs_row=True, writes=True
)
CONTACTS = Command(
    "sip.contacts", "v", "Registrations", "Where the user is registered, and its pings", "contacts", needs_row=True
)
DOCTOR = Command(
    "sip.doctor", "x", "Doctor", "NAT doctor: why the user gets no calls, and the fix", "doctor", needs_row=True
)
LADDER = Command(
    "sip.ladder", "t", "Ladder", "Watch the user log in, step by step", "ladder", needs_row=True, writes=True
)
COMMANDS = (PING, CONTACTS, DOCTOR, LADDER, MESSAGE)
_VERBS = frozenset(command.verb for command in COMMANDS)
_MOST_NAMED = 3


class RegistrationsPane(BulkPane):
    """A tab that lists SIP users, maybe beside other rows; the keys of the devices are those of users alone."""

    commands: ClassVar[tuple[Command, ...]] = (*BulkPane.commands, *COMMANDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk, *places: Place) -> None:
        super().__init__(desk, *places)
        self.pings = Followed(self, desk, self.heard, self.trouble)
        self._from: dict[int | None, str] = {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only users have devices."""
        if action in _VERBS and self.place.kind != "sip_users":
            return False
        return super().check_action(action, parameters)

    def refresh_rows(self) -> None:
        """Read the rows on screen again, and how the pings stand."""
        super().refresh_rows()
        self.pings.look()

    def action_ping(self) -> None:
        """Ping every contact of the chosen users, unless a ping is on its way already (W-020)."""
        rows = self.chosen()
        if rows and not self.pings.busy:
            self.pings.ask(partial(_ping, self.desk.context, rows), self._asked)

    def action_message(self) -> None:
        """Write a message to the chosen users (S-127)."""
        rows = self.chosen()
        if rows:
            from cxtui.ui.screens.send_message import SendMessageScreen

            self.desk.work.get_ready(self)
            self.app.push_screen(SendMessageScreen(self.desk, rows), self._sent)

    def action_contacts(self) -> None:
        """Show every contact of the user under the cursor (W-023)."""
        if self.shown:
            from cxtui.ui.screens.registrations import RegistrationsScreen

            self.desk.work.get_ready(self)
            self.app.push_screen(RegistrationsScreen(self.desk, self.shown.row, self.shown.company))

    def action_doctor(self) -> None:
        """Find out why calls do not reach the user under the cursor (S-132)."""
        if self.shown:
            from cxtui.ui.screens.nat_doctor import NatDoctorScreen

            self.desk.work.get_ready(self)
            screen = NatDoctorScreen(self.desk, self.shown.row, self.shown.company)
            self.app.push_screen(screen, partial(tell, self))

    def action_ladder(self) -> None:
        """Show how the user under the cursor logs in: by a probe, or as its phone does it next (S-080…S-083)."""
        if self.shown:
            from cxtui.ui.screens.ask_ladder import AskLadder

            user, company = self.shown.row, self.shown.company
            self.desk.work.get_ready(self)
            self.app.push_screen(AskLadder(self.desk, user, company), partial(self._found, company))

    def heard(self) -> None:
        """Say how the pings went, once all of them have ended."""
        jobs = [*self.pings.jobs.values()]
        if jobs and not self.pings.busy:
            self.app.notify(self.ping_words(jobs))

    def ping_words(self, jobs: Sequence[EdgeJob]) -> str:
        """How pings went: each contact of a few by where it is, of more those that did not answer (W-020)."""
        silent = [job for job in jobs if not edge_jobs.went_well(job)]
        if len(jobs) <= 1:
            return "".join(f"{self._whose(job)}: {edge_jobs.outcome_words(job)}." for job in jobs)
        words = f"Pinged {len(jobs)} contacts: {len(jobs) - len(silent)} answered, {len(silent)} did not."
        named = ", ".join(map(self._whose, silent[:_MOST_NAMED]))
        more = f" and {len(silent) - _MOST_NAMED} more" if len(silent) > _MOST_NAMED else ""
        return f"{words} No answer from {named}{more}." if silent else words

    def _whose(self, job: EdgeJob) -> str:
        """A contact by its user and where it registered from."""
        place = self._from.get(job.registration_id, "")
        return f"{job.username} at {place}" if place else job.username

    def _asked(self, answer: tuple[tuple[EdgeJob, ...], dict[int | None, str]]) -> Sequence[EdgeJob]:
        jobs, self._from = answer
        return jobs

    def _sent(self, change: Change | None) -> None:
        if change is not None:
            self.post_message(self.Done(change))

    def _found(self, company: str, exchanges: tuple[Exchange, ...] | None) -> None:
        if exchanges:
            from cxtui.ui.screens.ladder import LadderScreen

            self.app.push_screen(LadderScreen(self.desk, exchanges, company))


def _ping(context: Context, users: Sequence[SipUser]) -> tuple[tuple[EdgeJob, ...], dict[int | None, str]]:
    jobs = edge_jobs.ping(context, users)
    return jobs, registrations.sources(context, [job.registration_id for job in jobs])
