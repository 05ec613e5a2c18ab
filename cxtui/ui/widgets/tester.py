"""The rewrite tester: numbers are run through the rules while they, or the rules, are being typed (S-067, S-069)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from cxtui.models.rewrite import PARAMETERS, Parameter
from cxtui.rules.rewrite import Rule, split_numbers
from cxtui.services.trying import Run, Trial, run
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.text import mix
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.ladder import Ladder
from cxtui.ui.widgets.lines import Lines
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Window
from cxtui.ui.widgets.trial_rows import COLUMNS, row_of

COMMANDS = (
    Command("tester.keep", "f2", "Keep as tests", "Keep the typed numbers as saved tests", "keep", writes=True),
    Command("tester.forget", "f8", "Forget test", "Delete the saved test under the cursor", "forget", writes=True),
    Command("tester.save", "ctrl+s,f10", "Save", "Save the rule that is being typed", "save", writes=True),
    Command("tester.leave", "escape,f9", "Back", "Back to the rules", "leave"),
)
_TITLE = mix("[b]Tester[/b]")
_LEAST_TABLE = 3
_LOW = 14
"""Lines below which the field for numbers is lower."""


class RewriteTester(Vertical):
    """What is typed first, then the saved tests; below, every step of the number under the cursor.

    Only the numbers on the screen are run, so that a long list costs a key stroke nothing; all tests are run once for
    other rules, after what is on the screen.
    """

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    RewriteTester { height: 1fr; }
    RewriteTester > .tester-title { height: 1; padding: 0 1; color: $text-muted; }
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
        self._counted = True
        self._title = Static(_TITLE, classes="tester-title")
        self._parameter = Choices(PARAMETERS, Parameter.DESTINATION.value, ascii=desk.glyphs.ok == "+")
        self.lines = Lines()
        self.table = RowTable(COLUMNS, empty_text="Type or paste numbers above.", glyphs=desk.glyphs)
        self._ladder = Ladder()

    def compose(self) -> ComposeResult:
        """Which kind of number, the numbers, what becomes of them, and how."""
        yield self._title
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
            return True if self._current is not None and self._current.trial.test_id else None
        if action == "save":
            return self._drafting
        # What comes out of a rule that is still being typed is nothing that has to come out later.
        return action != "keep" or not self._drafting

    def show(self, rules: Sequence[Rule], tests: Sequence[Trial], *, drafting: bool = False) -> None:
        """Run everything through other rules; ``drafting`` says that one of them is still being typed."""
        self._drafting = drafting
        if (tuple(rules), tuple(tests)) != (self._rules, self._tests):
            self._rules, self._tests = tuple(rules), tuple(tests)
            self._counted = False
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
        if self._current is not None and self._current.trial.test_id:
            self.post_message(self.Forget(self._current.trial.test_id))

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
    def _current(self) -> Run | None:
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, Run) else None

    @property
    def _trials(self) -> list[Trial]:
        return [*self._typed, *self._tests]

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
        if self.table.size.height > 1:
            self.table.reload()
        else:
            # Nothing will be asked for: no number has room.
            self._ladder.show(None)
            self._count()

    @on(RowTable.WindowWanted)
    def _wanted(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        trials = self._trials
        part = trials[event.offset : event.offset + event.limit]
        arrived = partial(self._deliver, event.offset, len(trials))
        self._desk.work.read(self, "trials", partial(run, self._rules, part), arrived, self._fail)

    def _deliver(self, offset: int, total: int, runs: list[Run]) -> None:
        glyphs = self._desk.glyphs
        rows = [row_of(offset + index, found, glyphs) for index, found in enumerate(runs)]
        self.table.deliver(Window(offset, rows, total))
        if self._following:
            self._following = False
            self._follow()
        self._climb()
        self._count()

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
        others = (self._title, self._parameter, self.lines)
        taken = sum(other.size.height for other in others if other.display) + _LEAST_TABLE
        self._ladder.show(self._current, self.size.height - taken)

    def _count(self) -> None:
        """Run every test, once for these rules."""
        if not self._counted:
            self._counted = True
            self._desk.work.read(self, "tests", partial(run, self._rules, self._tests), self._say, self._fail)

    def _say(self, tests: list[Run]) -> None:
        failed = sum(1 for found in tests if found.failed)
        glyphs = self._desk.glyphs
        if failed:
            facts = f"{failed} of {len(tests)} tests fail {glyphs.blocked}"
        else:
            facts = f"{len(tests)} {'test' if len(tests) == 1 else 'tests'} {glyphs.ok}" if tests else ""
        title = mix("[b]Tester[/b]  $facts", facts=facts) if facts else _TITLE
        if title != self._title.content:
            self._title.update(title, layout=False)

    def _fail(self, problem: Exception) -> None:
        self.app.notify("These numbers cannot be run through the rules.", severity="error")
