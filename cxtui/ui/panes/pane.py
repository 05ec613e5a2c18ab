"""What every tab is: a place with commands, a scope, and rows that are read again after a commit."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Vertical
from textual.message import Message

from cxtui.models.fields import Entity
from cxtui.rules.roles import Role
from cxtui.services.outcome import Change
from cxtui.services.subjects import Subject
from cxtui.ui.commands import Command, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.scope import ALL, Scope


class Pane(Vertical):
    """A tab. It is mounted when it is first visited and kept from then on."""

    DEFAULT_CSS = """
    Pane { height: 1fr; }
    """
    commands: ClassVar[tuple[Command, ...]] = ()

    class Done(Message):
        """A verb was carried out."""

        def __init__(self, change: Change) -> None:
            super().__init__()
            self.change = change

    class Trouble(Message):
        """A verb was refused or a list could not be read."""

        def __init__(self, problem: Exception) -> None:
            super().__init__()
            self.problem = problem

    class Scoped(Message):
        """The operator wants to see another company."""

        def __init__(self, scope: Scope) -> None:
            super().__init__()
            self.scope = scope

    class Held(Message):
        """The list is held still now, or runs again."""

    class Choosing(Message):
        """The operator wants to see another subject on this tab."""

    class Opened(Message):
        """The operator wants to see a subject on another tab."""

        def __init__(self, subject: Subject, tab: str) -> None:
            super().__init__()
            self.subject, self.tab = subject, tab

    class History(Message):
        """The operator wants to see what was done with a row."""

        def __init__(self, row: Entity) -> None:
            super().__init__()
            self.row = row

    needs: ClassVar[Role] = Role.OPERATOR
    """The role that it takes to change what is listed."""

    paused = False
    """Whether the list is held still."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.scope = ALL

    def set_scope(self, scope: Scope) -> None:
        """Look at another company."""
        self.scope = scope

    @property
    def subject(self) -> Subject | None:
        """The entry or user that is looked at, which the tabs of its codecs, rewrites and voicemail take over."""
        return None

    def set_subject(self, subject: Subject | None) -> None:
        """Look at another entry or user."""

    def refresh_rows(self) -> None:
        """Read what is shown again."""

    def look_around(self) -> None:
        """See who else has open what is open here."""

    def focus_list(self) -> None:
        """Put the cursor into the list."""

    @property
    def busy_form(self) -> bool:
        """Whether a form is open."""
        return False

    @property
    def settled(self) -> bool:
        """Whether the pane takes keys by now."""
        return self.has_focus_within

    def go_to(self, text: str, key: int) -> None:
        """Show a row, which ``text`` finds."""

    def note_kinds(self, has_ip: bool, has_sip: bool) -> None:
        """Know which kinds of authentication the company has."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what the operator's role does not allow."""
        return not forbids(self.commands, action, self.desk.context.actor, self.needs)

    @property
    def allowed(self) -> tuple[Command, ...]:
        """The commands that the operator's role allows."""
        return tuple(command for command in self.commands if Pane.check_action(self, command.verb, ()))

    def trouble(self, problem: Exception) -> None:
        """Tell the operator what went wrong."""
        self.post_message(self.Trouble(problem))
