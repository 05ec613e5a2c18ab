"""The rows of a bulk plan: all of them, those that change, or those that are wrong."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on

from cxtui.services.bulk.plan import Action, Plan, PlannedRow
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.plan_rows import COLUMNS, row_of
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Window

_CHOICES: tuple[tuple[str, frozenset[Action]], ...] = (
    ("all rows", frozenset(Action)),
    ("what changes", frozenset({Action.CREATE, Action.CHANGE})),
    ("what is wrong", frozenset({Action.WRONG})),
)
_WRONG = 2


class PlanTable(RowTable):
    """Empty until there is a plan; what is wrong is shown first."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(COLUMNS, glyphs=glyphs)
        self._plan: Plan | None = None
        self._rows: Sequence[PlannedRow] = ()
        self._choice = 0

    @property
    def shown(self) -> str:
        """Which rows are shown, in words."""
        return _CHOICES[self._choice][0]

    def show(self, plan: Plan) -> None:
        """Show a plan."""
        self._plan = plan
        self._choose(_WRONG if plan.wrong else 0)

    def show_others(self) -> None:
        """Show other rows of the plan."""
        self._choose((self._choice + 1) % len(_CHOICES))

    def _choose(self, choice: int) -> None:
        self._choice = choice
        if self._plan is not None:
            self._rows = [row for row in self._plan.rows if row.action in _CHOICES[choice][1]]
            self.empty_text = "None of the rows." if self._plan.rows else ""
        self.reset()
        self.reload()

    @on(RowTable.WindowWanted)
    def _wanted(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        part = self._rows[event.offset : event.offset + event.limit]
        plan = self._plan
        rows = [row_of(plan, event.offset + index, row) for index, row in enumerate(part)] if plan else []
        self.deliver(Window(event.offset, rows, len(self._rows)))
