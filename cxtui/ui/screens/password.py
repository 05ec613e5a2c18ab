"""Handing over a password: made, stored, copied or read out, and never shown again."""

from __future__ import annotations

import os
import secrets
from functools import partial
from time import localtime, strftime
from typing import Any, ClassVar

from rich.cells import cached_cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.findings import Severity
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.passwords import PROFILES, check_typed, generate, read_out
from cxtui.services import credentials
from cxtui.services.context import Context
from cxtui.services.outcome import Change, is_sentence
from cxtui.ui.app_commands import KEYS
from cxtui.ui.clipboard import CopyReport, copy
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets import ladder_try, registration_follow
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.key_bar import KeyBar

COMMANDS = (
    Command("password.set", "enter", "OK", "Set the password; once it is set, close", "accept", writes=True),
    Command("password.reveal", "r", "Reveal", "Show the password for some seconds", "reveal"),
    Command("password.copy", "y", "Copy", "Send the password to your terminal's clipboard", "copy"),
    Command("password.read-out", "n", "Read out", "Show it in words to read over the phone", "read_out"),
    Command("password.another", "g", "Another", "Generate another password", "another"),
    Command("password.type", "t", "Type", "Type a password yourself", "type"),
    Command("password.cancel", "escape", "Close", "Close; a password that is not set is forgotten", "cancel"),
)


class PasswordScreen(Dialog[Change]):
    """One password, for a SIP user or for our login at the switch of an IP entry (S-120…S-126).

    The password lives in this window alone; nothing but its hashes is stored. Closing gives the change, or None.
    """

    commands: ClassVar[tuple[Command, ...]] = (*COMMANDS, *ladder_try.COMMANDS, *registration_follow.COMMANDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*commands, KEYS)
    DEFAULT_CSS = """
    PasswordScreen .password { height: auto; margin: 0 0 1 0; text-style: bold; }
    PasswordScreen Entry { display: none; margin: 0 0 1 0; }
    PasswordScreen.-typing Entry { display: block; }
    """

    def __init__(self, desk: Desk, row: Any, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._row = row
        self._outbound = isinstance(row, IpAuth)
        self._whose = f"{row.uac_username} at {row.address}" if self._outbound else f"{row.username}"
        self._company = company
        self._password = "" if self._outbound else self._generated()
        self._realm = self._shown = self._note = self._warned = ""
        self._change: Change | None = None
        self._set_at = 0.0
        self._busy = False
        self._hide: Timer | None = None
        self._entry = Entry(placeholder="the password, as the device has it", password=True)
        self._taken = registration_follow.Reregistered(desk, row)
        self._try = ladder_try.PasswordTry(desk, row, company)

    def compose(self) -> ComposeResult:
        """Whose, the password, what was done."""
        with Vertical():
            title = mix("New password for $who · $company", who=self._whose, company=self._company)
            yield Static(title, classes="dialog-title")
            yield Static(classes="password")
            yield self._entry
            yield Static(classes="dialog-text", id="facts")
            yield self._try
            yield self._taken
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the masked password; ask for the realm."""
        job = partial(credentials.realm_of, self._desk.context)
        self._desk.work.read(self, "realm", job, self._know_realm, self._fail)
        self._show()
        if self._outbound:
            self.action_type()

    def on_unmount(self) -> None:
        """Forget the password, also where its width was remembered when it was shown."""
        self._password = self._shown = self._entry.value = ""
        cached_cell_len.cache_clear()

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not while a password is being set or before the field for one is there."""
        return self.is_mounted and not self._busy and (self.focused is not None) == self.has_class("-typing")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A password that is set is not changed any more in this window, but tried; and where it was may be let in."""
        if action == "unblock":
            return self._taken.block is not None
        if action == "try":
            return self._change is not None and self._try.possible
        if action in ("another", "type") and (self._change is not None or (self._outbound and action == "another")):
            return False
        return not (self.has_class("-typing") and action in ("reveal", "copy", "read_out", "another"))

    def action_accept(self) -> None:
        """Set the password, or close once it is set."""
        if self._change is not None:
            self.dismiss(self._change)
        elif self.has_class("-typing"):
            self._entry.focus()
        elif self._password and not self._busy:
            with_reason(self.app, self._desk.context, self._store)

    def action_reveal(self) -> None:
        """Show the password as a plain line to select, for a while."""
        self._reveal(self._password)

    def action_read_out(self) -> None:
        """Show the password in words."""
        self._reveal(" ".join(read_out(self._password)))

    def action_copy(self) -> None:
        """Send the password to the clipboard and say what was done."""
        job = partial(copy, self._password, write=self._write, environ=os.environ)
        self._desk.work.read(self, "copy", job, self._copied, self._fail)

    def action_another(self) -> None:
        """Make another password."""
        self._password = self._generated()
        self._note = ""
        self._mask()

    def action_type(self) -> None:
        """Open the field for a password of the operator's."""
        self._mask()
        self.add_class("-typing")
        self._entry.focus()
        self.refresh_bindings()

    def action_try(self) -> None:
        """Try the password that was set at the edges."""
        self._try.go(self._password)

    def action_unblock(self) -> None:
        """Unblock the address that keeps the device from registering."""
        with_reason(self.app, self._desk.context, self._taken.unblock)

    def action_cancel(self) -> None:
        """Leave the field, or close the window, unless the password is just being set."""
        if self._busy:
            return
        if self.has_class("-typing") and not self._outbound:
            self._leave_typing()
        else:
            self.dismiss(self._change)

    @on(Entry.Submitted)
    def _typed(self, event: Entry.Submitted) -> None:
        event.stop()
        policy = PROFILES[self._desk.context.settings.password_profile]
        findings = [] if self._outbound else check_typed(event.value, getattr(self._row, "username", ""), policy)
        said, warned = "\n".join(finding.text for finding in findings), self._warned
        refused = not event.value or any(finding.severity is Severity.ERROR for finding in findings)
        self._warned = "" if refused else said
        if refused or said != warned:
            self._note = said if refused else f"{said}\nEnter once more sets it all the same."
        if refused or (said and said != warned):
            self._show()
            return
        self._note = said
        self._password = event.value
        self._leave_typing()
        self.action_accept()

    def _store(self, context: Context) -> None:
        self._busy = True
        verb = credentials.set_outbound_password if self._outbound else credentials.set_password
        self._desk.work.write(self, partial(verb, context, self._row, self._password), self._set, self._fail)

    def _leave_typing(self) -> None:
        self._entry.value = ""
        self.remove_class("-typing")
        self.set_focus(None)
        self.refresh_bindings()
        self._show()

    def _generated(self) -> str:
        policy = PROFILES[self._desk.context.settings.password_profile]
        return generate(policy, secrets.choice, getattr(self._row, "username", ""))

    def _reveal(self, text: str) -> None:
        self._shown = text
        if self._hide is not None:
            self._hide.stop()
        self._hide = self.set_timer(self._desk.context.settings.reveal_seconds, self._mask)
        self._show()

    def _mask(self) -> None:
        self._shown = ""
        self._show()

    def _write(self, sequence: str) -> None:
        driver = self.app._driver
        if driver is not None:
            driver.write(sequence)

    def _copied(self, report: CopyReport) -> None:
        self._note = report.sentence
        self._show()

    def _know_realm(self, realm: str) -> None:
        self._realm = getattr(self._row, "uac_realm", "") or realm
        self._show()

    def _set(self, change: Change) -> None:
        self._busy = False
        self._change = change
        self._set_at = self._desk.context.now()
        self._taken.begin(self._set_at)
        self.refresh_bindings()
        self._show()

    def _fail(self, problem: Exception) -> None:
        self._busy = False
        words = str(problem) if is_sentence(problem) else f"something unexpected, {type(problem).__name__}."
        self._note = words if self._change is not None else f"Not set: {words}"
        self._show()

    def _show(self) -> None:
        if not self.is_attached:
            return
        bullet = "*" if self._desk.glyphs.ok == "+" else "•"
        self.query_one(".password", Static).update(plain(self._shown or bullet * len(self._password)))
        facts = [f"{len(self._password)} characters · realm {self._realm}"] if self._password else []
        if self._note:
            facts += ["", *self._note.split("\n")]
        if self._change is not None:
            at = strftime("%H:%M:%S", localtime(self._set_at))
            facts += ["", f"{self._desk.glyphs.ok} set {at}. It cannot be shown again after this window."]
        elif self._password:
            facts += ["", "Not set yet: Enter sets it."]
        self.query_one("#facts", Static).update(Content("\n").join(plain(fact) for fact in facts))
