"""The console."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.dom import DOMNode

from cxtui.rules.roles import Role
from cxtui.services.outcome import Change
from cxtui.services.status import StatusReader
from cxtui.services.watching import watch
from cxtui.ui import app_commands, terminal, themes
from cxtui.ui.ascii import ascii_filters
from cxtui.ui.clipboard import CopyReport, copy
from cxtui.ui.commands import Command, bindings, forbids
from cxtui.ui.desk import Desk
from cxtui.ui.frame.pane_host import PaneHost
from cxtui.ui.frame.status_line import StatusLine
from cxtui.ui.last_words import DiscreetApp
from cxtui.ui.main_screen import MainScreen
from cxtui.ui.news import Committed, Unreadable
from cxtui.ui.palette import Commands
from cxtui.ui.panes.pane import Pane
from cxtui.ui.places import Group, commands_of, groups, places_from
from cxtui.ui.scope import ALL
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.type_ahead import PatientApp
from cxtui.ui.ways import FollowingApp, Look, look
from cxtui.ui.widgets.key_bar import KeyBar
from cxtui.ui.words import problem_words, sentence

if TYPE_CHECKING:
    from cxtui.ui.frame.search import Search

_TICK_SECONDS = 15.0
_FIRST_TICK_SECONDS = 3.0
"""What was missed while no console was open is looked for once the first screen is long there."""


class CxtuiApp(FollowingApp[int], PatientApp[int], DiscreetApp[int]):
    """Status line, tabs, one pane, footer."""

    TITLE = "cxtui"
    CSS_PATH = "styles/cxtui.tcss"
    COMMANDS: ClassVar[set[Any]] = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = bindings(*app_commands.COMMANDS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    ENABLE_COMMAND_PALETTE = True
    commands: ClassVar[tuple[Command, ...]] = app_commands.COMMANDS

    def __init__(self, desk: Desk, theme: str = themes.DARK.name) -> None:
        super().__init__(desk)
        self.register_theme(themes.DARK)
        self.register_theme(themes.LIGHT)
        self.theme = theme
        self.animation_level = "none"
        self._filters += ascii_filters(desk.glyphs)
        self._status = StatusReader(desk.context)
        self._line = StatusLine(desk.context.actor, desk.glyphs)
        period = 1 / desk.context.settings.refresh_hz
        self._watch = watch(
            desk.context,
            lambda: self.post_message(Committed()),
            lambda problem: self.post_message(Unreadable(problem)),
            period,
        )

    def get_default_screen(self) -> MainScreen:
        """The one screen under the dialogs."""
        return MainScreen(id="_default")

    def compose(self) -> ComposeResult:
        """The frame."""
        yield self._line
        yield self._tabs
        yield self._host
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to watch the database, then ask how things stand."""
        terminal.guard(self, self.leave)
        self._watch.start()  # before the first rows are read, so that no commit falls in between
        self.read_status()
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Finish the writes that were begun, then let go of the database."""
        self._watch.stop()
        self.desk.work.close()
        self.desk.context.database.close()

    def leave(self) -> None:
        """Let go of the database at once: the terminal is gone. Every confirmed write is on the disk already."""
        self.desk.context.database.close()

    @property
    def settled(self) -> bool:
        """Whether what is shown takes keys by now."""
        screen = self.screen
        if isinstance(screen, MainScreen):
            return self._host.settled
        return screen.settled if isinstance(screen, Dialog) else screen.focused is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What could throw away a half-filled form does nothing while one is open; undo is no viewer's."""
        host: PaneHost | None = getattr(self, "_host", None)
        if host is None:
            return True
        if forbids(self.commands, action, self.desk.context.actor, Role.OPERATOR):
            return False
        if action not in app_commands.NOT_IN_A_FORM:
            return True
        return not ((host.pane is not None and host.pane.busy_form) or (action == "find" and host.searching))

    def commands_here(self) -> list[Group]:
        """The commands that the keys reach from here, nearest place first, each with its key."""
        return groups(self._places(), self.desk.context.settings.keys, self.desk.context.actor)

    def command_place(self, command: Command) -> DOMNode:
        """Where a command is carried out."""
        return next((node for node in self._places() if command in commands_of(node)), self)

    def notify(self, message: str, **options: Any) -> None:
        """Show a toast; what it says is never read as markup."""
        super().notify(sentence(message), **{"markup": False, "timeout": 5, **options})

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by every way there is, and say which were taken."""
        driver = self._driver
        if driver is None:
            return
        job = partial(copy, text, write=driver.write, environ=os.environ, masked=False)
        self.desk.work.read(self._host, "copy", job, self._copied, self._show_problem)

    def action_undo(self) -> None:
        """Take back the operator's last change."""
        from cxtui.ui.taking_back import take_back

        take_back(self._host, self.desk, self._tell, self._show_problem)

    def tick(self) -> None:
        """Do what is due, and read what no commit tells of: the time that has passed."""
        self.look_for_due()
        self.action_refresh()

    def action_refresh(self) -> None:
        """Read everything again."""
        self._host.refresh_rows()
        self.read_status()

    def action_theme(self) -> None:
        """Take the next theme, until the console is left."""
        self.theme = themes.after(self.theme)

    async def action_help(self) -> None:
        """Show the keys of this place."""
        from cxtui.ui.screens.help import HelpScreen

        await self.push_screen(HelpScreen(self.commands_here()))

    @on(Pane.Done)
    def _done(self, event: Pane.Done) -> None:
        self._tell(event.change)

    @on(Pane.Trouble)
    def _trouble(self, event: Pane.Trouble) -> None:
        self._show_problem(event.problem)

    def on_search_failed(self, event: Search.Failed) -> None:
        """The search could not be carried out."""
        self._show_problem(event.problem)

    @on(MainScreen.Unfocused)
    def _unfocused(self) -> None:
        self.call_after_refresh(self._refocus)

    @on(Committed)
    def _on_committed(self) -> None:
        self._host.refresh_rows()
        self.read_status()

    @on(Unreadable)
    def _on_unreadable(self, event: Unreadable) -> None:
        self.notify(event.problem, severity="error", timeout=15)

    def _begin(self) -> None:
        self.set_interval(_TICK_SECONDS, self.tick)
        self.set_timer(_FIRST_TICK_SECONDS, self.look_for_due)
        if self.desk.context.settings.keys:
            from cxtui.ui.keymap import take_over

            take_over(self, self.desk.context.settings.keys)

    def _refocus(self) -> None:
        if isinstance(self.screen, MainScreen) and self.screen.focused is None:
            self._host.focus_something()

    @on(Pane.Held)
    def read_status(self) -> None:
        """Ask anew how things stand."""
        job = partial(look, self._status, self.desk.context, self._scope.company_id, self.goal)
        self.desk.work.read(self._line, "status", job, self._show_status, self._show_problem)

    def _show_status(self, found: Look) -> None:
        status = found.status
        if status.company is None and self._scope != ALL:
            self.set_scope(ALL)
            return
        pane = self._host.pane
        paused = bool(pane is not None and pane.paused)
        self._line.show(self._scope, status, paused, self.way_of(found))
        if pane is not None:
            pane.note_kinds(status.has_ip, status.has_sip)

    def _tell(self, change: Change) -> None:
        self.notify(change.sentence)
        self.follow(change)

    def _copied(self, report: CopyReport) -> None:
        self.notify(report.sentence)

    def _show_problem(self, problem: Exception) -> None:
        self.notify(problem_words(problem), severity="error", timeout=10)

    def _places(self) -> list[DOMNode]:
        screen = next(screen for screen in reversed(self.screen_stack) if not isinstance(screen, CommandPalette))
        over = not isinstance(screen, MainScreen)
        places = places_from(screen.focused or (None if over else self.pane) or screen)
        # What works everywhere does not reach past a window.
        return [place for place in places if not (over and place is self)]
