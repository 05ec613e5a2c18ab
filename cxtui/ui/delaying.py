"""What waits to be saved is carried out by every open console, and its operator is told how it ended (W-025)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ReturnType

from cxtui.rules.roles import Role
from cxtui.services.context import Context
from cxtui.ui.navigation import NavigatingApp
from cxtui.ui.words import problem_words

if TYPE_CHECKING:
    from cxtui.models.delayed_save import DelayedSave


class DelayingApp(NavigatingApp[ReturnType]):
    """An app that looks now and then whether the time of a delayed save has come."""

    _looking = False
    _lamented = ""

    def action_later(self) -> None:
        """Show what waits."""
        from cxtui.ui.screens.later import LaterScreen

        self.push_screen(LaterScreen(self.desk))

    def look_for_due(self) -> None:
        """Carry out what is due; a console that may not write leaves it to the others."""
        if self._looking or not self.desk.context.actor.may(Role.OPERATOR):
            return
        self._looking = True
        self.desk.work.write(self._host, partial(_look, self.desk.context), self._looked, self._could_not_look)

    def _looked(self, ended: list[DelayedSave]) -> None:
        self._looking = False
        self._lamented = ""
        for row in ended:
            refused = row.state == "refused"
            words = f"Delayed save of {row.title}: {row.outcome}{' Nothing was saved.' if refused else ''}"
            self.notify(words, severity="error" if refused else "information", timeout=30 if refused else 10)

    def _could_not_look(self, problem: Exception) -> None:
        self._looking = False
        words = f"A delayed save could not be carried out yet: {problem_words(problem)}"
        # It is tried again at each look, and said once.
        if words != self._lamented:
            self._lamented = words
            self.notify(words, severity="error", timeout=10)


def _look(context: Context) -> list[DelayedSave]:
    from cxtui.services import delayed_saves

    delayed_saves.carry_out_due(context)
    return delayed_saves.news(context)
