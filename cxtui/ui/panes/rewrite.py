"""The Rewrite tab: the rules of a subject in their order, and the tester beside them (S-060…S-070)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from cxtui.models.findings import Finding
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.rewrite import RewriteRule, RewriteTest
from cxtui.services import rewrite_tests, rewrites
from cxtui.services.context import Context
from cxtui.services.outcome import Change
from cxtui.services.subjects import Subject
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.panes.rewrite_commands import COMMANDS
from cxtui.ui.panes.rewrite_trials import TypedRule, rules_of, trials_of
from cxtui.ui.panes.subject_pane import SubjectPane
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rule_list import RuleList
from cxtui.ui.widgets.tester import RewriteTester

if TYPE_CHECKING:
    from cxtui.ui.forms.panel import FormPanel
    from cxtui.ui.screens.examples import Accepted

_NEED_A_RULE = frozenset({"edit", "delete", "move"})


class RewritePane(SubjectPane):
    """The list of rules, what is doubtful about them, and the tester, which also follows a rule being typed."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    DEFAULT_CSS = """
    RewritePane > #rewrite-body { height: 1fr; }
    RewritePane #rewrite-left { height: 1fr; }
    RewritePane #rewrite-left FormPanel { width: 1fr; height: 1fr; }
    RewritePane.-editing RuleList { display: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = RuleList(desk, may_add=desk.context.actor.may(self.needs))
        self.tester = RewriteTester(desk)
        self._found: rewrites.Rewriting | None = None
        self._remarks: Sequence[Finding] = ()
        self._typed: TypedRule | None = None

    def compose(self) -> ComposeResult:
        """Whose rules; the rules or the form of one; the tester."""
        yield self._head
        with Widget(id="rewrite-body"):
            with Container(id="rewrite-left"):
                yield self.list
            yield self.tester

    @property
    def list_widget(self) -> Widget:
        """The rules."""
        return self.list.table

    def load(self, subject: Subject) -> tuple[rewrites.Rewriting, Sequence[Finding]]:
        """The rules, their tests, and what is doubtful about them."""
        known, remarks = self._found, self._remarks
        found = rewrites.load(self.desk.context, subject, known)
        if found is known:
            return found, remarks
        return found, rewrites.lint(found.rules, [tried.test for tried in found.tests])

    def show(self, found: tuple[rewrites.Rewriting, Sequence[Finding]]) -> None:
        """Show the rules, and run the numbers through them."""
        self._found, self._remarks = found
        rules = self._found.rules
        count = f"{len(rules)} {'rule' if len(rules) == 1 else 'rules'}"
        row = self._found.about.row
        if isinstance(row, IpAuth) and row.direction != Direction.EGRESS:
            count += "; no calls come in from it, so none are run"
        self.title(self._found.about, facts=count)
        self.list.show(rules, self._remarks)
        self._try()

    def show_nothing(self) -> None:
        """No rules, no tests."""
        self._found = None
        self.list.show_nothing()
        self._try()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done with rules is not done from within the tester."""
        if self.tester.has_focus_within and any(command.verb == action for command in self.commands):
            return False
        return super().check_action(action, parameters)

    def has_row(self, action: str) -> bool:
        """Whether there is a subject, and a rule under the cursor where one is needed."""
        return super().has_row(action) and (action not in _NEED_A_RULE or self.list.rule is not None)

    def action_add(self) -> None:
        """Open the form of a new rule."""
        self._edit(None)

    def action_edit(self) -> None:
        """Open the form of the rule under the cursor."""
        if self.list.rule is not None:
            self._edit(self.list.rule)

    def action_test(self) -> None:
        """Type numbers."""
        self.tester.begin()

    def action_delete(self) -> None:
        """Ask, then delete; once more where a test would fail then."""
        from cxtui.services.labels import several
        from cxtui.ui.screens.confirm import Confirm

        rows = self.list.chosen

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(lambda context, confirmed: rewrites.delete(context, rows, confirmed=confirmed))

        if rows:
            self.app.push_screen(Confirm(f"Delete {several(rows)}?", "Delete", names=rows), answered)

    def action_move(self, places: int) -> None:
        """Run the rule under the cursor earlier or later."""
        rule = self.list.rule
        if rule is not None:
            # Even on the first line the cursor goes with the rule, once that has moved.
            self.list.table.seek(rule.id)
            self._change(lambda context, confirmed: rewrites.move(context, rule, places, confirmed=confirmed))

    def action_examples(self) -> None:
        """Make a rule from examples, then open its form."""
        from cxtui.ui.screens.examples import ExamplesScreen

        def closed(accepted: Accepted | None) -> None:
            if accepted is not None:
                self._edit(None, accepted)

        if self._subject is not None:
            self.app.push_screen(ExamplesScreen(self.desk), closed)

    def on_form_panel_judged(self, event: FormPanel.Judged) -> None:
        """Run the numbers through the rules with the one that is being typed among them."""
        event.stop()
        rule = rewrites.read_draft(event.typed, event.panel.draft.row)
        self._typed = TypedRule(rule, event.panel.draft.examples or {}) if rule is not None else None
        self._try()

    def close_form(self) -> None:
        """Back to the rules as they are stored."""
        super().close_form()
        self._typed = None
        self._try()

    def saved(self, change: Change, *, new: bool) -> None:
        """Show what is stored now."""
        super().saved(change, new=new)
        self.refresh_rows()

    @on(RewriteTester.Keep)
    def _keep(self, event: RewriteTester.Keep) -> None:
        event.stop()
        if self._subject is not None:
            subject, numbers = self._subject, dict.fromkeys(event.numbers)
            self.carry_out(lambda context: rewrite_tests.keep_tests(context, subject, event.parameter, numbers))

    @on(RewriteTester.Forget)
    def _forget(self, event: RewriteTester.Forget) -> None:
        event.stop()
        tests = [tried.test for tried in self._found.tests] if self._found else []
        rows = [test for test in tests if test.id == event.test_id]
        if rows:
            self.carry_out(lambda context: rewrite_tests.forget_tests(context, rows))

    @on(RewriteTester.Left)
    def _left(self, event: RewriteTester.Left) -> None:
        event.stop()
        self.focus_list()

    @on(RewriteTester.Save)
    def _save(self, event: RewriteTester.Save) -> None:
        event.stop()
        if self._form is not None:
            self._form.action_save()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_edit()

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()

    def _change(self, verb: Callable[[Context, str], Change]) -> None:
        """Carry out a change of the rules; if it breaks a test, once more when the operator agrees."""
        self.carry_out(lambda context: verb(context, ""), lambda context: verb(context, rewrites.BROKEN))

    def carried_out(self, change: Change) -> None:
        """What was marked is done, and a number that is kept need not stand in the line any more."""
        self.list.table.clear_marks()
        if any(isinstance(row, RewriteTest) for row in change.rows):
            self.tester.clear()
        super().carried_out(change)

    def _edit(self, row: RewriteRule | None, accepted: Accepted | None = None) -> None:
        from cxtui.ui.forms.kinds import REWRITE, Draft
        from cxtui.ui.forms.panel import FormPanel

        draft = Draft(0, row, subject=self._subject)
        if accepted is not None:
            rule = accepted.rule
            typed = {"parameter": rule.parameter, "mode": rule.mode, "current": rule.current, "new": rule.new}
            draft = draft.with_(typed=typed, examples=accepted.examples)
        self.open_form(FormPanel(self.desk, REWRITE, draft, focus="current"))

    def _try(self) -> None:
        """Run the numbers through the rules, with the one that is being typed among them."""
        rules, trials = rules_of(self._found, self._typed), trials_of(self._found, self._typed)
        self.tester.show(rules, trials, drafting=self._form is not None)
