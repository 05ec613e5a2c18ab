"""A field that shows all its values on one line and takes one of them, or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from cxtui.models.fields import Choice
from cxtui.ui.text import styled

_GAP = 2


class Choices(Widget, can_focus=True):
    """Left and right choose; with ``several``, they move and Space ticks. A value that is not selectable is dim."""

    DEFAULT_CSS = """
    Choices { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous", show=False),
        Binding("right", "move(1)", "Next", show=False),
        Binding("space", "tick", "Choose", show=False),
    ]

    at: reactive[int] = reactive(0)
    ticked: reactive[frozenset[str]] = reactive(frozenset())

    class Changed(Message):
        """Another value is chosen."""

        def __init__(self, choices: Choices) -> None:
            super().__init__()
            self.choices = choices

        @property
        def control(self) -> Choices:
            """The field."""
            return self.choices

    class Pointed(Message):
        """The cursor is on another value, chosen or not."""

    def __init__(
        self,
        options: Sequence[Choice],
        value: str,
        *,
        several: bool = False,
        ascii: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        self._several = several
        self._ascii = ascii
        wanted = frozenset(value.split(",")) if several else frozenset({value})
        self.set_reactive(Choices.ticked, frozenset(option.value for option in options if option.value in wanted))
        self.set_reactive(Choices.at, next((i for i, option in enumerate(options) if option.value in wanted), 0))

    @property
    def value(self) -> str:
        """The chosen value; with ``several``, all of them separated by commas."""
        return ",".join(option.value for option in self._options if option.value in self.ticked)

    @property
    def help(self) -> str:
        """What the value under the cursor means."""
        return self._options[self.at].help if self._options else ""

    def choose(self, value: str) -> None:
        """Choose a value from outside."""
        self.ticked = frozenset({value})
        self.at = next((i for i, option in enumerate(self._options) if option.value == value), self.at)

    def render(self) -> Content:
        """All values; the chosen ones are ticked."""
        lines = (
            Content(" " * _GAP).join(self._option(index) for index in line) for line in self._lines(self.size.width)
        )
        return Content("\n").join(lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as whole options need."""
        return len(self._lines(width))

    def _option(self, index: int) -> Content:
        option = self._options[index]
        return styled(f"{self._sign(option.value in self.ticked)} {option.label}", self._style(index, option))

    def _lines(self, width: int) -> list[list[int]]:
        """The options of each line: one that does not fit begins the next line whole."""
        lines: list[list[int]] = [[]]
        x = 0
        for index in range(len(self._options)):
            size = self._option(index).cell_length
            if x and x + size > width:
                lines.append([])
                x = 0
            lines[-1].append(index)
            x += size + _GAP
        return lines

    def _sign(self, ticked: bool) -> str:
        if self._several:
            return ("[x]" if ticked else "[ ]") if self._ascii else ("☒" if ticked else "☐")
        return ("(*)" if ticked else "( )") if self._ascii else ("◉" if ticked else "○")

    def _style(self, index: int, option: Choice) -> str:
        if not option.selectable:
            return "$foreground-disabled"
        chosen = "bold" if option.value in self.ticked else ""
        return f"{chosen} reverse".strip() if self.has_focus and index == self.at else chosen

    def action_move(self, step: int) -> None:
        """Go to the next selectable value; without ``several`` it is chosen by that."""
        at = self.at
        for _ in self._options:
            at = (at + step) % len(self._options)
            if self._options[at].selectable:
                break
        self.at = at
        self.post_message(self.Pointed())
        if not self._several:
            self._set(frozenset({self._options[at].value}))

    def action_tick(self) -> None:
        """Choose the value under the cursor, or with ``several`` turn it over."""
        option = self._options[self.at]
        if option.selectable:
            self._set(self.ticked ^ {option.value} if self._several else frozenset({option.value}))

    def on_click(self, event: events.Click) -> None:
        """Choose the value under the pointer."""
        lines = self._lines(self.size.width)
        x = 0
        for index in lines[event.y] if 0 <= event.y < len(lines) else ():
            width = self._option(index).cell_length
            if x <= event.x < x + width and self._options[index].selectable:
                self.at = index
                self.action_tick()
            x += width + _GAP

    def on_focus(self) -> None:
        """Show where the cursor is."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def _set(self, ticked: frozenset[str]) -> None:
        if ticked != self.ticked:
            self.ticked = ticked
            self.post_message(self.Changed(self))
