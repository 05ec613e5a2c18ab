"""Asking for the name of a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.entry import Entry


class AskPath(Dialog[Path]):
    """One line; Enter gives the path with ~ resolved, Escape None.

    What can be seen to be wrong with it stands under the line, and what was typed stays: of a ``new`` file that it is
    there already or has no folder, of any other that it is not there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    AskPath #wrong { height: auto; margin: 1 0 0 0; display: none; }
    """

    def __init__(self, title: str, words: str, value: str = "", *, new: bool = False) -> None:
        super().__init__()
        self._title, self._words = title, words
        self._new = new
        self._entry = Entry(value)
        self._wrong = Static(id="wrong")

    def compose(self) -> ComposeResult:
        """What it is for, the line, and what is wrong with it."""
        with Vertical():
            yield Static(plain(self._title), classes="dialog-title")
            yield Static(plain(self._words), classes="dialog-text")
            yield self._entry
            yield self._wrong

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Changed)
    def _changed(self, event: Entry.Changed) -> None:
        event.stop()
        self._say("")

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        try:
            path = Path(typed).expanduser()
        except RuntimeError:
            self._say(f"There is no home folder of that name: {typed}")
            return
        wrong = _wrong(path, new=self._new) if typed else "Name a file."
        self._say(wrong)
        if not wrong:
            self.dismiss(path)

    def _say(self, wrong: str) -> None:
        self._wrong.update(styled(wrong, "$text-error"))
        self._wrong.display = bool(wrong)


def _wrong(path: Path, *, new: bool) -> str:
    """Why a file cannot be made, or read, under this name, as far as that is seen beforehand; else empty."""
    try:
        if not new:
            return "" if path.exists() else f"There is no file {path}."
        if path.exists() or path.is_symlink():
            return f"{path} is there already: name a new file."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
    except OSError as problem:
        return f"{path}: {problem.strerror}."
    except ValueError:
        return "That cannot be the name of a file."
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else f"You may not write in the folder {path.parent}."
