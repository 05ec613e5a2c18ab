"""Whether the edges take the password that was just set, tried while it is still known (S-080, S-120)."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.content import Content
from textual.widgets import Static

from cxtui.models.sip_user import SipUser
from cxtui.services import probing
from cxtui.services.ladders import Exchange
from cxtui.ui.commands import Command
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import plain, styled
from cxtui.ui.words import problem_words

COMMANDS = (
    Command("password.try", "t", "Try", "Try the password that was set at the edges; then, see what was said", "try"),
)
_MOST_LINES = 3


class PasswordTry(Static):
    """A line for each edge that was tried; nothing before, and nothing for a login of ours at another's switch."""

    DEFAULT_CSS = """
    PasswordTry { height: auto; display: none; }
    PasswordTry.-told { display: block; }
    """

    def __init__(self, desk: Desk, row: Any, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._user = row if isinstance(row, SipUser) else None
        self._company = company
        self._busy = False
        self._found: tuple[Exchange, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether there is anything to try."""
        return self._user is not None

    def go(self, password: str) -> None:
        """Try the password; once it was tried, show what was said."""
        if self._user is None or self._busy:
            return
        if self._found:
            from cxtui.ui.screens.ladder import LadderScreen

            self.app.push_screen(LadderScreen(self._desk, self._found, self._company))
            return
        self._busy = True
        self._tell(plain(f"{self._desk.glyphs.pending} trying it at the edges"))
        job = partial(probing.probe, self._desk.context, self._user, password)
        self._desk.work.aside(self, job, self._tried, self._failed)

    def _tried(self, found: tuple[Exchange, ...]) -> None:
        self._busy = False
        self._found = found
        lines = [outcome(exchange, self._desk.glyphs) for exchange in found[:_MOST_LINES]]
        if len(found) > _MOST_LINES:
            lines.append(plain(f"and {len(found) - _MOST_LINES} more"))
        self._tell(Content("\n").join([*lines, plain("t shows what was said.")]))

    def _failed(self, problem: Exception) -> None:
        self._busy = False
        self._tell(styled(problem_words(problem), "$text-error"))

    def _tell(self, words: Content) -> None:
        if self.is_attached:
            self.add_class("-told")
            self.update(words)


def outcome(exchange: Exchange, glyphs: Glyphs) -> Content:
    """What an exchange shows, with a sign before it."""
    sign, style = {
        True: (glyphs.ok, "$text-success"),
        False: (glyphs.blocked, "$text-error"),
        None: (glyphs.warning, "$text-warning"),
    }[exchange.right]
    return styled(f"{sign} {exchange.sentence}", style)
