"""The panel in which a row is added or edited, beside its list or in place of it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, TypeAlias

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.findings import Finding, errors
from cxtui.services.labels import label
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.forms import leading, messages, saving
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.forms.kinds import Draft, FormKind
from cxtui.ui.forms.prepare import Prepared, Verdict, judge, prepare
from cxtui.ui.forms.saving import SavingForm
from cxtui.ui.presence import FormTitle
from cxtui.ui.text import plain
from cxtui.ui.widgets.choices import Choices

CHECK_AFTER = 0.12
"""Seconds of rest after a key before the rules are asked."""

COMMANDS = (
    Command("form.back", "escape,f9", "Back", "Back to the list", "back"),
    Command("form.fix", "f4", "Take the offer", "Carry out what a finding offers", "fix"),
    Command("form.next-tab", "pagedown,f6", "Other tab", "Show the next tab of the form", "tab(1)"),
    Command(
        "form.previous-tab", "pageup,f5", "Previous tab", "Show the previous tab of the form", "tab(-1)", footer=False
    ),
)


class FormPanel(SavingForm, Vertical):
    """Fields by tab, checked a moment after each key."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    commands: ClassVar[tuple[Command, ...]] = (*saving.COMMANDS, *COMMANDS, *leading.COMMANDS)
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
        super().__init__(desk, form, draft)
        self._wanted_focus = focus
        self._findings: tuple[Finding, ...] = ()
        self._pause: Timer | None = None
        self._help = Static(classes="form-help")

    def compose(self) -> ComposeResult:
        """Title, tabs, fields, help of the field that has the focus."""
        yield FormTitle(self._desk)
        yield Static(classes="form-tabs")
        yield self._pages
        yield self._help

    def on_mount(self) -> None:
        """Ask the database what the form needs, then show it."""
        job = partial(prepare, self._desk.context, self.form, self.draft)
        self._desk.work.read(self, "prepare", job, self._fill, self._fail)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the fields are there, and not while they are being saved."""
        return self.has_focus_within and not self._saving

    def focus_field(self) -> None:
        """Put the cursor into the wanted field, or the first of the tab that is shown."""
        self._pages.focus_field(self._wanted_focus)

    def look_around(self) -> None:
        """See who else has the row open."""
        self.query_one(FormTitle).look()

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Put what the rules say beside the fields."""
        offered, self._findings = self._offers, findings
        if offered is not self._offers:
            self.refresh_bindings()
        self._pages.show(findings)
        self._say_tabs()

    def turn_to(self, name: str) -> None:
        """Show the tab of a field, and put the cursor into it."""
        self._wanted_focus = name
        self._pages.turn_to_field(name)
        self._say_tabs()
        self.call_after_refresh(self.focus_field)

    def went_on(self, name: str) -> None:
        """Show whose values stand in the fields now."""
        self._title()
        self.query_one(FormTitle).touched(self.dirty)
        self.show_findings(())
        if name:
            self.turn_to(name)
        self.refresh_bindings()
        self._check()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A form of one tab has no other one; without an offer there is nothing to take, without a role to save."""
        if action == "lead":
            return self.leads(parameters[0])
        if action in ("save", "save_stay", "save_later"):
            return self.saves(action)
        if action == "fix":
            return self._offers
        return action != "tab" or len(self._pages.tabs) > 1

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
        self.query_one(FormTitle).show(what, row)

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
        return list(errors(self._findings))

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        event.stop()
        self._say_help()

    @on(FieldRow.Changed)
    def _changed(self, event: FieldRow.Changed) -> None:
        event.stop()
        self._pages.follow(event.row.spec.name, new=self.draft.row is None)
        self.query_one(FormTitle).touched(self.dirty)
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
        self.show_findings(() if untouched else verdict.findings)
