"""The stage of the pictures: whoever sits at the console, the scenes, and how one is drawn."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from textual import events
from textual.pilot import Pilot

from cxtui.services.context import Context
from cxtui.ui.app import CxtuiApp
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.themes import DARK
from cxtui.ui.widgets.grid_view import GridView
from scripts.picture import svg

PATIENCE = 20.0
"""Seconds after which a screen that does not come to rest, or does not show what it should, is given up."""


class Hands:
    """Whoever sits at the console."""

    def __init__(self, pilot: Pilot[int], context: Context) -> None:
        self.pilot = pilot
        self.app = cast(CxtuiApp, pilot.app)
        self.context = context

    @property
    def picture(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.text for line in self.app.screen._compositor.render_strips(self.app.size))

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has had its effect."""
        for key in keys:
            await self.rest()
            await self.pilot.press(key)
        await self.rest()

    async def paste(self, text: str) -> None:
        """Paste into what has the focus."""
        await self.rest()
        self.app.post_message(events.Paste(text))
        await self.pilot.pause(0.3)
        await self.rest()

    async def choose(self, company: str) -> None:
        """Show a company in all tabs."""
        await self.press("slash")
        await self.paste(company)
        await self.press("enter", "1")

    async def rest(self) -> None:
        """Wait until nothing is read, written or painted any more."""
        calm = 0

        def at_rest() -> bool:
            nonlocal calm
            calm = calm + 1 if self._calm() else 0
            return calm == 3

        await self.until(at_rest, "the console at rest")

    async def sees(self, *words: str) -> None:
        """Wait until all of the words stand on the screen."""
        await self.until(lambda: all(word in self.picture for word in words), " and ".join(words))
        await self.rest()

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"waited in vain for {what}; on the screen is\n{self.picture}")
            await self.pilot.pause(0.03)

    def _calm(self) -> bool:
        counted = not any(view._uncounted for view in self.app.query(GridView) if view.is_on_screen)
        return counted and all(worker.is_finished for worker in self.app.workers)


@dataclass(frozen=True)
class Scene:
    """A picture: its file, its size, what it shows, and the keys that lead there."""

    name: str
    title: str
    play: Callable[[Hands], Awaitable[None]]
    size: tuple[int, int] = (80, 24)
    theme: str = DARK.name
    ascii: bool = False


async def draw(scene: Scene, context: Context) -> str:
    """The picture of a scene."""
    app = CxtuiApp(Desk(context, ASCII if scene.ascii else UTF8), scene.theme)
    async with app.run_test(size=scene.size, notifications=False) as pilot:
        hands = Hands(pilot, context)
        await hands.rest()
        await scene.play(hands)
        await hands.rest()
        columns, rows = scene.size
        lines = app.screen._compositor.render_strips(app.size)
        assert len(lines) == rows
        return svg(lines, columns, scene.title, app.current_theme.background or "")
