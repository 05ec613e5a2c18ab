"""A bulk change before it is made: what every row would become, then all of it or nothing (W-090…W-092)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import localtime, monotonic, strftime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.plan import Applied, Plan, Progress
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.plan_table import PlanTable
from cxtui.ui.widgets.plan_words import counted, prospect, written
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.words import problem_words

Planner = Callable[[Progress], Plan]
"""Makes the plan in a worker thread, telling how far it is."""

COMMANDS = (
    Command("plan.apply", "enter,ctrl+s", "Apply", "Write all of it; once it is written, close", "apply", writes=True),
    Command("plan.passwords", "p", "Passwords", "Give the new users passwords, or none yet", "passwords", writes=True),
    Command("plan.show", "f", "Show", "Show all rows, those that change, or those that are wrong", "show"),
    Command("plan.close", "escape,f9", "Close", "Close; what was not written is forgotten", "close"),
)
_SLOW_SECONDS = 1.0
_TOLD_EVERY = 0.2
_BAR = 30


class _GivenUp(Exception):
    """The operator closed the window while the plan was being made."""


class PlanScreen(Dialog[Change]):
    """Counts, rows, what is wrong with them; nothing is written before Enter. Closing gives the change, or None."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    PlanScreen > Vertical { width: 112; max-width: 100%; height: 90%; padding: 0 1; }
    PlanScreen RowTable { height: 1fr; }
    PlanScreen #plan-said { height: auto; max-height: 7; margin: 1 0 0 0; }
    """

    class Told(Message):
        """So much of the work is done."""

        def __init__(self, done: int, total: int) -> None:
            super().__init__()
            self.done, self.total = done, total

    def __init__(self, desk: Desk, title: str, planner: Planner) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._planner = planner
        self._plan: Plan | None = None
        self._applied: Applied | None = None
        self._handover: Path | None = None
        self._note = ""
        self._began = self._told = 0.0
        self._busy = self._given_up = False
        self._table = PlanTable(desk.glyphs)
        self._said = Static(id="plan-said")

    def compose(self) -> ComposeResult:
        """What is planned, row by row, and what follows."""
        with Vertical():
            yield Static(plain(self._title), classes="dialog-title")
            yield self._table
            yield self._said
        yield KeyBar()

    def on_mount(self) -> None:
        """Make the plan."""
        self._table.focus()
        self._start()
        self._desk.work.read(self, "plan", partial(self._planner, self._progress), self._planned, self._fail)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not while something is being worked out or written."""
        return self.focused is not None and not self._busy

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a plan that nothing stands against can be applied; only new users get passwords."""
        ready = self._plan is not None and not self._busy
        if action == "passwords":
            return ready and self._applied is None and bool(self._plan and self._plan.new_users)
        if action == "apply":
            return True if ready and (self._applied is not None or (self._plan and self._plan.ok)) else None
        return True

    def action_apply(self) -> None:
        """Write everything, or close once it is written."""
        if self._applied is not None:
            self.dismiss(self._applied.change)
        elif self._plan is not None and self._plan.ok and not self._busy:
            with_reason(self.app, self._desk.context, self._write)

    def action_passwords(self) -> None:
        """Hand passwords over in a file, or give none yet."""
        self._handover = None if self._handover else _new_file(self._desk.context.now())
        self._say()

    def action_show(self) -> None:
        """Show other rows."""
        self._table.show_others()
        self._say()

    def action_close(self) -> None:
        """Close; a plan that is being made is given up, a change that is being written is waited for."""
        if self._plan is not None and self._busy:
            return
        self._given_up = True
        self.dismiss(self._applied.change if self._applied else None)

    def _write(self, context: Context) -> None:
        plan = self._plan
        if plan is None:
            return
        self._start()
        self._note = ""
        job = partial(apply, context, plan, handover=self._handover, progress=self._progress)
        self._desk.work.write(self, job, self._done, self._fail)

    def _start(self) -> None:
        self._busy, self._began = True, monotonic()
        self._say()
        self.refresh_bindings()

    def _progress(self, done: int, total: int) -> None:
        if self._given_up:
            raise _GivenUp
        now = monotonic()
        if now - self._began > _SLOW_SECONDS and now - self._told > _TOLD_EVERY:
            self._told = now
            self.post_message(self.Told(done, total))

    @on(Told)
    def _tell(self, event: Told) -> None:
        event.stop()
        if self._busy:
            full = _BAR * event.done // max(event.total, 1)
            bar = "#" * full + "." * (_BAR - full)
            self._said.update(plain(f"{bar} {event.done:,} of {event.total:,}"))

    def _planned(self, plan: Plan) -> None:
        self._busy = False
        self._plan = plan
        self._handover = _new_file(self._desk.context.now()) if plan.new_users else None
        self._table.show(plan)
        self._say()
        self.refresh_bindings()

    def _done(self, applied: Applied) -> None:
        self._busy = False
        self._applied = applied
        self._say()
        self.refresh_bindings()

    def _fail(self, problem: Exception) -> None:
        self._busy = False
        if isinstance(problem, _GivenUp) or not self.is_attached:
            return
        self._note = problem_words(problem)
        self._say()
        self.refresh_bindings()

    @on(RowTable.CursorMoved)
    @on(RowTable.Chosen)
    def _heard(self, event: Message) -> None:
        event.stop()
        if isinstance(event, RowTable.Chosen):
            self.action_apply()

    def _say(self) -> None:
        if self.is_attached:
            self._said.update(Content("\n").join(self._lines()))

    def _lines(self) -> list[Content]:
        if self._applied is not None:
            return written(self._applied, self._desk.glyphs.ok)
        if self._plan is None:
            return [plain(self._note or "Working out what would change …")]
        lines = counted(self._plan, self._table.shown)
        if self._note:
            lines.append(styled(self._note, "$text-error"))
        return [*lines, plain("Writing …")] if self._busy else [*lines, *prospect(self._plan, self._handover)]


def _new_file(now: float) -> Path:
    return Path.home() / strftime("cxtui-passwords-%Y%m%d-%H%M%S.csv", localtime(now))
