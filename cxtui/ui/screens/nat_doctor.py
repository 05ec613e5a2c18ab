"""Why a SIP user gets no inbound calls, with the evidence, and the fix one key away (S-132…S-137, W-100)."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from cxtui.models.sip_user import SipUser
from cxtui.rules.nat import Fix
from cxtui.rules.roles import Role
from cxtui.services import nat_doctor, nat_report
from cxtui.services.context import Context
from cxtui.services.edge_states import Way, way
from cxtui.services.nat_doctor import Examination
from cxtui.services.outcome import Change, Gone
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.nat_findings import NatFindings
from cxtui.ui.words import problem_words

COMMANDS = (
    Command("doctor.fix", "enter", "Apply", "Save the fix that is offered; without one, close", "fix", writes=True),
    Command("doctor.options", "o", "OPTIONS again", "Send the contact one more OPTIONS now", "options", writes=True),
    Command("doctor.copy", "y", "Copy", "Copy verdict and evidence as text, for a ticket", "copy"),
    Command("doctor.close", "escape,x", "Close", "Back to the list", "close"),
)
_LOOK_EVERY = 0.5
_LOOKS = 7200
"""An hour of looking; a window that is open longer is forgotten, not watched."""
_AT_REST = 4
"""Looks of which only the last is taken while nothing is waited for: a device that registers again is seen."""


class Look(NamedTuple):
    """How the user stands, and how far the saved fix has come."""

    examination: Examination
    way: Way | None = None


class NatDoctorScreen(Dialog[Change]):
    """Verdict, evidence, pings, what to do, and the fix as a change. Closing gives the change, or None without one.

    The window begins an OPTIONS of its own accord, and another one after each REGISTER of the device that it sees.
    """

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*COMMANDS, KEYS), Binding("enter", "done", "Done")]
    DEFAULT_CSS = """
    NatDoctorScreen > Vertical { width: 118; max-height: 100%; padding: 0 1; }
    """

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._user = user
        self._company = company
        self._seen: Examination | None = None
        self._change: Change | None = None
        self._applied: Fix | None = None
        self._way: Way | None = None
        self._refusal = self._trouble = ""
        self._busy = self._reading = self._asking = False
        self._looks = self._turn = 0
        self._findings = NatFindings(desk, user, company)

    def compose(self) -> ComposeResult:
        """What was found, and the keys."""
        yield self._findings
        yield KeyBar()

    def on_mount(self) -> None:
        """Examine, and look again as long as the window is open."""
        self._ask(partial(nat_doctor.examine, self._desk.context, self._user))
        self.set_interval(_LOOK_EVERY, self._tick, repeat=_LOOKS)

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.call_after_refresh(self._say)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before there is a verdict, nor while the fix is being saved."""
        return self.focused is not None and (self._seen is not None or bool(self._trouble)) and not self._busy

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a fix that is offered can be applied, only a contact can be asked; who may only look does neither.

        Where there is nothing to apply, the same key closes, but not while an answer may still bring a fix.
        """
        if forbids(self.commands, action, self._desk.context.actor, Role.OPERATOR):
            return False
        seen = self._seen
        match action:
            case "fix":
                return self._offered is not None and self._change is None
            case "done":
                if self._offered is not None and self._change is None and self._desk.context.actor.may(Role.OPERATOR):
                    return False
                ended = bool(self._trouble) if seen is None else not seen.pending
                return True if ended or self._change is not None else None
            case "options":
                return seen is not None and seen.contact is not None and (None if seen.pending else True)
            case "copy":
                return True if seen is not None else None
        return True

    @property
    def _offered(self) -> Fix | None:
        return self._seen.diagnosis.fix if self._seen is not None else None

    def action_fix(self) -> None:
        """Save the fix that is offered."""
        if not self._busy and self._seen is not None and self._offered is not None:
            with_reason(self.app, self._desk.context, partial(self._save, self._seen.user, self._offered))

    def action_done(self) -> None:
        """Close: there is nothing to save, or it is saved."""
        self.action_close()

    def action_options(self) -> None:
        """Send one more OPTIONS; a look that is being taken does not stand in its way."""
        if self._seen is not None and not self._asking:
            self._ask(partial(nat_doctor.ask, self._desk.context, self._seen))

    def action_copy(self) -> None:
        """Copy what was found as text."""
        if self._seen is not None:
            self.app.copy_to_clipboard("\n".join(nat_report.lines(self._seen, self._company)))

    def action_close(self) -> None:
        """Close, unless the fix is just being saved."""
        if not self._busy:
            self.dismiss(self._change)

    def _save(self, user: SipUser, remedy: Fix, context: Context) -> None:
        self._busy = True
        self._refusal = ""
        self._desk.work.write(
            self, partial(nat_doctor.fix, context, user, remedy), partial(self._saved, remedy), self._refused
        )

    def _saved(self, remedy: Fix, change: Change) -> None:
        self._busy = False
        self._applied, self._change = remedy, change
        if self.is_attached:
            self._ask(partial(nat_doctor.examine, self._desk.context, self._user))

    def _refused(self, problem: Exception) -> None:
        self._busy = False
        self._refusal = problem_words(problem)
        self._say()

    def _ask(self, verb: partial[Examination]) -> None:
        # What is being read meanwhile does not know of this OPTIONS.
        self._turn += 1
        self._reading = self._asking = True
        self._desk.work.write(self, verb, self._asked, self._failed)

    def _asked(self, examination: Examination) -> None:
        self._asking = False
        self._show(self._turn, Look(examination, self._way))

    def _tick(self) -> None:
        """Look again: often while something is on its way, now and then otherwise."""
        self._looks += 1
        if self._reading or self._busy or self._seen is None or (not self._waiting and self._looks % _AT_REST):
            return
        self._reading = True
        generation = self._change.generation if self._change is not None else 0
        job = partial(_look, self._desk.context, self._seen, generation)
        self._desk.work.read(self, "doctor", job, partial(self._show, self._turn), self._failed)

    @property
    def _waiting(self) -> bool:
        """Whether an OPTIONS or the fix is on its way."""
        on_its_way = self._change is not None and (self._way is None or self._way.waiting > 0)
        return on_its_way or (self._seen is not None and self._seen.pending)

    def _show(self, turn: int, look: Look) -> None:
        if turn != self._turn or not self.is_attached:
            return
        self._reading = False
        self._trouble = ""
        self._seen, self._way = look
        self._say()
        if self._seen.unasked:
            self._ask(partial(nat_doctor.ask, self._desk.context, self._seen))

    def _failed(self, problem: Exception) -> None:
        self._reading = self._asking = False
        self._trouble = problem_words(problem)
        if isinstance(problem, Gone):
            self._seen = None
        self._say()

    def _say(self) -> None:
        if not self.is_attached:
            return
        self.refresh_bindings()
        wrong = self._refusal or self._trouble
        if self._seen is not None:
            self._findings.tell(self._seen, self._way, applied=self._applied, wrong=wrong)
        elif wrong:
            self._findings.lose(wrong)


def _look(context: Context, examination: Examination, generation: int) -> Look:
    found = nat_doctor.again(context, examination)
    return Look(found, way(context, generation) if generation else None)
