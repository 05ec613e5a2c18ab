"""Asking why, before a change: the audit keeps the answer (W-027)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from cxtui.services.context import Context
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import plain
from cxtui.ui.widgets.entry import Entry


class ReasonScreen(Dialog[str]):
    """One line; Enter goes on with it, Escape changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self) -> None:
        super().__init__()
        self._entry = Entry(placeholder="ticket or reason", max_length=300)

    def compose(self) -> ComposeResult:
        """The question and the field."""
        with Vertical():
            yield Static(plain("Why is this changed? The audit log keeps it."), classes="dialog-title")
            yield self._entry

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())


def with_reason(app: App[object], context: Context, go: Callable[[Context], None]) -> None:
    """Go on with a context that holds the reason; it is only asked for where the settings say so."""
    if not context.settings.ask_reason:
        go(context)
        return

    def answered(reason: str | None) -> None:
        if reason is not None:
            go(replace(context, reason=reason))

    app.push_screen(ReasonScreen(), answered)
