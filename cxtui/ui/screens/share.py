"""CLI authentication on one address: the lists of all companies there, tried on numbers, saved together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.company import Company
from cxtui.models.findings import Finding, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.cli_lists import FIELD
from cxtui.rules.roles import Role
from cxtui.services import sharing
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Conflict, Gone, Refused
from cxtui.services.sharing import Sharing, Tried
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.forms.panel import CHECK_AFTER
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.sharer_lists import SharerLists
from cxtui.ui.screens.whose_calls import WhoseCalls
from cxtui.ui.text import mix, plain, styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.words import problem_words

COMMANDS = (
    Command(
        "share.save", "ctrl+s,f10", "Save", "Set CLI Authentication on all and save the lists", "save", writes=True
    ),
    Command("share.back", "escape,f9", "Back", "Back to the list", "back"),
)


class ShareScreen(Dialog[Change]):
    """The CLI allow list of every company on an entry's address, and whose call a number would be (W-007…W-009).

    What is typed is judged a moment after each key and saved in one change. Closing gives the change, or None.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*COMMANDS, KEYS),
        Binding("pagedown", "page(1)", "Next numbers", show=False),
        Binding("pageup", "page(-1)", "Numbers before", show=False),
    ]
    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    DEFAULT_CSS = """
    ShareScreen { align: left top; background: $surface; }
    ShareScreen > Vertical { width: 100%; height: 1fr; max-height: 100%; border: none; padding: 0 1; }
    ShareScreen .dialog-title { margin: 0; }
    ShareScreen .share-help { height: auto; color: $text-muted; }
    ShareScreen .share-body { height: 1fr; layout: vertical; margin: 1 0 0 0; }
    ShareScreen WhoseCalls { border-top: solid $panel; }
    ShareScreen .share-deed { height: auto; }
    ShareScreen.-wide .share-body { layout: horizontal; }
    ShareScreen.-wide SharerLists { width: 1fr; }
    ShareScreen.-wide WhoseCalls { width: 56; height: 1fr; border: none; border-left: solid $panel; padding: 0 1; }
    ShareScreen.-wide WhoseCalls > Lines { max-height: 12; }
    ShareScreen.-wide WhoseCalls > VerticalScroll { height: 1fr; max-height: 100%; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, entry: IpAuth) -> None:
        super().__init__()
        self._desk = desk
        self._entry = entry
        self._may = desk.context.actor.may(Role.OPERATOR)
        self._sharing: Sharing | None = None
        self._lists = SharerLists(desk.glyphs, fixed=not self._may)
        self._calls = WhoseCalls(desk.glyphs)
        self._pause: Timer | None = None
        self._saving = False
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Title, lists and trial side by side or one below the other, and what saving does."""
        with Vertical():
            yield Static(mix("CLI authentication on $where", where=self._entry.address), classes="dialog-title")
            words = "One number or regex a line, compared as it arrives: +441782 is not 441782."
            yield Static(plain(words), classes="share-help")
            with Container(classes="share-body"):
                yield self._lists
                yield self._calls
            yield Static(classes="share-deed")
        yield KeyBar()

    def on_mount(self) -> None:
        """Ask who shares the address."""
        self._read()

    @property
    def dirty(self) -> bool:
        """Whether a list was typed in."""
        return self._sharing is not None and self._lists.typed != self._sharing.lists

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the lists are there, and not while they are being saved."""
        return self.focused is not None and not self._saving

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without the role there is nothing to save."""
        return self._may or action != "save"

    def action_save(self) -> None:
        """Save what stands in the fields."""
        if self._sharing is not None and not self._saving:
            from cxtui.ui.screens.reason import with_reason

            with_reason(self.app, self._desk.context, self._write)

    def action_back(self) -> None:
        """Leave; what was typed is asked about first."""
        if self._saving:
            return
        if not self.dirty:
            self.dismiss(None)
            return
        from cxtui.ui.screens.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(None)

        self.app.push_screen(Confirm("Leave without saving what you typed?", "Leave"), answered)

    def action_page(self, pages: int) -> None:
        """Show the next numbers of those that are tried, or the ones before."""
        self._calls.page(pages)

    def on_key(self, event: events.Key) -> None:
        """Up and down leave a field at its first or last line."""
        inner = {"up": "cursor_at_first_line", "down": "cursor_at_last_line"}.get(event.key, "")
        if inner and getattr(self.focused, inner, False):
            event.stop()
            event.prevent_default()
            self.focus_next() if event.key == "down" else self.focus_previous()

    def _read(self) -> None:
        job = partial(sharing.sharers, self._desk.context, self._entry)
        self._desk.work.read(self, "sharers", job, self._fill, self._unread)

    def _fill(self, found: Sharing) -> None:
        """Show the lists; one that was typed in stays as it is, over the list that was there when that began."""
        kept = {
            key: text
            for key, text in self._lists.typed.items()
            if self._sharing and text != self._sharing.lists.get(key)
        }
        for sharer in self._sharing.sharers if self._sharing else ():
            found = found.with_company(sharer.company) if sharer.company.id in kept else found
        self._sharing = found
        self._lists.fill(found, kept)
        self.call_after_refresh(self._lists.focus_list if self._may and found.sharers else self._calls.focus_numbers)
        self._look()

    def _unread(self, problem: Exception) -> None:
        self.app.notify(problem_words(problem), severity="error", timeout=10)
        if self._sharing is None:
            self.dismiss(None)

    @on(FieldRow.Changed)
    def _changed(self, event: FieldRow.Changed) -> None:
        event.stop()
        self._problem = ""
        self._look_soon()

    def on_text_area_changed(self, event: events.Event) -> None:
        """Other numbers are tried."""
        event.stop()
        self._look_soon()

    def _look_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(CHECK_AFTER, self._look)

    def _look(self) -> None:
        found, typed = self._sharing, self._lists.typed
        if found is None:
            return
        numbers, context = self._calls.numbers, self._desk.context

        def job() -> tuple[Sequence[Finding], Sequence[Tried]]:
            return sharing.check(context, found, typed), sharing.preview(found, typed, numbers)

        self._desk.work.read(self, "look", job, self._looked, self._unread)

    def _looked(self, seen: tuple[Sequence[Finding], Sequence[Tried]]) -> None:
        findings, tried = seen
        self._lists.show(findings)
        self._calls.show(tried)
        self._say_deed()

    def _say_deed(self) -> None:
        line = self.query_one(".share-deed", Static)
        if self._problem:
            line.update(styled(f"{self._desk.glyphs.blocked} Not saved: {self._problem}", "$text-error"))
        elif not self._may:
            line.update(plain(f"Your role is {self._desk.context.actor.role.word}: nothing can be changed here."))
        elif self._sharing is not None:
            line.update(plain(self._sharing.deed))

    def _write(self, context: Context) -> None:
        if self._sharing is None:
            return
        self._saving = True
        job = partial(sharing.save, context, self._sharing, self._lists.typed)
        self._desk.work.write(self, job, self._saved, self._refused)

    def _saved(self, change: Change) -> None:
        self.dismiss(change)

    def _refused(self, problem: Exception) -> None:
        self._saving = False
        if isinstance(problem, Conflict):
            from cxtui.ui.screens.conflict import ConflictScreen

            self.app.push_screen(ConflictScreen(problem, self._desk.glyphs), partial(self._resolve, problem))
            return
        self._problem = problem_words(problem)
        if isinstance(problem, Refused):
            self._lists.show(problem.findings)
            wrong = self._lists.focus_list({finding.field for finding in errors(problem.findings)})
            self._problem = f"see what stands beside {', '.join(wrong)}." if wrong else self._problem
        self._say_deed()
        if isinstance(problem, Gone):
            self._read()

    def _resolve(self, conflict: Conflict, chosen: dict[str, str] | None) -> None:
        """Save once more over the company as it is stored now, with its list or the operator's."""
        theirs = conflict.theirs
        if chosen is None or self._sharing is None or not isinstance(theirs, Company):
            return
        self._sharing = self._sharing.with_company(theirs)
        if FIELD not in chosen:
            self._lists.put(theirs)
        self.action_save()
