"""What waits to be saved, and what became of the rest; a waiting one is cancelled here (W-025)."""

from __future__ import annotations

from functools import partial
from time import localtime, strftime
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from cxtui.models.delayed_save import DelayedSave, State
from cxtui.rules.durations import ago
from cxtui.rules.roles import Role
from cxtui.services import delayed_saves
from cxtui.services.outcome import Change
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.screens.ask_when import HONESTLY
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.live_list import LiveList
from cxtui.ui.text import plain
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.rows import Cell, Column, Row

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


class LaterScreen(LiveList):
    """Every delayed save, the next one first; under the list, all that is known of the one under the cursor."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    LaterScreen > Vertical { height: 80%; }
    LaterScreen RowList { height: 1fr; }
    LaterScreen .facts { min-height: 3; max-height: 6; }
    """
    every = 5.0

    def __init__(self, desk: Desk) -> None:
        table = RowList(_COLUMNS, empty_text=_NOTHING, glyphs=desk.glyphs)
        super().__init__(desk, plain("Delayed saves"), table)

    @property
    def row(self) -> DelayedSave | None:
        """The one under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, DelayedSave) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only one that waits is cancelled, by whom it belongs to, or an admin."""
        if action != "cancel":
            return True
        actor, row = self.desk.context.actor, self.row
        if not actor.may(Role.OPERATOR):
            return False
        mine = row is not None and (row.operator == actor.operator or actor.may(Role.ADMIN))
        return True if row is not None and mine and row.state == State.WAITING else None

    def action_cancel(self) -> None:
        """Ask, then cancel the one under the cursor."""
        row = self.row
        if row is None or self.busy:
            return
        question = Confirm(f"Cancel the delayed save of {row.title}?", "Cancel it", no="Keep it")
        self.ask(question, lambda context: delayed_saves.cancel(context, row.id), self._cancelled)

    def load(self) -> None:
        """Read all of them."""
        self.read("later", partial(delayed_saves.listed, self.desk.context), self._show)

    def say(self) -> None:
        """Tell who asked for it, and what became of it."""
        row = self.row
        lines = [plain(line) for line in _told(row)] if row is not None else []
        self.facts.update(Content("\n").join(lines))
        self.refresh_bindings()

    def _show(self, rows: list[DelayedSave]) -> None:
        now = self.desk.context.now()
        self.table.show([_row(row, now, self.desk.glyphs) for row in rows])

    def _cancelled(self, change: Change) -> None:
        self.app.notify(change.sentence)
        self.load()


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
