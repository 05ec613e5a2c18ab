"""Two lists side by side, and what stands in one moves to the other: the codecs and those restricted (W-051).

Imported when a form needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cxtui.models.fields import Choice
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.sized import Sized
from cxtui.ui.widgets.transfer_lists import ALL, RESTRICTED, TransferLists
from cxtui.ui.widgets.transfer_picture import (
    ASCII_SIGNS,
    GUTTER,
    LOOKS,
    UTF8_SIGNS,
    Spans,
    TransferPicture,
    half,
    head,
)

WHEEL_LINES = 3
_TYPED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.+_")


class Transfer(Sized, Widget, can_focus=True):
    """Enter or Space moves the codec under the cursor to the other list; letters search, F2 moves all or none.

    A second F2 takes the first back. Only the half lines that differ are repainted.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transfer--{look}" for look in LOOKS}
    DEFAULT_CSS = """
    Transfer {
        height: auto;
        min-height: 8;
        max-height: 66vh;
        width: 1fr;
        & > .transfer--note { color: $text-muted; }
        & > .transfer--title { color: $text-accent; text-style: bold; }
        & > .transfer--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    class Changed(Message):
        """A codec is in the other list now."""

        def __init__(self, transfer: Transfer) -> None:
            super().__init__()
            self.transfer = transfer

        @property
        def control(self) -> Transfer:
            """The field."""
            return self.transfer

    def __init__(self, options: Sequence[Choice], value: str, *, ascii: bool = False, id: str | None = None) -> None:
        """Show ``options``; those in ``value``, names separated by commas, are restricted."""
        super().__init__(id=id)
        self._lists = TransferLists(options, value)
        self._signs = ASCII_SIGNS if ascii else UTF8_SIGNS
        self._painted: dict[int, tuple[Spans, ...]] = {}

    @property
    def value(self) -> str:
        """The restricted codecs in the order of the list, separated by commas."""
        return self._lists.value

    @property
    def help(self) -> str:
        """What the codec under the cursor is, and what Enter does with it."""
        lists, codec = self._lists, self._lists.current
        every = "takes that back" if lists.can_take_back else "all of them"
        if codec is None:
            return f"F2 {every}." if lists.can_take_back else ""
        what = f"{codec.label}: {codec.help}." if codec.help else f"{codec.label}."
        return f"{what} Enter {'restricts' if lists.side == ALL else 'enables'} it, F2 {every}."

    def choose(self, value: str) -> None:
        """Restrict other codecs from outside."""
        self._lists.choose(value)
        self._settle()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as all codecs need."""
        return head(width) + max(1, len(self._lists.options))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is typed here, so that no footer offers it."""
        return character in _TYPED

    def render_line(self, y: int) -> Strip:
        """The line; blank once it is removed: a window that opens then paints what was under it, without styles."""
        if not self.is_attached:
            return Strip.blank(self.size.width)
        self._painted[y] = parts = self._picture.parts(y)
        styles = {look: self.get_component_rich_style(f"transfer--{look}") for look in LOOKS}
        runs = [Segment(text, styles[look]) for part in parts for text, look in part]
        return Strip(runs).adjust_cell_length(self.size.width, styles["line"])

    def on_key(self, event: events.Key) -> None:
        """Move about, move codecs, search; what is not for the lists goes on to the form."""
        before = self.value, self.help
        if not self._take(event.key, event.character):
            return
        event.stop()
        event.prevent_default()
        self._tell(*before)

    def on_paste(self, event: events.Paste) -> None:
        """Search for what is pasted."""
        event.stop()
        before = self.value, self.help
        self._lists.sought += "".join(character for character in event.text if character in _TYPED)
        self._tell(*before)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a codec; a double click on it, or a click on the arrow beside it, moves it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        lists, room = self._lists, half(self.size.width)
        before = self.value, self.help
        row = offset.y - head(self.size.width)
        if room <= offset.x < room + GUTTER:
            if row == lists.at - lists.top(lists.side):
                lists.move()
        elif lists.point(ALL if offset.x < room else RESTRICTED, row) and event.chain % 2 == 0:
            lists.move()
        self._tell(*before)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the list under the pointer down."""
        self._wheel(event, WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the list under the pointer up."""
        self._wheel(event, -WHEEL_LINES)

    def on_resize(self) -> None:
        """Keep the cursors in view."""
        self._settle()

    def on_focus(self, event: events.Focus) -> None:
        """Show the cursor."""
        self._focus_changed(event, True)

    def on_blur(self, event: events.Blur) -> None:
        """Hide the cursor."""
        self._focus_changed(event, False)

    def _take(self, key: str, character: str | None) -> bool:
        """Do what a key means here; False if it means nothing, or leaves the field."""
        lists = self._lists
        match key:
            case "up":
                return lists.step(-1)
            case "down":
                return lists.step(1)
            case "home" | "end":
                lists.step(len(lists.options) * (1 if key == "end" else -1))
            case "tab" | "shift+tab" if lists.side == (RESTRICTED if key == "tab" else ALL):
                return False
            case "left" | "shift+tab":
                lists.side = ALL
            case "right" | "tab":
                lists.side = RESTRICTED
            case "enter" | "space":
                lists.move()
            case "escape" | "backspace" if lists.sought:
                lists.sought = "" if key == "escape" else lists.sought[:-1]
            case "f2":
                lists.move_all()
            case _ if character in _TYPED and character:
                lists.sought += character
            case _:
                return False
        return True

    def _tell(self, value: str, help: str) -> None:
        """Repaint, and say what is other than it was."""
        self._settle()
        if self.value != value:
            self.post_message(self.Changed(self))
        elif self.help != help:
            self.post_message(Choices.Pointed())

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        before = self.value, self.help
        offset = event.get_content_offset(self)
        if offset is not None and self._lists.scroll(ALL if offset.x <= half(self.size.width) else RESTRICTED, rows):
            event.stop()
            event.prevent_default()
            self._tell(*before)

    def _focus_changed(self, event: events.Focus | events.Blur, focused: bool) -> None:
        # In place of the inherited handlers, which repaint the whole widget where three lines differ.
        event.prevent_default()
        self.has_focus = focused
        if isinstance(self.parent, Widget):
            self.parent.post_message(events.DescendantFocus(self) if focused else events.DescendantBlur(self))
        self._settle()

    def _settle(self) -> None:
        """Bring the screen in line with the lists: repaint each half line that differs from what was painted."""
        width, height = self.size
        self._lists.show(height - head(width))
        picture, regions = self._picture, []
        for y in range(height):
            x = 0
            for old, new in zip(self._painted.get(y, ()), picture.parts(y), strict=False):
                size = sum(cell_len(text) for text, _ in new)
                if old != new:
                    regions.append(Region(x, y, size, 1))
                x += size
        if regions:
            self.refresh(*regions)

    @property
    def _picture(self) -> TransferPicture:
        width, height = self.size
        return TransferPicture(self._lists, self._signs, width, max(1, height - head(width)), self.has_focus)
