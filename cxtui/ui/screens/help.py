"""The keys of this place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cxtui.ui.commands import Command
from cxtui.ui.screens.dialog import Dialog

MOVING = (
    ("arrows, j k", "Move"),
    ("page up/down", "By pages; with ctrl+u and ctrl+d by half pages"),
    ("home g, end G", "First and last row"),
    ("tab shift+tab", "Next and previous part of the screen"),
)


class HelpScreen(Dialog[None]):
    """A table of keys, what they do, and the id under which the settings can change them."""

    DEFAULT_CSS = """
    HelpScreen > Vertical { width: 96; max-height: 100%; padding: 0 2; }
    HelpScreen VerticalScroll { height: auto; max-height: 90vh; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,f1,enter,q", "dismiss(None)", "Close")]

    def __init__(self, groups: Sequence[tuple[str, Sequence[tuple[str, Command]]]], note: str = "") -> None:
        super().__init__()
        self._groups = groups
        self._note = note

    def compose(self) -> ComposeResult:
        """The table."""
        with Vertical(), VerticalScroll():
            yield Static(self._table())

    def on_mount(self) -> None:
        """The keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        if self._note:
            table.add_row("", Text(self._note, style="bold"))
        for title, commands in self._groups:
            table.add_row("", Text(title, style="bold"))
            for key, command in commands:
                table.add_row(Text(key, style="bold"), Text(command.help), Text(command.id, style="dim"))
        table.add_row("", Text("Moving", style="bold"))
        for keys, words in MOVING:
            table.add_row(Text(keys, style="bold"), Text(words))
        return table
