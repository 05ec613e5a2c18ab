"""A tab on which rows are changed: by verbs, and in a form that can be open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from cxtui.services.context import Context
from cxtui.services.outcome import Change, NeedsConfirmation
from cxtui.services.subjects import Subject
from cxtui.ui.desk import Desk
from cxtui.ui.panes.pane import Pane

if TYPE_CHECKING:
    from cxtui.ui.forms.kinds import Draft
    from cxtui.ui.forms.panel import FormPanel

Verb = Callable[[Context], Change]
"""A service with all it needs but the context."""


class FormHost(Pane):
    """Holds at most one form. Forms are imported when the first one is opened: most visits only look."""

    DEFAULT_CSS = """
    FormHost > Container { height: 1fr; layout: vertical; }
    FormHost FormPanel { width: 1fr; height: 1fr; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._form: FormPanel | None = None

    @property
    def busy_form(self) -> bool:
        """Whether a form is open."""
        return self._form is not None

    @property
    def list_widget(self) -> Widget:
        """What has the focus while no form is open."""
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether what is listed is there."""
        return True

    @property
    def settled(self) -> bool:
        """Whether the form is there and not being saved, or the list takes keys."""
        if self._form is not None:
            return self._form.settled
        return self.has_focus_within and self.ready

    def focus_list(self) -> None:
        """Put the cursor into the list, or into the form while one is open."""
        if self._form is None:
            self.list_widget.focus()
        else:
            self._form.focus_field()

    def has_row(self, action: str) -> bool:
        """Whether there is what an action needs."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide what the role forbids, grey out what needs a row; the keys of the list are not those of the form."""
        if not super().check_action(action, parameters):
            return False
        mine = [command for command in self.commands if command.verb == action]
        if self._form is not None and mine:
            return False
        if any(command.needs_row for command in mine):
            return True if self.has_row(action) else None
        return True

    def carry_out(self, verb: Verb, confirmed: Verb | None = None) -> None:
        """Run a verb, with a reason where the settings ask for one; ``confirmed`` is the verb once it was agreed to."""
        from cxtui.ui.screens.reason import with_reason

        with_reason(self.app, self.desk.context, lambda context: self._write(context, verb, confirmed))

    def _write(self, context: Context, verb: Verb, confirmed: Verb | None = None) -> None:
        def failed(problem: Exception) -> None:
            if isinstance(problem, NeedsConfirmation) and confirmed is not None:
                confirm(self, problem, lambda: self._write(context, confirmed))
            else:
                self.trouble(problem)

        self.desk.work.write(self, partial(verb, context), self.carried_out, failed)

    def carried_out(self, change: Change) -> None:
        """A verb ended well."""
        self.post_message(self.Done(change))

    def on_form_panel_leading(self, event: FormPanel.Leading) -> None:
        """The operator goes on from the form to the rules or the audit of its row."""
        event.stop()
        row, subject = event.panel.draft.row, Subject.of(event.panel.draft.row)
        if event.where == "audit":
            self._leave_for(self.History(row))
        elif subject is not None:
            self._leave_for(self.Opened(subject, event.where))

    def _leave_for(self, message: Message) -> None:
        form = self._form
        if form is None:
            return

        def leave(yes: bool | None) -> None:
            if yes:
                self.close_form()
                self.post_message(message)

        if form.dirty:
            from cxtui.ui.screens.confirm import Confirm

            self.app.push_screen(Confirm("Leave without saving what you typed?", "Leave"), leave)
        else:
            leave(True)

    def edit(self, draft: Draft, kind: str) -> None:
        """Open the form of a row of a kind, unless one is open."""
        if self._form is None:
            from cxtui.ui.forms.kinds import FORM_KINDS
            from cxtui.ui.forms.panel import FormPanel

            self.open_form(FormPanel(self.desk, FORM_KINDS[kind], draft))

    def open_form(self, form: FormPanel) -> None:
        """Show a form beside the list, or in place of it."""
        self._form = form
        self.desk.work.get_ready(self)
        self.add_class("-editing")
        self.query_one(Container).mount(self._form)
        self.refresh_bindings()

    def close_form(self) -> None:
        """Close the form and go back to the list."""
        if self._form is not None:
            self._form.remove()
            self._form = None
        self.remove_class("-editing")
        self.focus_list()
        self.refresh_bindings()

    def look_around(self) -> None:
        """See who else has the row of the form open."""
        if self._form is not None and self._form.is_mounted:
            self._form.look_around()

    def saved(self, change: Change, *, new: bool) -> None:
        """A form was saved."""
        self.post_message(self.Done(change))

    def on_form_panel_failed(self, event: FormPanel.Failed) -> None:
        """The form could not be read or saved."""
        event.stop()
        self.trouble(event.problem)

    def on_form_panel_saved(self, event: FormPanel.Saved) -> None:
        """The row is stored."""
        event.stop()
        if not event.stay:
            self.close_form()
        self.saved(event.change, new=event.new)

    def on_form_panel_closed(self, event: FormPanel.Closed) -> None:
        """The operator leaves the form."""
        event.stop()
        if not event.dirty:
            self.close_form()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.close_form()

        from cxtui.ui.screens.confirm import Confirm

        self.app.push_screen(Confirm("Leave without saving what you typed?", "Leave"), answered)

    def on_form_panel_clashed(self, event: FormPanel.Clashed) -> None:
        """Somebody else saved the row first."""
        event.stop()
        panel, conflict = event.panel, event.conflict

        def resolved(typed: dict[str, str] | None) -> None:
            if typed is not None:
                panel.resolve(conflict.theirs, typed)

        from cxtui.ui.screens.conflict import ConflictScreen

        self.app.push_screen(ConflictScreen(conflict, self.desk.glyphs), resolved)

    def on_form_panel_unconfirmed(self, event: FormPanel.Unconfirmed) -> None:
        """Something has to be confirmed first."""
        event.stop()
        panel, needs = event.panel, event.needs
        confirm(self, needs, lambda: panel.save(panel.draft.with_(confirmed=needs.word)))


def confirm(pane: Pane, needs: NeedsConfirmation, go_on: Callable[[], None]) -> None:
    """Ask for what a verb wants confirmed, then go on."""
    from cxtui.ui.screens.confirm import Confirm, TypedConfirm

    if needs.typed:
        pane.app.push_screen(TypedConfirm(str(needs), needs.word), lambda typed: go_on() if typed else None)
    else:
        pane.app.push_screen(Confirm(str(needs), "All the same"), lambda yes: go_on() if yes else None)
