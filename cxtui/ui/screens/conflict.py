"""Two operators on one row: which value of each field shall stand?"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cxtui.models.fields import Choice, specs
from cxtui.rules.values import show
from cxtui.services.outcome import Conflict
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import mix
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.key_bar import KeyBar

THEIRS, MINE = "theirs", "mine"


class ConflictScreen(Dialog[dict[str, str]]):
    """Every field that both changed, with both values; the result holds the operator's for those that shall stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f10,enter", "save", "Save the choice"),
        Binding("escape", "dismiss(None)", "Back to the form"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]
    DEFAULT_CSS = """
    ConflictScreen VerticalScroll { height: auto; max-height: 14; margin: 0 0 1 0; }
    """

    def __init__(self, conflict: Conflict, glyphs: Glyphs) -> None:
        super().__init__()
        self._conflict = conflict
        self._glyphs = glyphs
        self._choices: dict[str, Choices] = {}

    def compose(self) -> ComposeResult:
        """A line for each field: what it was, theirs, yours."""
        conflict = self._conflict
        known = specs(type(conflict.base))
        with Vertical():
            yield Static(mix("$who changed this row while you were editing", who=conflict.by), classes="dialog-title")
            with VerticalScroll(can_focus=False):
                for name in conflict.fields:
                    spec = known[name]
                    was = show(spec, getattr(conflict.base, name))
                    theirs = show(spec, getattr(conflict.theirs, name))
                    mine = show(spec, conflict.mine[name])
                    yield Static(mix("[b]$field[/b]  was $was", field=spec.label, was=was or "empty"))
                    options = (
                        Choice(THEIRS, f"theirs: {theirs or 'empty'}"),
                        Choice(MINE, f"yours: {mine or 'empty'}"),
                    )
                    self._choices[name] = Choices(options, THEIRS, ascii=self._glyphs.ok == "+")
                    yield self._choices[name]
            yield Static(mix("Other fields that only one of you changed are kept from both."), classes="dialog-text")
        yield KeyBar()

    def on_mount(self) -> None:
        """Ready to choose."""
        next(iter(self._choices.values())).focus()

    def action_save(self) -> None:
        """Close with the fields of which the operator's value shall stand."""
        known = specs(type(self._conflict.base))
        chosen = {
            name: _typed(known[name].kind, self._conflict.mine[name])
            for name in self._conflict.mine
            if name in known and known[name].tab and (name not in self._choices or self._choices[name].value == MINE)
        }
        self.dismiss(chosen)


def _typed(kind: str, value: object) -> str:
    if kind == "boolean":
        return "yes" if value else "no"
    return "" if value is None else str(value)
