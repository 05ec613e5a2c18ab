"""Asking when something is to be saved (W-025)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.services.moments import HOW, moment_words, parse_moment
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import plain, styled
from cxtui.ui.widgets.entry import Entry

HONESTLY = "Somebody has to be there then: any open console saves it, or `cxtui later run`."


class AskWhen(Dialog[str]):
    """One line, and the moment that it means; Enter gives what was typed, Escape None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    AskWhen Entry { margin: 1 0 0 0; }
    """

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self._entry = Entry()
        self._meant = Static(classes="dialog-text")

    def compose(self) -> ComposeResult:
        """The question, who will do it, the line."""
        with Vertical():
            yield Static(plain("Save after how long?"), classes="dialog-title")
            yield Static(plain(f"{HOW[0].upper()}{HOW[1:]}."), classes="dialog-text")
            yield Static(plain(f"{HONESTLY} Outside of a form, w lists and cancels what waits."), classes="dialog-text")
            yield self._entry
            yield self._meant

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Changed)
    def _changed(self, event: Entry.Changed) -> None:
        event.stop()
        words, problem = self._read(event.value)
        self._meant.update(plain("" if problem else words))

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        words, problem = self._read(event.value)
        if problem:
            self._meant.update(styled(words, "$text-error"))
        else:
            self.dismiss(event.value)

    def _read(self, typed: str) -> tuple[str, bool]:
        """What is meant, or what is wrong with it."""
        now = self._now()
        try:
            return moment_words(parse_moment(typed, now), now), False
        except ValueError as problem:
            return str(problem), True
