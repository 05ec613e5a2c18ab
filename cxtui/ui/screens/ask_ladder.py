"""Where a ladder comes from: this console logs in now, or the next real attempt is waited for (S-080, S-082)."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from cxtui.models.edge_job import EdgeJob
from cxtui.models.sip_user import SipUser
from cxtui.services import edge_jobs, ladders, probing
from cxtui.services.ladders import Exchange
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import mix, plain, styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.registration_jobs import Followed
from cxtui.ui.words import problem_words

COMMANDS = (
    Command("ask-ladder.probe", "p,enter", "Probe", "Log in at every edge now, with the stored HA1", "probe"),
    Command("ask-ladder.wait", "w", "Wait", "Wait for the next real attempt", "wait"),
    Command("ask-ladder.close", "escape", "Stop / close", "Stop waiting, or close", "close"),
)
SECONDS = 60
"""How long a real attempt is waited for."""

Found = tuple[Exchange, ...]


class AskLadder(Dialog[Found]):
    """Two ways to a ladder; closing gives what was found, None where nothing was."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    AskLadder #said { height: auto; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, user: SipUser, company: str) -> None:
        super().__init__()
        self._desk = desk
        self._user = user
        self._company = company
        self._said = Static(id="said")
        self._jobs = Followed(self, desk, self._heard, self._failed)
        self._probing = self._stopped = False
        self._watched: tuple[EdgeJob, ...] = ()
        self._since = 0.0
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        """What each way is good for."""
        with Vertical():
            title = mix("Ladder of $who · $company", who=self._user.username, company=self._company)
            yield Static(title, classes="dialog-title")
            ways = (
                mix("[b]p[/b]  Log in at every edge now, with the stored HA1: whether edge"),
                plain("   and database agree, not what the phone has. It calls nobody."),
                mix("[b]w[/b]  Wait up to $s s for the next real attempt of $who.", who=self._user.username, s=SECONDS),
            )
            yield Static(Content("\n").join(ways), classes="dialog-text")
            yield self._said
        yield KeyBar()

    def on_unmount(self) -> None:
        """The edges need not watch for nobody."""
        self._stop_edges()

    @property
    def settled(self) -> bool:
        """Whether keys can be taken."""
        return self.is_mounted

    @property
    def waiting(self) -> bool:
        """Whether a real attempt is waited for."""
        return self._ticking is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One way at a time."""
        return None if action in ("probe", "wait") and (self._probing or self.waiting) else True

    def action_probe(self) -> None:
        """Log in."""
        self._probing = True
        self._say(plain(f"{self._desk.glyphs.pending} logging in as {self._user.username}"))
        job = partial(probing.probe, self._desk.context, self._user)
        self._desk.work.aside(self, job, self._found, self._failed)

    def action_wait(self) -> None:
        """Have the edges watch the user."""
        self._stopped = False
        self._since = self._desk.context.now()
        self._ticking = self.set_interval(1, self._tick)
        self._jobs.ask(self._watch, lambda jobs: jobs)
        self._tick()

    def action_close(self) -> None:
        """Stop waiting, or close; a probe is over in some seconds."""
        if self.waiting:
            self._rest()
            self._stopped = True
            self._stop_edges()
            self._say(plain("Stopped waiting."))
        elif not self._probing:
            self.dismiss(None)

    def _tick(self) -> None:
        left = max(0, round(SECONDS - (self._desk.context.now() - self._since)))
        name, pending = self._user.username, self._desk.glyphs.pending
        words = f"{pending} waiting for {name}: {left} s. Let the phone register or call now."
        others = [job.result for job in self._jobs.jobs.values() if job.result and not edge_jobs.ended(job)]
        self._say(Content("\n").join([plain(words), *map(plain, others)]))

    def _heard(self) -> None:
        jobs = tuple(self._jobs.jobs.values())
        if self._stopped:
            return
        if any(job.ladder for job in jobs):
            self._desk.work.read(
                self, "watched", partial(ladders.watched, self._desk.context, jobs), self._found, self._failed
            )
        elif jobs and all(map(edge_jobs.ended, jobs)):
            self._rest()
            self._say(styled("; ".join(dict.fromkeys(map(edge_jobs.outcome_words, jobs))) + ".", "$text-warning"))

    def _found(self, exchanges: Found) -> None:
        if self.is_attached and exchanges:
            self.dismiss(exchanges)

    def _failed(self, problem: Exception) -> None:
        self._rest()
        self._say(styled(problem_words(problem), "$text-error"))

    def _rest(self) -> None:
        self._probing = False
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.refresh_bindings()

    def _watch(self) -> tuple[EdgeJob, ...]:
        self._watched = edge_jobs.watch(self._desk.context, self._user, SECONDS)
        return self._watched

    def _stop_edges(self) -> None:
        def stop() -> None:
            # It comes after the order to watch, whether or not the answer to that has come back to the screen.
            if self._watched:
                ladders.stop(self._desk.context, self._watched)

        self._desk.work.unheard(stop)

    def _say(self, words: Content) -> None:
        if self.is_attached:
            self._said.update(words)
            self.refresh_bindings()
