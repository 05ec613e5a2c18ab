"""Whether the device of a SIP user has taken its new password: it has once it registered with it."""

from __future__ import annotations

from functools import partial
from time import localtime, strftime
from typing import Any

from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.sip_user import SipUser
from cxtui.rules.durations import ago
from cxtui.services.registrations import Renewal, renewal, source
from cxtui.ui.desk import Desk
from cxtui.ui.text import plain, styled

_LOOK_EVERY = 0.5
_LOOKS = 7200
"""An hour of looking; a window that is open longer is forgotten, not watched."""


class Reregistered(Static):
    """One line, from the moment the password was set; nothing where no edge could tell, or for a login of ours."""

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

    def begin(self, set_at: float) -> None:
        """Look for a registration after ``set_at``, until there is one."""
        if self._user is not None and self.is_attached:
            self._set_at = set_at
            self._timer = self.set_interval(_LOOK_EVERY, self._look, repeat=_LOOKS)
            self._look()

    def _look(self) -> None:
        if self._user is not None:
            job = partial(renewal, self._desk.context, self._user, self._set_at)
            self._desk.work.read(self, "renewal", job, self._show, self._fail)

    def _show(self, found: Renewal | None) -> None:
        assert self._user is not None
        if found is None:
            self.remove_class("-told")
            return
        self.add_class("-told")
        name, glyphs = self._user.username, self._desk.glyphs
        if found.new is not None:
            self._stop()
            at = strftime("%H:%M:%S", localtime(found.new.registered_at))
            words = f"re-registered with the new password {glyphs.ok} (from {source(found.new)}, {at})"
            self.update(styled(words, "$text-success"))
            return
        words = f"{glyphs.pending} waiting for {name}"
        if found.old is not None:
            left = ago(max(0.0, found.old.expires_at - self._desk.context.now()))
            words += f": still registered with the old one from {source(found.old)}, for {left} at the most"
        if plain(words) != self.content:
            self.update(plain(words))

    def _fail(self, problem: Exception) -> None:
        """Not to know is no failure of the password that was set."""
        self._stop()
        self.remove_class("-told")

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
