"""Saving the recording of a voicemail message in a file of the operator's (S-113, W-061)."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.models.sip_user import SipUser
from cxtui.models.voicemail import Message
from cxtui.services import voicemail
from cxtui.ui.desk import Desk
from cxtui.ui.screens.verb_dialog import VerbDialog
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets.entry import Entry


class ExportMessageScreen(VerbDialog):
    """The name of the file; one that is there already is never replaced."""

    def __init__(self, desk: Desk, user: SipUser, message: Message) -> None:
        super().__init__(desk)
        self._user, self._message = user, message
        self._entry = Entry(f"~/{voicemail.file_name(message)}")

    def compose(self) -> ComposeResult:
        """Which message, and the file."""
        with Vertical():
            title = mix("Export the message from $who", who=voicemail.caller(self._message))
            yield Static(title, classes="dialog-title")
            words = f"{voicemail.size_words(self._message.bytes or 0)}. A folder gives it a name of its own there."
            yield Static(plain(words), classes="dialog-text")
            yield self._entry
            yield self.said

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        uuid, target = self._message.uuid, event.value
        self.carry_out(lambda context: voicemail.export(context, self._user, uuid, target))
