"""Taking a change back from the console, with the question that a password in use is worth (S-126)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.widget import Widget

from cxtui.services.outcome import Change, NeedsConfirmation
from cxtui.ui.desk import Desk
from cxtui.ui.work import Failed


def take_back(node: Widget, desk: Desk, done: Callable[[Change], None], failed: Failed, change_id: str = "") -> None:
    """Take back a change, the operator's last one unless named; ``done`` or ``failed`` follows.

    What would put a password out of use is asked first, and carried out on the very change that was asked about.
    """
    from cxtui.services.undo import undo

    def asked(problem: Exception) -> None:
        if not isinstance(problem, NeedsConfirmation):
            failed(problem)
            return
        from cxtui.ui.screens.confirm import Confirm

        # The key pressed twice asks once.
        if not isinstance(node.app.screen, Confirm):
            node.app.push_screen(Confirm(str(problem), "Take back"), partial(answered, problem.word))

    def answered(word: str, yes: bool | None) -> None:
        if yes:
            desk.work.write(node, partial(undo, desk.context, change_id, confirmed=word), done, failed)

    desk.work.write(node, partial(undo, desk.context, change_id), done, asked)
