"""A window in which a verb is prepared and carried out."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Static

from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused
from cxtui.ui.desk import Desk
from cxtui.ui.panes.form_host import Verb
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import plain, styled
from cxtui.ui.words import problem_words


class VerbDialog(Dialog[Change]):
    """Stays open with all that was typed until its verb went well; then it gives the change, otherwise None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    DEFAULT_CSS = """
    VerbDialog Entry { margin: 1 0 0 0; }
    VerbDialog #said { height: auto; margin: 1 0 0 0; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._busy = False
        self.said = Static(id="said")

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not while the verb is being carried out."""
        return self.focused is not None and not self._busy

    def carry_out(self, verb: Verb) -> None:
        """Run the verb, with a reason where the settings ask for one."""

        def go(context: Context) -> None:
            self._busy = True
            self._desk.work.write(self, partial(verb, context), self._done, self._refused)

        if not self._busy:
            with_reason(self.app, self._desk.context, go)

    def say(self, words: str, *, wrong: bool = False) -> None:
        """Say something under the fields."""
        self.said.update(styled(words, "$text-error") if wrong else plain(words))

    def action_cancel(self) -> None:
        """Close, unless the verb is just being carried out."""
        if not self._busy:
            self.dismiss(None)

    def _done(self, change: Change) -> None:
        self.dismiss(change)

    def _refused(self, problem: Exception) -> None:
        self._busy = False
        found = problem.findings if isinstance(problem, Refused) else ()
        self.say("; ".join(finding.text for finding in found) or problem_words(problem), wrong=True)
