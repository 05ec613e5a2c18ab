"""The numbers of the tester and what becomes of each: a list of any length, of which only what is shown is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on

from cxtui.rules.rewrite import Rule
from cxtui.services.trying import Run, Trial, run
from cxtui.ui.desk import Desk
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Window
from cxtui.ui.widgets.trial_rows import COLUMNS, row_of
from cxtui.ui.work import Failed


class TrialTable(RowTable):
    """Runs the numbers on the screen; ``ran`` is called when they stand there, ``failed`` if they cannot be run."""

    def __init__(self, desk: Desk, ran: Callable[[], object], failed: Failed) -> None:
        super().__init__(COLUMNS, empty_text="Type or paste numbers above.", glyphs=desk.glyphs)
        self._desk = desk
        self._ran = ran
        self._failed = failed
        self._rules: Sequence[Rule] = ()
        self._trials: Sequence[Trial] = ()

    @property
    def current(self) -> Run | None:
        """What became of the number under the cursor."""
        row = self.row_at_cursor
        return row.data if row is not None and isinstance(row.data, Run) else None

    def try_out(self, rules: Sequence[Rule], trials: Sequence[Trial]) -> bool:
        """Run other numbers, or by other rules; False where not one of them has room, and nothing is run."""
        self._rules, self._trials = rules, trials
        if self.size.height <= 1:
            return False
        self.reload()
        return True

    @on(RowTable.WindowWanted)
    def _wanted(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        part = self._trials[event.offset : event.offset + event.limit]
        arrived = partial(self._show, event.offset, len(self._trials))
        self._desk.work.read(self, "trials", partial(run, self._rules, part), arrived, self._failed)

    def _show(self, offset: int, total: int, runs: list[Run]) -> None:
        rows = [row_of(offset + index, found, self._desk.glyphs) for index, found in enumerate(runs)]
        self.deliver(Window(offset, rows, total))
        self._ran()
