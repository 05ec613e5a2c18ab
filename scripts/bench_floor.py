"""The least that a Textual program costs: a line of text, a footer, and a key that changes the line."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Static


class Floor(App[None]):
    """Counts how often `x` was pressed."""

    BINDINGS = [("q", "quit", "Quit"), ("x", "count", "Count")]

    def compose(self) -> ComposeResult:
        """The line and the footer."""
        self.pressed = 0
        self.line = Static("pressed 0")
        yield self.line
        yield Footer()

    def action_count(self) -> None:
        """Count."""
        self.pressed += 1
        self.line.update(f"pressed {self.pressed}")


if __name__ == "__main__":
    Floor().run()
