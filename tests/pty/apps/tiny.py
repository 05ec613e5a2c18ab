"""The smallest console under `guard`: what a test does to a terminal, this lives through.

    tiny.py NOTES [broken-driver] [stuck]

NOTES is a file where it writes what happened: "left" when its on_leave ran. Keys: c copies the variable TINY_TEXT, f
floods the terminal, q quits.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from cxtui.ui import clipboard, terminal


class Tiny(App[None]):
    """Shows what it last did."""

    BINDINGS = [("c", "copy", "Copy"), ("f", "flood", "Flood"), ("q", "quit", "Quit")]

    def __init__(self, notes: Path, *, broken_driver: bool, stuck: bool) -> None:
        super().__init__()
        self._notes = notes
        self._broken_driver = broken_driver
        self._stuck = stuck

    def compose(self) -> ComposeResult:
        yield Static("starting")

    def on_mount(self) -> None:
        terminal.guard(self, self._leave)
        if self._broken_driver:
            assert self._driver
            self._driver.stop_application_mode = self._fail  # type: ignore[method-assign]
        self.call_after_refresh(lambda: self._say("ready"))

    def _fail(self) -> None:
        raise RuntimeError("the driver broke")

    def _say(self, text: str) -> None:
        self.query_one(Static).update(text)

    def _note(self, text: str) -> None:
        with self._notes.open("a") as notes:
            notes.write(f"{text}\n")

    def _leave(self) -> None:
        self._note("left")
        while self._stuck:
            os.read(os.pipe()[0], 1)

    def _write(self, data: str) -> None:
        assert self._driver
        self._driver.write(data)

    def action_copy(self) -> None:
        report = clipboard.copy(os.environ["TINY_TEXT"], write=self._write, environ=os.environ)
        self._say(report.sentence)

    def action_flood(self) -> None:
        self._note("flooding")
        for _ in range(1000):
            self._write("flood " * 1000)


def main() -> int:
    """Run it; the exit status is the app's."""
    notes, *words = sys.argv[1:]
    app = Tiny(Path(notes), broken_driver="broken-driver" in words, stuck="stuck" in words)
    with terminal.restored():
        app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
