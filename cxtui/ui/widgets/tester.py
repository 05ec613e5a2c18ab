"""The rewrite tester: numbers are run through the rules while they, or the rules, are being typed (S-067, S-069)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from cxtui.models.rewrite import PARAMETERS, Parameter
from cxtui.rules.rewrite import Rule, split_numbers
from cxtui.services.trying import Trial
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.ladder import Ladder
from cxtui.ui.widgets.lines import Lines
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.sized import Sized
from cxtui.ui.widgets.tally import Tally
from cxtui.ui.widgets.trial_table import TrialTable

COMMANDS = (
    Command("tester.keep", "f2", "Keep as tests", "Keep the typed numbers as saved tests", "keep", writes=True),
    Command("tester.forget", "f8", "Forget test", "Delete the saved test under the cursor", "forget", writes=True),
    Command("tester.save", "ctrl+s,f10", "Save", "Save the rule that is being typed", "save", writes=True),
    Command("tester.leave", "escape,f9", "Back", "Back to the rules", "leave"),
)
_LEAST_TABLE = 3
_LOW = 14
"""Lines below which the field for numbers is lower."""


class RewriteTester(Sized, Vertical):
    """What is typed first, then the saved tests; below, every step of the number under the cursor.

    Only the numbers on the screen are run, so that a long list costs a key stroke nothing; all tests are run once for
    other rules, after what is on the screen.
    """

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    RewriteTester { height: 1fr; }
    RewriteTester > Choices { margin: 0 1; }
    RewriteTester > Lines { height: auto; min-height: 1; max-height: 3; margin: 0 1; padding: 0; }
    RewriteTester.-low > Lines { max-height: 2; }
    RewriteTester > RowTable { min-height: 3; }
    """

    class Keep(Message):
        """The operator wants to keep numbers as tests."""

        def __init__(self, parameter: Parameter, numbers: Sequence[str]) -> None:
            super().__init__()
            self.parameter, self.numbers = parameter, numbers

    class Forget(Message):
        """The operator wants to delete a saved test."""

        def __init__(self, test_id: int) -> None:
            super().__init__()
            self.test_id = test_id

    class Save(Message):
        """The operator saves the rule that is being typed."""

    class Left(Message):
        """The operator goes back to the rules."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rules: Sequence[Rule] = ()
        self._tests: Sequence[Trial] = ()
        self._typed: list[Trial] = []
        self._drafting = self._following = False
        self._tally = Tally(desk, self._fail)
        self._parameter = Choices(PARAMETERS, Parameter.DESTINATION.value, ascii=desk.glyphs.ok == "+")
        self.lines = Lines()
        self.table = TrialTable(desk, self._ran, self._fail)
        self._ladder = Ladder()

    def compose(self) -> ComposeResult:
        """Which kind of number, the numbers, what becomes of them, and how."""
        yield self._tally
        yield self._parameter
        yield self.lines
        yield self.table
        yield self._ladder

    def on_resize(self) -> None:
        """Leave room for a number and its result, however low the terminal is."""
        self.set_class(self.size.height < _LOW, "-low")
        self._climb()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What writes is not for those who may not; only a saved test can be forgotten."""
        from cxtui.rules.roles import Role
        from cxtui.ui.commands import forbids

        if forbids(self.commands, action, self._desk.context.actor, Role.OPERATOR):
            return False
        if action == "forget":
            return True if self._test_id else None
        if action == "save":
            return self._drafting
        # What comes out of a rule that is still being typed is nothing that has to come out later.
        return action != "keep" or not self._drafting

    def show(self, rules: Sequence[Rule], tests: Sequence[Trial], *, drafting: bool = False) -> None:
        """Run everything through other rules; ``drafting`` says that one of them is still being typed."""
        self._drafting = drafting
        if (tuple(rules), tuple(tests)) != (self._rules, self._tests):
            self._rules, self._tests = tuple(rules), tuple(tests)
            self._tally.expect(self._rules, self._tests)
            self._again()

    def begin(self) -> None:
        """Ready to type a number."""
        self.lines.focus()

    def clear(self) -> None:
        """Forget what was typed, once it is kept."""
        self.lines.text = ""

    def action_keep(self) -> None:
        """Ask to keep what was typed."""
        self.post_message(self.Keep(self._kind, [trial.number for trial in self._typed]))

    def action_forget(self) -> None:
        """Ask to delete the test under the cursor."""
        if self._test_id:
            self.post_message(self.Forget(self._test_id))

    def action_save(self) -> None:
        """Ask to save the rule in the form."""
        self.post_message(self.Save())

    def action_leave(self) -> None:
        """Back to the rules."""
        self.post_message(self.Left())

    @property
    def _kind(self) -> Parameter:
        return Parameter(self._parameter.value)

    @property
    def _test_id(self) -> int:
        """The saved test under the cursor, 0 for none."""
        current = self.table.current
        return current.trial.test_id if current is not None else 0

    def on_text_area_changed(self, event: Message) -> None:
        """A number was typed."""
        event.stop()
        self._read()

    def on_text_area_selection_changed(self, event: Message) -> None:
        """The text cursor is in another number."""
        event.stop()
        self._follow()

    @on(Choices.Changed)
    def _other_kind(self, event: Choices.Changed) -> None:
        event.stop()
        self._read()

    @on(Choices.Pointed)
    def _pointed(self, event: Choices.Pointed) -> None:
        event.stop()

    def _read(self) -> None:
        self._typed = [Trial(self._kind, number) for number in split_numbers(self.lines.text)]
        self._following = True
        self._again()

    def _follow(self) -> None:
        """Show what became of the number in which the text cursor is."""
        before = split_numbers(self.lines.get_text_range((0, 0), self.lines.cursor_location))
        place = min(len(before), len(self._typed)) - 1
        if place >= 0 and place != self.table.cursor:
            self.table.move_to(place)

    def _again(self) -> None:
        if not self.table.try_out(self._rules, [*self._typed, *self._tests]):
            self._ladder.show(None)
            self._tally.count()

    def _ran(self) -> None:
        if self._following:
            self._following = False
            self._follow()
        self._climb()
        self._tally.count()

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        self._climb()
        self.refresh_bindings()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()

    def _climb(self) -> None:
        """Show the steps of the number under the cursor, in the lines that the others leave."""
        others = (self._tally, self._parameter, self.lines)
        taken = sum(other.size.height for other in others if other.display) + _LEAST_TABLE
        self._ladder.show(self.table.current, self.size.height - taken)

    def _fail(self, problem: Exception) -> None:
        self.app.notify("These numbers cannot be run through the rules.", severity="error")
