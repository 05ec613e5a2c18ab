"""A list of the database that is read before it stands on the screen."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.widgets import Static

from cxtui.services import edges
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.grids import Grid, GridPart
from cxtui.ui import columns
from cxtui.ui.desk import Desk
from cxtui.ui.widgets.grid_view import GridView
from tests.support import NOON
from tests.ui.console import NARROW, PATIENCE, WIDE, WatchedWork, console

_BLOCKS = 204


class Blocks(GridView):
    """The firewall's list, which knows how often it was asked to read again."""

    asked = 0

    def refresh_rows(self) -> None:
        """Read the rows on screen again."""
        super().refresh_rows()
        self.asked += 1


class Alone(App[None]):
    """One list that has no size yet."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.desk = Desk(context, work=WatchedWork())
        self.view = Blocks(self.desk, columns.BLOCKS, id="blocks-list")
        self.view.display = False

    def compose(self) -> ComposeResult:
        """The list."""
        yield self.view


async def test_a_long_list_that_is_read_before_it_has_a_size_is_counted_once_it_has_one(town_context: Context) -> None:
    """The first rows fill its screen, so it asks for none that would be counted by the way."""
    seen = (Sighting(f"192.0.2.{last}", NOON, 1, "unknown user") for last in range(_BLOCKS - 4))
    edges.record(town_context, seen)
    app = Alone(town_context)
    async with app.run_test(size=NARROW) as pilot, asyncio.timeout(PATIENCE):
        title = app.view.query_one(".grid-title", Static)
        while not app.view.asked:
            await pilot.pause(0.01)
        assert str(title.content) == "Firewall  …"
        app.view.display = True
        while str(title.content) != f"Firewall  {_BLOCKS}":
            await pilot.pause(0.01)
    app.desk.work.close()


@pytest.mark.parametrize(("tab", "column"), [("7", "Whose"), ("3", "Ping")])
async def test_a_filter_costs_no_column(town_context: Context, tab: str, column: str) -> None:
    """S-011: whose the address is that was searched for."""
    async with console(town_context, NARROW) as opened:
        await opened.open(tab)
        await opened.sees(column)
        titles = opened.picture.split("\n")[3]
        await opened.press("f")
        await opened.type("1")
        await opened.sees("match")
        assert opened.picture.split("\n")[3:5] == [" 1", titles]


async def test_a_change_that_is_told_of_while_a_list_is_read_for_the_first_time_is_shown(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows on their way were read before it."""
    was_read, goes_on = Event(), Event()
    first = Grid.first

    def late(grid: Grid, limit: int) -> GridPart:
        part = first(grid, limit)
        was_read.set()
        goes_on.wait(PATIENCE)
        return part

    async with console(town_context, WIDE) as opened:
        await opened.open("7")
        monkeypatch.setattr(Grid, "first", late)
        asked: list[GridView] = []
        refresh = GridView.refresh_rows

        def refreshed(view: GridView) -> None:
            asked.append(view)
            refresh(view)

        monkeypatch.setattr(GridView, "refresh_rows", refreshed)
        opened.pane.view.set_filter("1")
        await opened.until(was_read.is_set)
        told = len(asked)
        edges.record(town_context, [Sighting("185.9.9.1", NOON, 3, "scanner")])
        await opened.until(lambda: len(asked) > told)
        goes_on.set()
        await opened.sees("185.9.9.1")


async def test_a_widget_hears_of_a_size_that_was_worked_out_ahead_of_the_layout(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual tells of none that its map of the screen has already; titles, rows and words would stay cut."""
    async with console(town_context, WIDE) as opened:
        table = opened.pane.view.table
        told: list[object] = []
        monkeypatch.setattr(table, "call_next", told.append)
        for _ in range(2):
            table._size_updated(Size(40, 5), Size(40, 5), Size(40, 5))
        assert told == [table.on_resize]
