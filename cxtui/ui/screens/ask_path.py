"""Asking for the name of a file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import plain
from cxtui.ui.widgets.entry import Entry


class AskPath(Dialog[Path]):
    """One line; Enter gives the path with ~ resolved, Escape None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, words: str, value: str = "") -> None:
        super().__init__()
        self._title, self._words = title, words
        self._entry = Entry(value)

    def compose(self) -> ComposeResult:
        """What it is for, and the line."""
        with Vertical():
            yield Static(plain(self._title), classes="dialog-title")
            yield Static(plain(self._words), classes="dialog-text")
            yield self._entry

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        try:
            path = Path(typed).expanduser()
        except RuntimeError:
            words = f"There is no home folder of that name: {typed}"
            self.app.notify(words, severity="error")
            return
        if typed and "\0" not in typed:
            self.dismiss(path)
