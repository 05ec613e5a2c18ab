"""The console in a test: opened on a real database, read as an operator reads it, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from time import monotonic
from typing import Any

from textual import events
from textual.css.query import QueryError
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot
from textual.widget import Widget

from cxtui.services.context import Context
from cxtui.ui.app import CxtuiApp
from cxtui.ui.desk import Desk
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.glyphs import UTF8, Glyphs
from cxtui.ui.panes.editing import EditingPane
from cxtui.ui.themes import DARK
from cxtui.ui.work import Work

NARROW, WIDE, HUGE = (80, 24), (120, 40), (200, 50)
PATIENCE = 10.0
"""Seconds after which a condition is given up."""


class WatchedWork(Work):
    """Writes down what went wrong on the way back to the screen, which the console would survive in silence."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception] = []

    async def _carry(self, *job: Any) -> None:
        try:
            await super()._carry(*job)
        except Exception as fault:
            self.faults.append(fault)
            raise


class Console:
    """An open console and the hands at its keys."""

    pilot: Pilot[int]

    def __init__(self, app: CxtuiApp) -> None:
        self.app = app
        self.toasts: list[str] = []

    @property
    def pane(self) -> EditingPane:
        """The tab that is shown."""
        assert isinstance(self.app.pane, EditingPane)
        return self.app.pane

    @property
    def form(self) -> FormPanel:
        """The form that is open."""
        return self.app.query_one(FormPanel)

    @property
    def picture(self) -> str:
        """All that stands on the screen, dialogs over it included."""
        screen = self.app.screen
        lines = screen._compositor.render_strips(screen.size)
        return "\n".join(line.text.rstrip() for line in lines)

    def listen(self, message: Message) -> None:
        """Remember what the toasts say: they leave the screen after some seconds."""
        if isinstance(message, Notify):
            self.toasts.append(message.notification.message)

    async def press(self, *keys: str) -> None:
        """Press keys, and let what they set off settle."""
        await self.pilot.press(*keys)
        await self.taken()

    async def type(self, text: str) -> None:
        """Type a text, all of it at once as a paste arrives, into what has the focus."""
        assert self.app.focused is not None
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()
        await self.taken()

    async def taken(self) -> None:
        """Wait until every key has reached what it was meant for: the console holds it back until that is there."""
        if self.app._feeder is not None:
            await self.until(lambda: self.app._feeder is None)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition; a widget that is not there yet counts as not fulfilled."""
        deadline = monotonic() + PATIENCE
        while not _holds(condition):
            if monotonic() > deadline:
                raise AssertionError(f"waited in vain; on the screen is\n{self.picture}\ntoasts: {self.toasts}")
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all of ``words`` stand on the screen."""
        await self.until(lambda: all(self._shown(words)))

    async def misses(self, *words: str) -> None:
        """Wait until none of ``words`` stands on the screen."""
        await self.until(lambda: not any(self._shown(words)))

    async def hears(self, *words: str) -> None:
        """Wait for a toast that holds all of ``words``."""
        await self.until(lambda: any(all(word in toast for word in words) for toast in self.toasts))

    async def quiet(self) -> None:
        """Wait until every worker has finished and the screen has settled."""
        await self.pilot.pause()
        await self.until(lambda: not any(not worker.is_finished for worker in self.app.workers))

    async def open(self, key: str) -> None:
        """Show the tab with this digit, or another place a key leads to, with its rows read."""
        await self.press(key)
        await self.quiet()

    async def fill(self, **values: str) -> None:
        """Put values into fields of the form as typing them would, then wait for what the rules say."""
        await self.until(lambda: self.form.typed)
        for name, value in values.items():
            self.form._pages.rows[name].set_value(value)
        await self.judged()

    async def judged(self) -> None:
        """Wait until the rules have spoken of what stands in the form."""
        await self.pilot.pause()
        await self.until(lambda: _over(self.form))
        await self.quiet()

    def has_focus_in(self, widget: Widget) -> bool:
        """Whether the focus is in a widget or a part of it."""
        return widget.has_focus or widget.has_focus_within

    @property
    def flow(self) -> str:
        """What stands on the screen as text that was never wrapped: column by column, blanks as one."""
        return _unwrapped(self.picture)

    def _shown(self, words: Sequence[str]) -> list[bool]:
        """Which of some words stand on the screen, be it in a text that is wrapped."""
        picture = self.picture
        found = [word in picture for word in words]
        if all(found):
            return found
        flow = _unwrapped(picture)
        return [there or word in flow for there, word in zip(found, words, strict=True)]

    @property
    def status(self) -> str:
        """The line on top."""
        return self.picture.split("\n")[0]

    @property
    def footer(self) -> str:
        """The line with the keys."""
        return self.picture.split("\n")[-1]


def _unwrapped(picture: str) -> str:
    columns = zip_longest(*(line.split("│") for line in picture.split("\n")), fillvalue="")
    return "\n".join(" ".join(" ".join(column).split()) for column in columns)


def _over(form: FormPanel) -> bool:
    timer = form._pause
    return timer is None or timer._task is None or timer._task.done()


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except (QueryError, StopIteration):
        return False


def make(context: Context, *, glyphs: Glyphs = UTF8, theme: str = DARK.name) -> CxtuiApp:
    """The console of an operator, not yet open."""
    return CxtuiApp(Desk(context, glyphs, work=WatchedWork()), theme)


@asynccontextmanager
async def console(
    context: Context, size: tuple[int, int] = WIDE, *, glyphs: Glyphs = UTF8, theme: str = DARK.name
) -> AsyncIterator[Console]:
    """The console of an operator, open and with its first rows read."""
    app = make(context, glyphs=glyphs, theme=theme)
    opened = Console(app)
    async with app.run_test(size=size, notifications=True, tooltips=True, message_hook=opened.listen) as opened.pilot:
        await opened.sees("edge")
        await opened.quiet()
        yield opened
        app.exit()
    work = app.desk.work
    assert isinstance(work, WatchedWork)
    if work.faults:
        raise work.faults[0]


def lines_with(picture: str, word: str) -> Iterator[str]:
    """The lines of a picture that hold a word."""
    return (line for line in picture.split("\n") if word in line)
