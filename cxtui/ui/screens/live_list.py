"""A window with a list that is read again as long as it is open, and all that is known of one row of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.services.context import Context
from cxtui.ui.desk import Desk
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.reason import with_reason
from cxtui.ui.text import styled
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.words import problem_words

T = TypeVar("T")


class LiveList(Dialog[None]):
    """It is not closed while something that was asked for in it is being written."""

    DEFAULT_CSS = """
    LiveList > Vertical { width: 116; max-width: 100%; padding: 0 1; }
    LiveList .facts { height: auto; margin: 1 0 0 0; }
    """
    every: ClassVar[float]
    """Seconds between two readings."""

    def __init__(self, desk: Desk, title: Content, table: RowList) -> None:
        super().__init__()
        self.desk = desk
        self.table = table
        self.facts = Static(classes="facts")
        self._heading = title
        self._read = self._busy = False

    def compose(self) -> ComposeResult:
        """What it is about, the list, and what is known of one row."""
        with Vertical():
            yield Static(self._heading, classes="dialog-title")
            yield self.table
            yield self.facts
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the list, now and as long as the window is open."""
        self.table.focus()
        self.load()
        self.set_interval(self.every, self.load)

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the list is there, and not while something is being written."""
        return self.focused is not None and self._read and not self._busy

    @property
    def busy(self) -> bool:
        """Whether something is being written."""
        return self._busy

    def load(self) -> None:
        """Read the list with ``read``."""
        raise NotImplementedError

    def say(self) -> None:
        """Tell in ``facts`` what is known of the row under the cursor."""
        raise NotImplementedError

    def read(self, name: str, job: Callable[[], T], show: Callable[[T], None]) -> None:
        """Run a job that reads, and show what it found."""

        def arrived(found: T) -> None:
            self._read = True
            show(found)
            self.say()

        self.desk.work.read(self, name, job, arrived, self.failed)

    def ask(self, question: Confirm, verb: Callable[[Context], T], done: Callable[[T], None]) -> None:
        """Carry out a verb if the operator says yes, with a reason where the settings ask for one."""

        def ended(result: T) -> None:
            self._busy = False
            done(result)

        def go(context: Context) -> None:
            self._busy = True
            self.desk.work.write(self, partial(verb, context), ended, self.failed)

        def answered(yes: bool | None) -> None:
            if yes:
                with_reason(self.app, self.desk.context, go)

        self.app.push_screen(question, answered)

    def failed(self, problem: Exception) -> None:
        """Say what went wrong."""
        self._busy = False
        self.facts.update(styled(problem_words(problem), "$text-error"))

    def action_close(self) -> None:
        """Close."""
        if not self._busy:
            self.dismiss(None)

    @on(RowTable.CursorMoved)
    @on(RowTable.Chosen)
    def _moved(self, event: RowTable.CursorMoved | RowTable.Chosen) -> None:
        event.stop()
        self.say()
        self.refresh_bindings()
