"""A tab about one subject: the IP entry or SIP user that was looked at last, or another one that is searched for."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.widgets import Static

from cxtui.services.outcome import Gone
from cxtui.services.subjects import Described, Subject
from cxtui.ui.commands import Command
from cxtui.ui.desk import Desk
from cxtui.ui.panes.form_host import FormHost
from cxtui.ui.text import mix, plain

OTHER = Command("subject.other", "s", "Other subject", "Choose another IP entry or SIP user", "subject")
HISTORY = Command(
    "subject.history", "h", "History", "Who changed it, when and what", "history", footer=False, needs_row=True
)


class SubjectPane(FormHost):
    """Reads what it shows of the subject, and reads it again after each commit."""

    DEFAULT_CSS = """
    SubjectPane > .subject { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    """
    none = "Choose an IP entry or a SIP user: s."
    """What is said while there is no subject."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._subject: Subject | None = None
        self._head = Static(plain(self.none), classes="subject")
        self._reading = False
        self._composed = False
        self.about: Described | None = None

    def load(self, subject: Subject) -> Any:
        """Read what is shown, in a worker thread. Raises ``Gone``."""
        raise NotImplementedError

    def show(self, found: Any) -> None:
        """Show what was read."""
        raise NotImplementedError

    def show_nothing(self) -> None:
        """Show that there is no subject."""

    @property
    def subject(self) -> Subject | None:
        """The entry or user that is looked at."""
        return self._subject

    @property
    def ready(self) -> bool:
        """Whether what was asked for is there."""
        return not self._reading

    def set_subject(self, subject: Subject | None) -> None:
        """Look at another entry or user; a form that is open stays with its own."""
        if self._form is None and subject is not None and subject != self._subject:
            self._subject = subject
            self.about = None
            self.refresh_rows()

    def on_mount(self) -> None:
        """Read what was asked for by now, or say what is missing."""
        self._composed = True
        if self._subject is None:
            self.show_nothing()
        self.refresh_rows()

    def refresh_rows(self) -> None:
        """Read it again; not before there is a place to show it."""
        if self._subject is not None and self._composed:
            self._reading = True
            self.desk.work.read(self, "subject", partial(self.load, self._subject), self._arrived, self._failed)

    def title(self, about: Described, *, facts: str = "") -> None:
        """Say whose it is, and what is to be known at once: on a second line where one is too short."""
        self.about = about
        whose = mix("[b]$title[/b] · $company", title=about.title, company=about.company)
        words = whose + plain(f"   {facts}" if facts else "")
        fits = words.cell_length <= self._head.size.width
        self._head.update(words, layout=not fits or self._head.size.height > 1)

    def has_row(self, action: str) -> bool:
        """Whether there is what an action needs."""
        return self.about is not None

    def action_subject(self) -> None:
        """Search for another subject."""
        self.post_message(self.Choosing())

    def action_history(self) -> None:
        """Show the audit of the subject."""
        if self.about is not None:
            self.post_message(self.History(self.about.row))

    def _arrived(self, found: Any) -> None:
        self._reading = False
        self.show(found)
        self.refresh_bindings()

    def _failed(self, problem: Exception) -> None:
        self._reading = False
        if isinstance(problem, Gone):
            self._subject = self.about = None
            self._head.update(plain(f"{problem} {self.none}"), layout=False)
            self.show_nothing()
            self.refresh_bindings()
        else:
            self.trouble(problem)
