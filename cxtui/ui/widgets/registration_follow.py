"""Whether the device of a SIP user has taken its new password: it has once it registered with it (S-120, S-011)."""

from __future__ import annotations

from functools import partial
from time import localtime, strftime
from typing import Any

from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.sip_user import SipUser
from cxtui.rules.durations import ago, since
from cxtui.rules.nat_facts import Blocked
from cxtui.rules.nat_firewall import before_unblocking, reason
from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.services.registrations import source
from cxtui.services.renewals import Renewal, renewal, unblock
from cxtui.ui.commands import Command
from cxtui.ui.desk import Desk
from cxtui.ui.text import plain, styled
from cxtui.ui.words import problem_words

COMMANDS = (
    Command("password.unblock", "u", "Unblock", "Unblock where the device registered from", "unblock", writes=True),
)
_LOOK_EVERY = 0.5
_LOOKS = 7200
"""An hour of looking; a window that is open longer is forgotten, not watched."""

_TODAY = 12 * 3600
"""Seconds after which a time of day would not say enough."""


class Reregistered(Static):
    """What the device did since the password was set; nothing where no edge could tell, or for a login of ours."""

    DEFAULT_CSS = """
    Reregistered { height: auto; display: none; }
    Reregistered.-told { display: block; }
    """

    def __init__(self, desk: Desk, row: Any) -> None:
        super().__init__()
        self._desk = desk
        self._user = row if isinstance(row, SipUser) else None
        self._set_at = 0.0
        self._timer: Timer | None = None
        self._reading = self._busy = False
        self._found: Renewal | None = None

    @property
    def block(self) -> Blocked | None:
        """The block that keeps the device out, where it can be lifted from here now."""
        found = self._found
        if found is None or found.new is not None or self._busy or not self._desk.context.actor.may(Role.OPERATOR):
            return None
        return found.block if found.block is not None and not found.block.lifting else None

    def begin(self, set_at: float) -> None:
        """Look for a registration after ``set_at``, until there is one."""
        if self._user is not None and self.is_attached:
            self._set_at = set_at
            self._timer = self.set_interval(_LOOK_EVERY, self._look, repeat=_LOOKS)
            self._look()

    def unblock(self, context: Context) -> None:
        """Let the device through again."""
        if self.block is not None:
            job = partial(unblock, context, self.block)
            self._busy = True
            self._desk.work.write(self, job, self._unblocked, self._refused)

    def _unblocked(self, change: Change) -> None:
        self._busy = False
        self.app.notify(change.sentence)
        self._look()

    def _refused(self, problem: Exception) -> None:
        self._busy = False
        self.app.notify(problem_words(problem), severity="error", timeout=10)
        self._look()

    def _look(self) -> None:
        if self._user is not None and self.is_attached and not self._reading:
            self._reading = True
            known = self._found.known if self._found is not None else ()
            job = partial(renewal, self._desk.context, self._user, self._set_at, known)
            self._desk.work.read(self, "renewal", job, self._show, self._fail)

    def _fail(self, problem: Exception) -> None:
        """Not to know is no failure of the password that was set: what was seen last stands until it is known again."""
        self._reading = False

    def _show(self, found: Renewal | None) -> None:
        self._reading = False
        self.set_class(found is not None, "-told")
        if found is None:
            # No edge could tell. Where the device was is kept for when one can again.
            return
        self._found = found
        if found.new is not None and self._timer is not None:
            self._timer.stop()
        words = self._words(found)
        if words != self.content:
            self.update(words)
            self.screen.refresh_bindings()

    def _words(self, found: Renewal) -> Content:
        assert self._user is not None
        name, glyphs, now = self._user.username, self._desk.glyphs, self._desk.context.now()
        if found.new is not None:
            at = _clock(found.new.registered_at)
            words = f"re-registered with the new password {glyphs.ok} (from {source(found.new)}, {at})"
            return styled(words, "$text-success")
        if found.block is not None and not found.block.lifting:
            whose = f"where {name} {'is' if found.old else 'was'} registered from"
            return _blocked(found.block, whose, now, glyphs.blocked)
        words = f"{glyphs.pending} waiting for {name}"
        if found.block is not None:
            words += f": {found.block.address}, where it was registered from, is being unblocked"
        elif found.old is not None:
            left = ago(max(0.0, found.old.expires_at - now))
            words += f": still registered with the old one from {source(found.old)}, for {left} at the most"
        elif found.suspects:
            used = " and ".join(found.suspects[:2])
            words += f". {used} used its name since and got blocked: it may be the device, or somebody else"
        return plain(words)


def _blocked(block: Blocked, whose: str, now: float, glyph: str) -> Content:
    """Why the device cannot register, and what to do first."""
    age = now - block.since
    when = _clock(block.since) if age < _TODAY else since(age)
    words = styled(f"{glyph} {block.address}, {whose}, was blocked {when}{reason(block)}", "$text-error")
    first = (
        before_unblocking(block)
        if block.operator
        else "Give the device the new password first, or it is blocked again."
    )
    return Content("\n").join([words, plain(f"{first} u unblocks it.")])


def _clock(at: float) -> str:
    return strftime("%H:%M:%S", localtime(at))
