"""A rewrite rule from examples: what came in, and what it should be (C-15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cxtui.models.findings import Finding
from cxtui.models.rewrite import PARAMETERS, Parameter
from cxtui.rules.rewrite import Rule
from cxtui.services.trying import Derived, derive
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.lines import Lines
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Cell, Column, Row

COMMANDS = (
    Command("examples.take", "ctrl+s,f10", "Take the rule", "Open the chosen rule in the form", "take"),
    Command("examples.cancel", "escape,f9", "Close", "Back without a rule", "cancel"),
)
_COLUMNS = (
    Column("mode", "Mode", 6, priority=6),
    Column("current", "Current", 16, priority=9, flex=1),
    Column("new", "New", 10, priority=8),
    Column("why", "Why", 24, priority=5, flex=2),
)
_MOST_FINDINGS = 3
_LOW = 30
"""Lines of the terminal below which everything is lower."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The rule that was taken, and the examples it does."""

    rule: Rule
    examples: Mapping[str, str]


class ExamplesScreen(Dialog[Accepted]):
    """Pairs are typed or pasted, one a line; below stand the rules that do all of them, or why none does."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    ExamplesScreen > Vertical { width: 96; max-width: 100%; }
    ExamplesScreen Lines { height: 6; margin: 1 0; }
    ExamplesScreen RowList { height: 6; }
    ExamplesScreen #said { height: auto; max-height: 4; margin: 1 0 0 0; }
    ExamplesScreen.-low Lines { height: 4; }
    ExamplesScreen.-low RowList { height: 4; }
    ExamplesScreen.-low #said { max-height: 3; margin: 0; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._parameter = Choices(PARAMETERS, Parameter.DESTINATION.value, ascii=desk.glyphs.ok == "+")
        self._lines = Lines()
        self._table = RowList(_COLUMNS, glyphs=desk.glyphs)
        self._said = Static(id="said")
        self._derived: Derived | None = None
        self._asked = ("", "")
        self._take_when_there = False

    def compose(self) -> ComposeResult:
        """What to type, the pairs, the rules that do it."""
        with Vertical():
            yield Static(plain("A rule from examples"), classes="dialog-title")
            yield Static(plain("One pair a line, came in → should be: 01782550100 → 441782550100"))
            yield self._parameter
            yield self._lines
            yield self._table
            yield self._said
        yield KeyBar()

    def on_mount(self) -> None:
        """Ready to paste."""
        self._lines.focus()

    def on_resize(self) -> None:
        """Leave room for what is said, however low the terminal is."""
        self.set_class(self.size.height < _LOW, "-low")

    def action_take(self) -> None:
        """Take the rule under the cursor; what was just pasted or chosen is looked at first."""
        if self._derived is None or self._asked != (self._lines.text, self._parameter.value):
            self._take_when_there = True
            self._derive()
            return
        row = self._table.row_at_cursor
        if row is not None and isinstance(row.data, Rule):
            self.dismiss(Accepted(row.data, dict(self._derived.pairs)))

    def action_cancel(self) -> None:
        """Close without a rule."""
        self.dismiss(None)

    def on_text_area_changed(self, event: Message) -> None:
        """A pair was typed."""
        event.stop()
        self._derive()

    @on(Choices.Changed)
    def _other_kind(self, event: Choices.Changed) -> None:
        event.stop()
        self._derive()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_take()

    def _derive(self) -> None:
        asked = self._lines.text, self._parameter.value
        job = partial(derive, asked[0], Parameter(asked[1]))
        self._desk.work.read(self, "derive", job, partial(self._show, asked), self._fail)

    def _show(self, asked: tuple[str, str], derived: Derived) -> None:
        self._asked, self._derived = asked, derived
        rules = derived.suggestions
        self._table.show([_row(index, found.rule, found.why) for index, found in enumerate(rules)])
        lines = [_remark(finding) for finding in derived.findings[:_MOST_FINDINGS]]
        if derived.reason:
            lines.append(styled(derived.reason, "$text-warning"))
        self._said.update(Content("\n").join(lines))
        if self._take_when_there:
            self._take_when_there = False
            self.call_after_refresh(self.action_take)

    def _fail(self, problem: Exception) -> None:
        self._take_when_there = False
        self._said.update(styled("These examples cannot be worked with.", "$text-error"))


def _row(index: int, rule: Rule, why: str) -> Row:
    cells: dict[str, Cell | str] = {
        "mode": rule.mode,
        "current": Cell(rule.current, "bold"),
        "new": rule.new or "(removed)",
        "why": why,
    }
    return Row(index, cells, rule)


def _remark(finding: Finding) -> Content:
    return styled(finding.text, "$text-error" if finding.severity == "error" else "$text-warning")
