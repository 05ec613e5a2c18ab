"""The panel in which a row is added or edited, beside its list or in place of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.findings import Finding, Severity
from cxtui.rules.values import as_typed
from cxtui.services.context import Context
from cxtui.services.labels import label
from cxtui.services.outcome import Change, Conflict, NeedsConfirmation, Refused
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.forms import leading, messages
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.forms.kinds import Draft, FormKind
from cxtui.ui.forms.leading import LeadingForm
from cxtui.ui.forms.pages import FormPages
from cxtui.ui.forms.prepare import Prepared, Verdict, judge, prepare, store
from cxtui.ui.text import plain
from cxtui.ui.widgets.choices import Choices

if TYPE_CHECKING:
    from cxtui.services.bulk.plan import Plan

CHECK_AFTER = 0.12
"""Seconds of rest after a key before the rules are asked."""

COMMANDS = (
    Command("form.save", "ctrl+s,f10", "Save", "Save what stands in the form", "save", writes=True),
    Command("form.back", "escape,f9", "Back", "Back to the list", "back"),
    Command("form.fix", "f4", "Take the offer", "Carry out what a finding offers", "fix"),
    Command("form.next-tab", "pagedown,f6", "Other tab", "Show the next tab of the form", "tab(1)"),
    Command(
        "form.previous-tab", "pageup,f5", "Previous tab", "Show the previous tab of the form", "tab(-1)", footer=False
    ),
)


class FormPanel(LeadingForm, Vertical):
    """Fields by tab, checked a moment after each key; saving leaves every typed character where it is if refused."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    commands: ClassVar[tuple[Command, ...]] = (*COMMANDS, *leading.COMMANDS)
    DEFAULT_CSS = """
    FormPanel { background: $panel; padding: 0 1; }
    FormPanel > .form-title { height: 1; text-style: bold; }
    FormPanel > .form-tabs { height: 1; color: $text-muted; margin: 0 0 1 0; }
    FormPanel > .form-help { height: auto; max-height: 3; color: $text-muted; }
    """

    Judged: TypeAlias = messages.Judged
    Leading: TypeAlias = messages.Leading
    Planned: TypeAlias = messages.Planned
    Saved: TypeAlias = messages.Saved
    Closed: TypeAlias = messages.Closed
    Clashed: TypeAlias = messages.Clashed
    Unconfirmed: TypeAlias = messages.Unconfirmed
    Failed: TypeAlias = messages.Failed

    def __init__(self, desk: Desk, form: FormKind, draft: Draft, *, focus: str = "") -> None:
        super().__init__()
        self._desk = desk
        self.form = form
        self.draft = draft
        self._wanted_focus = focus
        self._pages = FormPages(desk.glyphs)
        self._first: dict[str, str] = {}
        self._findings: tuple[Finding, ...] = ()
        self._pause: Timer | None = None
        self._saving = False
        self._reasoned: Context | None = None
        self._help = Static(classes="form-help")
        self._fixed = form.fixed(desk.context.actor)

    def compose(self) -> ComposeResult:
        """Title, tabs, fields, help of the field that has the focus."""
        yield Static(classes="form-title")
        yield Static(classes="form-tabs")
        yield self._pages
        yield self._help

    def on_mount(self) -> None:
        """Ask the database what the form needs, then show it."""
        job = partial(prepare, self._desk.context, self.form, self.draft)
        self._desk.work.read(self, "prepare", job, self._fill, self._fail)

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields."""
        return {name: row.value for name, row in self._pages.rows.items()}

    @property
    def dirty(self) -> bool:
        """Whether anything was typed."""
        return self.typed != self._first

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the fields are there, and not while they are being saved."""
        return self.has_focus_within and not self._saving

    def share(self) -> None:
        """Set CLI Authentication on every sharer with this save."""
        self.draft = self.draft.with_(share=True)
        if "cli_authentication" in self._pages.rows:
            self._pages.rows["cli_authentication"].set_value("yes")

    def save(self, draft: Draft | None = None) -> None:
        """Save; ``draft`` replaces the one the form began with, after a conflict or a confirmation."""
        if self._saving or not self._pages.rows:
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

    def focus_field(self) -> None:
        """Put the cursor into the wanted field, or the first of the tab that is shown."""
        self._pages.focus_field(self._wanted_focus)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A form of one tab has no other one; without an offer there is nothing to take, without a role to save."""
        if action == "lead":
            return self.leads(parameters[0])
        if action == "save":
            return self._fixed < {*self.form.fields}
        if action == "fix":
            return self._offers
        return action != "tab" or len(self._pages.tabs) > 1

    def action_save(self) -> None:
        """Save what stands in the form."""
        self.save()

    def action_back(self) -> None:
        """Leave the form, unless it is just being saved."""
        if not self._saving:
            self.post_message(self.Closed(self, self.dirty))

    def action_tab(self, step: int) -> None:
        """Show another tab."""
        self._pages.step(step)
        self._say_tabs()
        self.call_after_refresh(self.focus_field)

    def action_fix(self) -> None:
        """Carry out what the first finding with an offer offers, the focused field's before others."""
        here = self._pages.focused.spec.name if self._pages.focused else ""
        offers = sorted((finding for finding in self._findings if finding.fix), key=lambda found: found.field != here)
        if not offers:
            self._pages.take_offer()
            return
        if offers[0].fix == "share":
            self.share()
        else:
            self._pages.remedy(offers[0].fix)

    def on_key(self, event: events.Key) -> None:
        """Up and down leave a field of one line, and one of several at its first or last."""
        inner = {"up": "cursor_at_first_line", "down": "cursor_at_last_line"}.get(event.key, "")
        if event.key in ("down", "enter", "up") and getattr(self.screen.focused, inner, True):
            event.stop()
            event.prevent_default()
            self.screen.focus_next() if event.key != "up" else self.screen.focus_previous()

    def on_descendant_focus(self) -> None:
        """Say what the field is for, and what it offers; the field that was wanted is reached."""
        if self._pages.focused is not None and self._pages.focused.spec.name == self._wanted_focus:
            self._wanted_focus = ""
        self._say_help()
        self.refresh_bindings()

    def _fill(self, prepared: Prepared) -> None:
        self._pages.fill(prepared, self.form, self._fixed, new=self.draft.row is None)
        self._first = self.typed
        self._title()
        self._pages.turn_to_field(self._wanted_focus)
        self._say_tabs()
        self.refresh_bindings()
        self.call_after_refresh(self.focus_field)
        self._check()

    def _title(self) -> None:
        row = self.draft.row
        what = "new " + self.form.noun if row is None else f"{label(row)} · v{row.version}"
        self.query_one(".form-title", Static).update(plain(what))

    def _say_tabs(self) -> None:
        strip = self.query_one(".form-tabs", Static)
        strip.display = len(self._pages.tabs) > 1
        strip.update(self._pages.names(self._errors()))

    def _say_help(self) -> None:
        row = self._pages.focused
        self._help.update(plain(row.help if row else ""))

    @property
    def _offers(self) -> bool:
        return any(finding.fix for finding in self._findings) or bool(self._pages.offer)

    def _errors(self) -> list[Finding]:
        return [finding for finding in self._findings if finding.severity is Severity.ERROR]

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        event.stop()
        self._say_help()

    @on(FieldRow.Changed)
    def _changed(self, event: FieldRow.Changed) -> None:
        event.stop()
        self._pages.follow(event.row.spec.name, new=self.draft.row is None)
        self._say_help()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(CHECK_AFTER, self._check)

    def _check(self) -> None:
        self._pages.draw_network()
        job = partial(judge, self._desk.context, self.form, self.draft, self.typed)
        self._desk.work.read(self, "check", job, self._judged, self._fail)

    def _judged(self, verdict: Verdict) -> None:
        self.post_message(self.Judged(self, self.typed))
        untouched = not self.dirty and self.draft.row is None
        # An empty new form is not wrong yet: what is still missing is said when something was typed or saved.
        self._show(() if untouched else verdict.findings)

    def _show(self, findings: tuple[Finding, ...]) -> None:
        offered, self._findings = self._offers, findings
        if offered is not self._offers:
            self.refresh_bindings()
        self._pages.show(findings)
        self._say_tabs()

    def _write(self, context: Context) -> None:
        self._reasoned = context
        self._saving = True
        job = partial(store, context, self.form, self.draft, self._first, self.typed)
        self._desk.work.write(self, job, self._saved, self._refused)

    def _saved(self, done: Change | Plan) -> None:
        self._saving = False
        if isinstance(done, Change):
            self.post_message(self.Saved(self, done, new=self.draft.row is None))
        else:
            self.post_message(self.Planned(self, done))

    def _refused(self, problem: Exception) -> None:
        self._saving = False
        if isinstance(problem, Refused):
            self._show(problem.findings)
            wrong = {found.field for found in self._errors()}
            bad = next((name for name in self._pages.rows if name in wrong), "")
            if bad:
                self._wanted_focus = bad
                self._pages.turn_to_field(bad)
                self._say_tabs()
                self.call_after_refresh(self.focus_field)
            else:
                self._fail(problem)
        elif isinstance(problem, Conflict):
            self.post_message(self.Clashed(self, problem))
        elif isinstance(problem, NeedsConfirmation):
            self.post_message(self.Unconfirmed(self, problem))
        else:
            self._fail(problem)

    def _fail(self, problem: Exception) -> None:
        self.post_message(self.Failed(problem))
