"""Asking before something is done that hurts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from cxtui.models.fields import Entity
from cxtui.services.labels import label
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets.entry import Entry

_MOST_NAMED = 8


class Confirm(Dialog[bool]):
    """Yes or no; No has the focus, so that Enter does no harm."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
        Binding("y", "answer(True)", "Yes", show=False),
    ]

    def __init__(self, question: str, yes: str, *, names: Sequence[Entity] = (), no: str = "Cancel") -> None:
        super().__init__()
        self._question, self._yes, self._no, self._names = question, yes, no, names

    def compose(self) -> ComposeResult:
        """The question, the names of the rows, two buttons."""
        with Vertical():
            yield Static(plain(self._question), classes="dialog-title")
            if len(self._names) > 1:
                named = [plain(label(row)) for row in self._names[:_MOST_NAMED]]
                if len(self._names) > _MOST_NAMED:
                    named.append(plain(f"and {len(self._names) - _MOST_NAMED} more"))
                yield Static(Content("\n").join(named), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button(plain(self._no), id="no", compact=True)
                yield Button(plain(self._yes), id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """The harmless button first."""
        self.query_one("#no", Button).focus()

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")


class TypedConfirm(Dialog[str]):
    """A word has to be typed; anything else changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, sentence: str, word: str) -> None:
        super().__init__()
        self._sentence, self._word = sentence, word
        self._entry = Entry()

    def compose(self) -> ComposeResult:
        """The sentence, the word, the field."""
        with Vertical():
            yield Static(plain(self._sentence), classes="dialog-title")
            yield Static(mix("Type [b]$word[/b] to go on, or press Escape.", word=self._word), classes="dialog-text")
            yield self._entry
            yield Static("", classes="dialog-text", id="mismatch")

    def on_mount(self) -> None:
        """Ready to type."""
        self._entry.focus()

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(self._word)
        else:
            self.query_one("#mismatch", Static).update(plain("That is not the word; nothing was changed."))
