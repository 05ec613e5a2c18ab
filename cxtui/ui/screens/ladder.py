"""The ladder of a login: what phone and edge said to each other, and why it went as it did (S-080…S-083)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import localtime, strftime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.rules.challenge import HOW_IT_WORKS
from cxtui.services import ladders
from cxtui.services.ladders import Exchange
from cxtui.ui.app_commands import KEYS
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.screens.ask_path import AskPath
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.widgets.ladder_try import outcome
from cxtui.ui.widgets.ladder_view import LadderView
from cxtui.ui.words import problem_words

COMMANDS = (
    Command("ladder.options", "h", "OPTIONS", "Show or hide OPTIONS and keep-alives", "options"),
    Command("ladder.copy", "y", "Copy", "Copy the ladder as text", "copy"),
    Command("ladder.write", "s", "Save as", "Write the ladder to a file as text", "write"),
    Command("ladder.how", "d", "How it works", "How digest authentication works", "how"),
    Command("ladder.other", "e", "Other edge", "Show what was said at the next edge", "other"),
    Command("ladder.close", "escape", "Close", "Back to where you came from", "close"),
)


class LadderScreen(Dialog[None]):
    """What was said at one edge, or at several in turn."""

    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS, KEYS)
    DEFAULT_CSS = """
    LadderScreen > Vertical { width: 110; height: 100%; max-height: 100%; padding: 0 1; }
    LadderScreen #outcome { height: auto; }
    LadderScreen #basis { height: auto; margin: 0 0 1 0; color: $foreground-muted; }
    LadderScreen #how { height: auto; display: none; margin: 0 0 1 0; }
    LadderScreen.-how #how { display: block; }
    LadderScreen.-how #basis { display: none; }
    """

    def __init__(self, desk: Desk, exchanges: Sequence[Exchange], company: str) -> None:
        super().__init__()
        self._desk = desk
        self._exchanges = tuple(exchanges)
        self._company = company
        # Where something is wrong goes first.
        self._place = next((place for place, one in enumerate(self._exchanges) if not one.right), 0)
        self._options = False
        self._hides = False
        self._title = Static(classes="dialog-title")
        self._outcome = Static(id="outcome")
        self._basis = Static(id="basis")
        self._view = LadderView(ascii=desk.glyphs.ok == "+")

    def compose(self) -> ComposeResult:
        """Whose, how it ended, what was said."""
        with Vertical():
            yield self._title
            yield self._outcome
            yield self._basis
            yield Static(Content("\n").join(map(plain, HOW_IT_WORKS)), id="how")
            yield self._view
        yield KeyBar()

    def on_mount(self) -> None:
        """The keys scroll it."""
        self._view.focus()
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is not always another edge, nor anything that is hidden."""
        if action == "other":
            return len(self._exchanges) > 1
        if action == "options":
            return True if self._options or self._hides else None
        return True

    def action_options(self) -> None:
        """Show OPTIONS and keep-alives, or hide them again."""
        self._options = not self._options
        self._show()

    def action_copy(self) -> None:
        """Copy the text by every way there is."""
        self.app.copy_to_clipboard(self._text)

    def action_write(self) -> None:
        """Ask for a file, then write the text into it."""
        suggested = strftime(f"~/ladder-{_in_a_name(self._exchange.username)}-%Y%m%d-%H%M%S.txt", localtime())

        def named(path: Path | None) -> None:
            if path is not None:
                job = partial(ladders.write, path, self._text)
                self._desk.work.read(self, "write", job, self._written, self._failed)

        words = "As it is drawn, in 80 columns. There is no password in it, nor what one could be guessed from."
        self.app.push_screen(AskPath("Write the ladder to a file", words, suggested, new=True), named)

    def action_how(self) -> None:
        """Explain digest authentication, or stop explaining (C-05)."""
        self.toggle_class("-how")

    def action_other(self) -> None:
        """Show the next edge."""
        self._place = (self._place + 1) % len(self._exchanges)
        self._view.scroll_home(animate=False)
        self._show()

    def action_close(self) -> None:
        """Close the explanation, or else the window."""
        if self.has_class("-how"):
            self.remove_class("-how")
        else:
            self.dismiss(None)

    @property
    def _exchange(self) -> Exchange:
        return self._exchanges[self._place]

    @property
    def _text(self) -> str:
        return self._exchange.text(ascii=self._desk.glyphs.ok == "+", options=self._options)

    def _show(self) -> None:
        exchange = self._exchange
        where = exchange.edge
        if len(self._exchanges) > 1:
            where += f", {self._place + 1} of {len(self._exchanges)}"
        title = mix("Ladder of $who · $company · $where", who=exchange.username, company=self._company, where=where)
        self._title.update(title)
        self._outcome.update(outcome(exchange, self._desk.glyphs))
        self._basis.update(plain(exchange.basis))
        ladder = exchange.ladder(options=self._options)
        self._hides = ladder.hidden > 0
        self._view.show(ladder if exchange.trace.messages else None)
        self.refresh_bindings()

    def _written(self, path: Path) -> None:
        words = f"The ladder is in {path}."
        self.app.notify(words, timeout=10)

    def _failed(self, problem: Exception) -> None:
        self.app.notify(problem_words(problem), severity="error", timeout=10)


def _in_a_name(username: str) -> str:
    """What of a username can stand in the name of any file, and means nothing to ``strftime``."""
    return "".join(char if char.isalnum() else "-" for char in username)[:40]
