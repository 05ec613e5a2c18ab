"""Setting the voicemail password of a SIP user, which is typed on a telephone to listen (S-112)."""

from __future__ import annotations

from rich.cells import cached_cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.models.findings import errors
from cxtui.models.sip_user import SipUser
from cxtui.rules.voicemail import LONGEST, SHORTEST, check_password
from cxtui.services import voicemail
from cxtui.ui.desk import Desk
from cxtui.ui.screens.verb_dialog import VerbDialog
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets.entry import Entry

_RULE = f"{SHORTEST}–{LONGEST} digits, as they are typed on the telephone. Nothing shows them again."


class MailboxPasswordScreen(VerbDialog):
    """Two masked fields; one that is guessed at once is warned of before it is set."""

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        super().__init__(desk)
        self._user, self._company = user, company
        self._warned = ""
        self._first = Entry(placeholder="voicemail password", password=True, max_length=LONGEST)
        self._again = Entry(placeholder="once more", password=True, max_length=LONGEST)

    def compose(self) -> ComposeResult:
        """Whose, the fields, what is wrong with them."""
        with Vertical():
            title = mix("Voicemail password of $who · $company", who=self._user.username, company=self._company)
            yield Static(title, classes="dialog-title")
            yield Static(plain(_RULE), classes="dialog-text")
            yield self._first
            yield self._again
            yield self.said

    def on_mount(self) -> None:
        """Ready to type."""
        self._first.focus()

    def on_unmount(self) -> None:
        """Forget the password, also where its width was remembered."""
        self._first.value = self._again.value = ""
        cached_cell_len.cache_clear()

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        password = self._first.value
        found = check_password(password, self._user.username)
        said = "; ".join(finding.text for finding in found)
        if errors(found):
            self._back(said)
        elif event.input is self._first:
            self._again.focus()
            self.say(said)
        elif self._again.value != password:
            self._again.value = ""
            self._back("the two are not the same")
        elif said and said != self._warned:
            self._warned = said
            self.say(f"{said}. Enter once more sets it all the same.", wrong=True)
        else:
            self.carry_out(lambda context: voicemail.set_password(context, self._user, password))

    def _back(self, words: str) -> None:
        self.say(words, wrong=True)
        self._first.focus()
        self._first.select_all()
