"""The Voicemail tab: the messages of a SIP user, where new ones are mailed to, and the password (S-110…S-114)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from cxtui.models.fields import VOICE_MAIL
from cxtui.models.sip_user import SipUser
from cxtui.services import voicemail
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.services.subjects import Subject
from cxtui.services.voicemail import Mailbox
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.subject_pane import HISTORY, SubjectPane
from cxtui.ui.panes.voicemail_commands import COMMANDS, TEST
from cxtui.ui.widgets.message_list import MessageList
from cxtui.ui.widgets.row_table import RowTable

_NEED_A_MESSAGE = frozenset({"delete", "read", "export"})


class VoicemailPane(SubjectPane):
    """The messages; a form and two windows over them. What the voicemail server does is seen at the next reading."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    VoicemailPane > .subject { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    none = "Choose a SIP user: s."

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = MessageList(desk)
        self._found: Mailbox | None = None
        self._sending = False

    def compose(self) -> ComposeResult:
        """Whose mailbox, and the messages."""
        yield self._head
        with Container():
            yield self.list

    @property
    def list_widget(self) -> Widget:
        """The messages."""
        return self.list.table

    @property
    def user(self) -> SipUser | None:
        """Whose mailbox it is, None for an IP entry."""
        row = self._found.about.row if self._found else None
        return row if isinstance(row, SipUser) else None

    def set_subject(self, subject: Subject | None) -> None:
        """Look into another mailbox; what was marked in the last one is not marked any more."""
        before = self._subject
        super().set_subject(subject)
        if self._subject != before:
            self._found = None
            self.list.table.clear_marks()

    def load(self, subject: Subject) -> Mailbox:
        """The mailbox."""
        return voicemail.mailbox(self.desk.context, subject)

    def show(self, found: Mailbox) -> None:
        """Show what is in it."""
        self._found = found
        self.title(found.about, facts=_facts(found))
        if found.problem:
            self.list.show((), "" if isinstance(found.about.row, SipUser) else self.none, found.problem)
        else:
            self.list.show(found.messages, "No messages.")

    def show_nothing(self) -> None:
        """No mailbox."""
        self._found = None
        self.list.show((), self.none)

    def has_row(self, action: str) -> bool:
        """Whether there is a mailbox, and what an action needs besides."""
        if action == HISTORY.action:
            return self.about is not None
        if action in _NEED_A_MESSAGE:
            return self.user is not None and self.list.message is not None
        if action == TEST.action:
            return bool(self.user and self.user.voicemail_email) and not self._sending
        return self.user is not None

    def action_settings(self) -> None:
        """Open the form of the two fields, to change or to look at."""
        from cxtui.ui.forms.kinds import SIP_USERS, Draft
        from cxtui.ui.forms.panel import FormPanel

        if self.user is not None:
            fields = {name: spec for name, spec in SIP_USERS.fields.items() if spec.tab == VOICE_MAIL}
            form = replace(SIP_USERS, fields=fields, told=False)
            self.open_form(FormPanel(self.desk, form, Draft(self.user.company_id, self.user)))

    def saved(self, change: Change, *, new: bool) -> None:
        """Show what is stored now."""
        super().saved(change, new=new)
        self.refresh_rows()

    def action_password(self) -> None:
        """Ask for a voicemail password and set it."""
        if self.user is not None and self.about is not None:
            from cxtui.ui.screens.mailbox_password import MailboxPasswordScreen

            self.desk.work.get_ready(self)
            self.app.push_screen(MailboxPasswordScreen(self.desk, self.user, self.about.company), self._ended)

    def action_export(self) -> None:
        """Ask for a file and save the recording in it."""
        message = self.list.message
        if self.user is None or message is None:
            return
        if message.problem and not message.bytes:
            self.app.notify(message.problem, severity="warning")
            return
        from cxtui.ui.screens.export_message import ExportMessageScreen

        self.desk.work.get_ready(self)
        self.app.push_screen(ExportMessageScreen(self.desk, self.user, message), self._ended)

    def action_delete(self) -> None:
        """Ask, then delete."""
        from cxtui.services import voicemail_trash
        from cxtui.ui.screens.confirm import Confirm

        user, found = self.user, self.list.chosen
        if user is None or not found:
            return
        self.desk.work.get_ready(self)
        named = [voicemail_trash.deleted_message(user, message) for message in found]
        what, them = f"the message from {voicemail.caller(found[0])}", "it"
        if len(found) > 1:
            what, them = voicemail.counted(len(found)), "them"
        days = self.desk.context.settings.voicemail_keep_days
        uuids = [message.uuid for message in found]

        def answered(yes: bool | None) -> None:
            if yes:
                self.carry_out(lambda context: voicemail_trash.delete(context, user, uuids))

        question = f"Delete {what}? Undo brings {them} back for {days} days."
        self.app.push_screen(Confirm(question, "Delete", names=named), answered)

    def action_read(self) -> None:
        """Mark the chosen messages read if any is new, otherwise new again."""
        user, found = self.user, self.list.chosen
        if user is not None and found:
            fresh = any(message.read is None for message in found)
            mark = voicemail.mark_read if fresh else voicemail.mark_unread
            uuids = [message.uuid for message in found]
            self.carry_out(lambda context: mark(context, user, uuids))

    def action_send_test(self) -> None:
        """Send a test mail; the mail server may take its time."""
        from cxtui.ui.screens.reason import with_reason

        user = self.user
        if user is not None:
            with_reason(self.app, self.desk.context, partial(self._send, user))

    def action_mark(self) -> None:
        """Mark the message under the cursor."""
        self.list.table.action_toggle_mark()

    def action_leave(self) -> None:
        """Close what Enter opened, or else clear the marks."""
        if self.list.opened:
            self.list.open(False)
        else:
            self.list.table.clear_marks()

    def _send(self, user: SipUser, context: Context) -> None:
        from cxtui.services.voicemail_mail import send_test

        def ended(tell: Callable[[], None]) -> None:
            self._sending = False
            tell()
            self.refresh_bindings()

        self._sending = True
        self.refresh_bindings()
        words = f"Sending a test mail to {user.voicemail_email} …"
        self.app.notify(words)
        self.desk.work.aside(
            self,
            partial(send_test, context, user),
            lambda change: ended(partial(self.carried_out, change)),
            lambda problem: ended(partial(self.trouble, problem)),
        )

    def _ended(self, change: Change | None) -> None:
        if change is not None:
            self.carried_out(change)

    def carried_out(self, change: Change) -> None:
        """What was marked is done, and is read again."""
        self.list.table.clear_marks()
        super().carried_out(change)
        # What changed in the voicemail server alone nobody else tells.
        self.refresh_rows()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.list.open(not self.list.opened)

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        self.list.say()
        self.refresh_bindings()


def _facts(found: Mailbox) -> str:
    """What is to be known of a mailbox at once, the most wanted first: the end may find no room."""
    row = found.about.row
    if not isinstance(row, SipUser):
        return ""
    count = len(found.messages)
    told = f"{count} message{'' if count == 1 else 's'}, {found.new} new" if count else "no messages"
    facts = [] if found.problem else [told]
    facts += ["enabled" if row.voicemail_enabled else "disabled", row.voicemail_email or "no Email"]
    if not found.problem:
        facts.append("password set" if found.has_password else "no password")
    return " · ".join(facts)
