"""What waits to be saved, and what became of the rest; a waiting one is cancelled here (W-025)."""

from __future__ import annotations

from functools import partial
from time import localtime, strftime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.models.delayed_save import DelayedSave, State
from cxtui.rules.durations import ago
from cxtui.rules.roles import Role
from cxtui.services import delayed_saves
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.screens.ask_when import HONESTLY
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Cell, Column, Row
from cxtui.ui.words import problem_words

COMMANDS = (
    Command(
        "later.cancel",
        "d,delete",
        "Cancel it",
        "Never carry the waiting save out",
        "cancel",
        needs_row=True,
        writes=True,
    ),
    Command("later.close", "escape,f9", "Close", "Back to where you were", "close"),
)
_COLUMNS = (
    Column("state", "State", 12, priority=9),
    Column("due", "Due", 16, priority=8),
    Column("what", "What", 20, priority=10, flex=2),
    Column("who", "Who", 10, priority=7),
    Column("outcome", "Outcome", 16, priority=6, flex=3),
)
_NOTHING = "Nothing waits. In a form F12 saves later: Delay and Save."
_EVERY_SECONDS = 5.0


class LaterScreen(Dialog[None]):
    """Every delayed save, the next one first; under the list, all that is known of the one under the cursor."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    LaterScreen > Vertical { width: 116; max-width: 100%; height: 80%; padding: 0 1; }
    LaterScreen RowList { height: 1fr; }
    LaterScreen #later-said { height: auto; min-height: 3; max-height: 6; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._table = RowList(_COLUMNS, empty_text=_NOTHING, glyphs=desk.glyphs)
        self._said = Static(id="later-said")
        self._busy = self._read = False

    def compose(self) -> ComposeResult:
        """The list, and what is known of one."""
        with Vertical():
            yield Static(plain("Delayed saves"), classes="dialog-title")
            yield self._table
            yield self._said
        yield KeyBar()

    def on_mount(self) -> None:
        """Read them, now and as long as the window is open."""
        self._table.focus()
        self._load()
        self.set_interval(_EVERY_SECONDS, self._load)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the list is there, and not while one is being cancelled."""
        return self.focused is not None and self._read and not self._busy

    @property
    def row(self) -> DelayedSave | None:
        """The one under the cursor."""
        row = self._table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, DelayedSave) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only one that waits is cancelled, by whom it belongs to, or an admin."""
        if action != "cancel":
            return True
        actor, row = self._desk.context.actor, self.row
        if not actor.may(Role.OPERATOR):
            return False
        mine = row is not None and (row.operator == actor.operator or actor.may(Role.ADMIN))
        return True if row is not None and mine and row.state == State.WAITING else None

    def action_cancel(self) -> None:
        """Ask, then cancel the one under the cursor."""
        from cxtui.ui.screens.confirm import Confirm

        row = self.row
        if row is None or self._busy:
            return
        key = row.id

        def cancel(context: Context) -> None:
            self._busy = True
            job = partial(delayed_saves.cancel, context, key)
            self._desk.work.write(self, job, self._cancelled, self._failed)

        def answered(yes: bool | None) -> None:
            if yes:
                with_reason(self.app, self._desk.context, cancel)

        question = f"Cancel the delayed save of {row.title}?"
        self.app.push_screen(Confirm(question, "Cancel it", no="Keep it"), answered)

    def action_close(self) -> None:
        """Close."""
        if not self._busy:
            self.dismiss(None)

    def _load(self) -> None:
        job = partial(delayed_saves.listed, self._desk.context)
        self._desk.work.read(self, "later", job, self._show, self._failed)

    def _show(self, rows: list[DelayedSave]) -> None:
        self._read = True
        now = self._desk.context.now()
        self._table.show([_row(row, now, self._desk.glyphs) for row in rows])
        self._say()

    def _cancelled(self, change: Change) -> None:
        self._busy = False
        self.app.notify(change.sentence)
        self._load()

    def _failed(self, problem: Exception) -> None:
        self._busy = False
        self._said.update(styled(problem_words(problem), "$text-error"))

    @on(RowTable.CursorMoved)
    @on(RowTable.Chosen)
    def _moved(self, event: RowTable.CursorMoved | RowTable.Chosen) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        row = self.row
        lines = [plain(line) for line in _told(row)] if row is not None else []
        self._said.update(Content("\n").join(lines))
        self.refresh_bindings()


def _row(row: DelayedSave, now: float, glyphs: Glyphs) -> Row:
    state = {
        State.DONE: Cell(f"{glyphs.ok} done", "success"),
        State.REFUSED: Cell(f"{glyphs.blocked} refused", "danger"),
        State.CANCELLED: Cell(f"{glyphs.offline} cancelled", "muted"),
    }.get(State(row.state), Cell(f"{glyphs.pending} {_until(row.due_at - now)}", "accent"))
    cells: dict[str, Cell | str] = {
        "state": state,
        "due": _time(row.due_at),
        "what": Cell(row.title, "bold"),
        "who": row.operator,
        "outcome": row.outcome,
    }
    return Row(row.id, cells, row)


def _until(seconds: float) -> str:
    return f"in {ago(seconds)}" if seconds >= 1 else "due"


def _told(row: DelayedSave) -> list[str]:
    why = f": {row.reason}" if row.reason else ""
    lines = [f"{row.operator}, {row.role}, from {row.origin} asked for it {_time(row.created_at)}{why}."]
    if row.state == State.WAITING:
        return [*lines, HONESTLY]
    return [*lines, f"{_time(row.finished_at or 0.0)}: {row.outcome}"]


def _time(moment: float) -> str:
    return strftime("%Y-%m-%d %H:%M", localtime(moment))
