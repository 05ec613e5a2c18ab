"""A line of text for the phones of SIP users, and what became of it at each of them (S-127, W-022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.models.edge_job import EdgeJob
from cxtui.models.sip_user import SipUser
from cxtui.services import edge_jobs, registrations
from cxtui.services.context import Context
from cxtui.services.edge_jobs import LONGEST_MESSAGE, Asked
from cxtui.services.labels import several
from cxtui.services.outcome import Change, Refused
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import mix, plain, styled
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.registration_jobs import Followed
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Cell, Column, Row
from cxtui.ui.words import problem_words

_COLUMNS = (
    Column("user", "Username", 14, priority=9, flex=1),
    Column("place", "Received", 21, priority=7, flex=1),
    Column("result", "Result", 28, priority=8, flex=1),
)
_MOST_ROWS = 10


class SendMessageScreen(Dialog[Change]):
    """Enter sends; the answers stand in place of the field then. Closing gives the change, None where nothing went."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close")]
    DEFAULT_CSS = """
    SendMessageScreen > Vertical { width: 80; }
    SendMessageScreen Entry { margin: 1 0; }
    SendMessageScreen RowList { display: none; margin: 1 0; }
    SendMessageScreen #said { height: auto; }
    """

    def __init__(self, desk: Desk, users: Sequence[SipUser]) -> None:
        super().__init__()
        self._desk = desk
        self._users = users
        self._entry = Entry(placeholder="what the phone shows; Enter sends it", max_length=LONGEST_MESSAGE)
        self._table = RowList(_COLUMNS, glyphs=desk.glyphs)
        self._reach = Static(classes="dialog-text")
        self._said = Static(id="said")
        self._jobs = Followed(self, desk, self._heard, self._failed)
        self._change: Change | None = None
        self._taken = ""
        self._places: dict[int | None, str] = {}
        self._busy = False

    def compose(self) -> ComposeResult:
        """To whom, what, and then how it went."""
        with Vertical():
            yield Static(mix("Message to $whom", whom=several(self._users)), classes="dialog-title")
            yield self._reach
            yield self._entry
            yield self._table
            yield Static(plain("Users can't reply. Not every phone shows messages."), classes="dialog-text")
            yield self._said
        yield KeyBar()

    def on_mount(self) -> None:
        """Ready to type; ask who would get it."""
        self._entry.focus()
        job = partial(edge_jobs.reach, self._desk.context, self._users)
        self._desk.work.read(self, "reach", job, self._know_reach, self._failed)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not while the message is being handed to the agents."""
        return self.focused is not None and not self._busy

    def action_close(self) -> None:
        """Close, unless the message is just being handed over."""
        if self._busy:
            return
        if self._change is not None and not self._jobs.busy:
            self._change = replace(self._change, sentence=f"The message was taken by {self._taken}.")
        self.dismiss(self._change)

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        text = event.value

        def go(context: Context) -> None:
            self._busy = True
            job = partial(_send, context, self._users, text)
            self._desk.work.write(self, job, self._handed_over, self._failed)

        if not self._busy and self._change is None:
            with_reason(self.app, self._desk.context, go)

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_close()

    def _handed_over(self, answer: tuple[Asked, dict[int | None, str]]) -> None:
        asked, self._places = answer
        self._busy = False
        self._change = asked.change
        self._reach.update(plain(asked.change.sentence))
        self._entry.display = False
        self._table.display = True
        self._table.styles.height = min(len(asked.jobs), _MOST_ROWS) + 1
        self._table.focus()
        self._jobs.follow(asked.jobs)

    def _heard(self) -> None:
        jobs = list(self._jobs.jobs.values())
        self._table.show([_row(job, self._places.get(job.registration_id, ""), self._desk.glyphs) for job in jobs])
        waiting = sum(1 for job in jobs if not edge_jobs.ended(job))
        well = sum(1 for job in jobs if edge_jobs.went_well(job))
        if waiting:
            self._said.update(styled(f"{waiting} of {len(jobs)} to be answered {self._desk.glyphs.ellipsis}", "dim"))
        else:
            self._taken = f"{well} of {len(jobs)} contacts"
            self._said.update(plain(f"Taken by {self._taken}. Enter or Escape closes."))

    def _know_reach(self, words: str) -> None:
        if self._change is None:
            self._reach.update(plain(words))

    def _failed(self, problem: Exception) -> None:
        self._busy = False
        found = problem.findings if isinstance(problem, Refused) else ()
        words = "; ".join(finding.text for finding in found) or problem_words(problem)
        self._said.update(styled(words, "$text-error"))


def _send(context: Context, users: Sequence[SipUser], text: str) -> tuple[Asked, dict[int | None, str]]:
    asked = edge_jobs.message(context, users, text)
    return asked, registrations.sources(context, [job.registration_id for job in asked.jobs])


def _row(job: EdgeJob, place: str, glyphs: Glyphs) -> Row:
    words = edge_jobs.outcome_words(job)
    if not edge_jobs.ended(job):
        result = Cell(f"{glyphs.pending} {words}", "accent")
    elif edge_jobs.went_well(job):
        result = Cell(f"{glyphs.ok} {words}", "success")
    else:
        result = Cell(f"{glyphs.blocked} {words}", "danger")
    return Row(job.id, {"user": job.username, "place": place, "result": result}, job)
