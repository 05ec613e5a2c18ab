"""A tab about one subject: the IP entry or SIP user that was looked at last, or another one that is searched for."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.widget import Widget
from textual.widgets import Static

from cxtui.services.context import Context
from cxtui.services.outcome import Change, Gone, NeedsConfirmation
from cxtui.services.subjects import Described, Subject
from cxtui.ui.commands import Command, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.panes.editing import Verb
from cxtui.ui.panes.form_host import FormHost, confirm
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
    def list_widget(self) -> Widget:
        """What has the focus while no form is open."""
        raise NotImplementedError

    @property
    def subject(self) -> Subject | None:
        """The entry or user that is looked at."""
        return self._subject

    @property
    def settled(self) -> bool:
        """Whether what was asked for is there and takes keys."""
        if self._form is not None:
            return self._form.settled
        return self.has_focus_within and not self._reading

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

    def focus_list(self) -> None:
        """Put the cursor into the list, or into the form while one is open."""
        if self._form is None:
            self.list_widget.focus()
        else:
            self._form.focus_field()

    def title(self, about: Described, *, facts: str = "") -> None:
        """Say whose it is, and what is to be known at once: on a second line where one is too short."""
        self.about = about
        whose = mix("[b]$title[/b] · $company", title=about.title, company=about.company)
        words = whose + plain(f"   {facts}" if facts else "")
        fits = words.cell_length <= self._head.size.width
        self._head.update(words, layout=not fits or self._head.size.height > 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what the role forbids; grey out what needs a subject; a form's keys are its own."""
        if forbids(self.commands, action, self.desk.context.actor, self.needs):
            return False
        mine = [command for command in self.commands if command.verb == action]
        if self._form is not None and mine:
            return False
        if any(command.needs_row for command in mine):
            return True if self.has_row(action) else None
        return True

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

    def carry_out(self, verb: Verb, confirmed: Verb | None = None) -> None:
        """Run a verb, with a reason where the settings ask for one; ``confirmed`` is the verb once it was agreed to."""
        from cxtui.ui.screens.reason import with_reason

        with_reason(self.app, self.desk.context, lambda context: self._write(context, verb, confirmed))

    def _write(self, context: Context, verb: Verb, confirmed: Verb | None = None) -> None:
        def failed(problem: Exception) -> None:
            if isinstance(problem, NeedsConfirmation) and confirmed is not None:
                confirm(self, problem, lambda: self._write(context, confirmed))
            else:
                self.trouble(problem)

        self.desk.work.write(self, partial(verb, context), self._carried_out, failed)

    def _carried_out(self, change: Change) -> None:
        self.post_message(self.Done(change))

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
