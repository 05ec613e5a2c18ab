"""Saving a form: and closing it, and going on, or later (W-025); and what follows where that is refused."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType

from cxtui.models.findings import Finding, errors
from cxtui.rules.values import as_typed
from cxtui.services import wishes
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Conflict, NeedsConfirmation, Refused
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.forms import messages
from cxtui.ui.forms.kinds import Draft, FormKind
from cxtui.ui.forms.leading import LeadingForm
from cxtui.ui.forms.pages import FormPages
from cxtui.ui.forms.prepare import Prepared, delay, go_on, store

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Plan

SAVE = Command("form.save", "ctrl+s,f10", "Save", "Save what stands in the form", "save", writes=True)
STAY = Command(
    "form.save-stay",
    "f3",
    "Save and Stay",
    "Save, and go on with this row, or with the next new one",
    "save_stay",
    footer=False,
    writes=True,
)
LATER = Command(
    "form.save-later",
    "f12",
    "Delay and Save",
    "Save what stands in the form later: after a while, or at a time of day",
    "save_later",
    footer=False,
    writes=True,
)
COMMANDS = (SAVE, STAY, LATER)


class SavingForm(LeadingForm):
    """A form on its way into the database. Every typed character stays where it is if that is refused."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)

    def __init__(self, desk: Desk, form: FormKind, draft: Draft) -> None:
        super().__init__()
        self._desk = desk
        self.form = form
        self.draft = draft
        self._pages = FormPages(desk.glyphs)
        self._first: dict[str, str] = {}
        self._fixed = form.fixed(desk.context.actor)
        self._saving = False
        self._reasoned: Context | None = None
        self._stay = False
        self._after = ""

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: row.value for name, row in self._pages.rows.items()}

    @property
    def dirty(self) -> bool:
        """Whether anything was typed."""
        return self.typed != self._first

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show what the rules say."""
        raise NotImplementedError

    def turn_to(self, name: str) -> None:
        """Show a field, and put the cursor into it."""
        raise NotImplementedError

    def went_on(self, name: str) -> None:
        """The form goes on with other values; the cursor goes to the field ``name``, or stays where it is without."""
        raise NotImplementedError

    def saves(self, action: str) -> bool:
        """Whether there is something to save here, in this way: a form that ends in a plan has no other."""
        return self._fixed < {*self.form.fields} and (action == "save" or self.form.kind in wishes.KINDS)

    def share(self) -> None:
        """Set CLI Authentication on every sharer with this save."""
        self.draft = self.draft.with_(share=True)
        if "cli_authentication" in self._pages.rows:
            self._pages.rows["cli_authentication"].set_value("yes")

    def action_save(self) -> None:
        """Save what stands in the form, and close it."""
        self._begin()

    def action_save_stay(self) -> None:
        """Save what stands in the form, and go on."""
        self._begin(stay=True)

    def action_save_later(self) -> None:
        """Ask when, then keep what stands in the form until then."""
        from cxtui.ui.screens.ask_when import AskWhen

        def asked(after: str | None) -> None:
            if after:
                self._begin(after=after)

        if self._ready:
            self.app.push_screen(AskWhen(self._desk.context.now), asked)

    def save(self, draft: Draft | None = None) -> None:
        """Save, in the way that was begun; ``draft`` replaces the one before, after a conflict or a confirmation."""
        if not self._ready:
            return
        self.draft = draft or self.draft
        if self._reasoned is not None:
            self._write(self._reasoned)
            return
        from cxtui.ui.screens.reason import with_reason

        with_reason(self.app, self._desk.context, self._write)

    def resolve(self, theirs: Any, chosen: dict[str, str]) -> None:
        """Save over the row as it is stored now: ``chosen`` fields are the operator's, the others stay theirs."""
        self.draft = self.draft.with_(row=theirs)
        for name, row in self._pages.rows.items():
            value = chosen.get(name, as_typed(getattr(theirs, name, "")))
            if row.value != value:
                row.set_value(value)
        self._first = {name: as_typed(getattr(theirs, name, "")) for name in self._pages.rows}
        self.save()

    @property
    def _ready(self) -> bool:
        return not self._saving and bool(self._pages.rows)

    def _begin(self, *, stay: bool = False, after: str = "") -> None:
        if self._ready:
            self._stay, self._after = stay, after
            self.save()

    def _write(self, context: Context) -> None:
        self._reasoned = context
        self._saving = True
        what = (context, self.form, self.draft, self._first, self.typed)
        job = partial(delay, *what, self._after) if self._after else partial(store, *what)
        self._desk.work.write(self, job, self._saved, self._refused)

    def _saved(self, done: Change | Plan) -> None:
        if not isinstance(done, Change):
            self._saving = False
            self.post_message(messages.Planned(self, done))
            return
        self.post_message(messages.Saved(self, done, new=self.draft.row is None, stay=self._stay))
        if self._stay:
            job = partial(go_on, self._desk.context, self.form, self.draft, self.typed, done)
            self._desk.work.read(self, "prepare", job, self._go_on, self._refused)
        # Otherwise no key is taken any more until the form is closed: it would be lost in between.

    def _go_on(self, found: tuple[Draft, Prepared]) -> None:
        self.draft, prepared = found
        self._reasoned = None
        self._pages.refill(prepared)
        self._first = self.typed
        self._saving = False
        self.went_on(prepared.own if self.draft.row is None else "")

    def _refused(self, problem: Exception) -> None:
        self._saving = False
        if isinstance(problem, Refused):
            self.show_findings(problem.findings)
            wrong = {found.field for found in errors(problem.findings)}
            bad = next((name for name in self._pages.rows if name in wrong), "")
            if bad:
                self.turn_to(bad)
            else:
                self._fail(problem)
        elif isinstance(problem, Conflict):
            self.post_message(messages.Clashed(self, problem))
        elif isinstance(problem, NeedsConfirmation):
            self.post_message(messages.Unconfirmed(self, problem))
        else:
            self._fail(problem)

    def _fail(self, problem: Exception) -> None:
        self.post_message(messages.Failed(problem))
