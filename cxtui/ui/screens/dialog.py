"""What the windows over the console have in common."""

from __future__ import annotations

from typing import TypeVar

from rich.console import RenderableType
from textual._context import visible_screen_stack
from textual.screen import ModalScreen

R = TypeVar("R")


class Dialog(ModalScreen[R]):
    """A window in the middle of the screen; each says itself what has the focus first."""

    AUTO_FOCUS = ""

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not before the part that takes them has the focus."""
        return self.focused is not None

    def render(self) -> RenderableType:
        """The screens below, dimmed: Textual's own is blank where one picture takes a screen to be rendered twice."""
        stack = self.app.screen_stack
        visible_screen_stack.set(stack[: stack.index(self)] if self in stack else [])
        return super().render()

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 90%;
        background: $surface; border: round $border; padding: 1 2;
    }
    Dialog .dialog-title { text-style: bold; height: auto; margin: 0 0 1 0; }
    Dialog .dialog-text { height: auto; }
    Dialog .dialog-buttons { height: 1; margin: 1 0 0 0; align-horizontal: right; }
    Dialog Button { margin: 0 0 0 2; }
    """
