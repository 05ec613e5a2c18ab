"""What is said when the console ends by a mistake of its own."""

from __future__ import annotations

import os
import sys

from rich.text import Text
from textual.app import App, ReturnType


class DiscreetApp(App[ReturnType]):
    """An app whose mistakes are told in a sentence.

    Textual shows the values of all variables of the place that failed, and one of them may be a password.
    """

    def _fatal_error(self) -> None:
        self.bell()
        problem = type(sys.exc_info()[1]).__name__
        words = Text(f"Something went wrong inside cxtui ({problem}); what was confirmed is saved.")
        if os.environ.get("CXTUI_DEBUG") == "1":
            from rich.console import Group
            from rich.traceback import Traceback

            self._exit_renderables.append(Group(Traceback(show_locals=False), words))
        else:
            self._exit_renderables.append(words.append(" CXTUI_DEBUG=1 shows where."))
        self._close_messages_no_wait()
