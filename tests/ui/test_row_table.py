"""The row table as an operator meets it: keys, mouse, marks, and no more painting than needed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message

from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import GUTTER, Cell, Column, Row, Window, arrange
from cxtui.ui.widgets.sparkline import bars

LENGTH = 1_000_000
COLUMNS = (
    Column("state", "State", 10, priority=9),
    Column("user", "Username", 10, priority=10),
    Column("channels", "Ch", 3, priority=2, align="right"),
    Column("seen", "Last seen", 9, priority=1, flex=1),
)


def make_row(key: int) -> Row:
    cells: dict[str, Cell | str] = {
        "state": Cell("✔ online", "success"),
        "user": f"user {key}",
        "channels": "2",
        "seen": Cell("now", "muted"),
    }
    return Row(key, cells, data=f"domain row {key}")


class Table(RowTable):
    """Writes down which lines were painted."""

    painted: list[int]

    def render_line(self, y):
        self.painted.append(y)
        return super().render_line(y)


class TableApp(App):
    """A pane that answers from a generated list, at once or when `release` is called."""

    def __init__(self, length=LENGTH, *, held=False, **options):
        super().__init__()
        self.length, self.held, self.options = length, held, options
        self.changed: dict[int, Row] = {}
        self.inserted = 0
        self.asked: list[RowTable.WindowWanted] = []
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        table = Table(COLUMNS, empty_text="No SIP users. a adds one", **self.options)
        table.painted = []
        yield table

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    @property
    def row(self) -> Row:
        """The row under the cursor, which there must be."""
        row = self.table.row_at_cursor
        assert row is not None
        return row

    def on_row_table_window_wanted(self, message: RowTable.WindowWanted) -> None:
        self.asked.append(message)
        if not self.held:
            self.release()

    def on_row_table_cursor_moved(self, message: RowTable.CursorMoved) -> None:
        self.heard.append(message)

    def on_row_table_chosen(self, message: RowTable.Chosen) -> None:
        self.heard.append(message)

    def on_row_table_newer_changed(self, message: RowTable.NewerChanged) -> None:
        self.heard.append(message)

    def on_row_table_marks_changed(self, message: RowTable.MarksChanged) -> None:
        self.heard.append(message)

    def release(self) -> None:
        while self.asked:
            wanted = self.asked.pop(0)
            keys = range(wanted.offset, min(self.length, wanted.offset + wanted.limit))
            rows = [self.changed.get(key, make_row(key)) for key in (index - self.inserted for index in keys)]
            self.table.deliver(Window(wanted.offset, rows, self.length))

    def screen_lines(self) -> list[str]:
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]

    def last(self, kind):
        return next(message for message in reversed(self.heard) if isinstance(message, kind))


async def painted(pilot, table: Table) -> list[int]:
    """Wait for a paint and give its lines."""
    for _ in range(200):
        if table.painted:
            lines, table.painted = table.painted, []
            return sorted(lines)
        await pilot.pause()
    raise AssertionError("nothing was painted")


async def first_paint(pilot, app: TableApp) -> None:
    """Wait until every line stands as it will."""
    app.table.painted.clear()
    app.table.refresh()
    while len(await painted(pilot, app.table)) < app.table.size.height:
        pass


async def test_every_movement_key_leads_where_it_says_in_a_million_rows():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        for keys, cursor in (
            ("down j", 2),
            ("up k", 0),
            ("pagedown", 10),
            ("ctrl+d", 15),
            ("ctrl+u", 10),
            ("pageup", 0),
            ("G", LENGTH - 1),
            ("pageup", LENGTH - 11),
            ("g", 0),
            ("end", LENGTH - 1),
            ("home", 0),
        ):
            await pilot.press(*keys.split())
            assert (keys, app.table.cursor) == (keys, cursor)
            assert app.table.row_at_cursor == make_row(cursor)
            assert app.last(RowTable.CursorMoved).row.data == f"domain row {cursor}"
        assert app.screen_lines()[1] == " ▸ ✔ online    user 0        2  now"


async def test_enter_opens_the_row_and_so_does_a_second_click():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("down", "enter")
        assert app.last(RowTable.Chosen).row.key == 1
        await pilot.click(Table, offset=(5, 4))
        assert app.table.cursor == 3
        assert app.last(RowTable.Chosen).row.key == 1
        await pilot.click(Table, offset=(5, 4))
        assert app.last(RowTable.Chosen).row.key == 3


async def test_a_cursor_step_paints_two_lines_and_the_titles_stay():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await first_paint(pilot, app)
        await pilot.press("down")
        assert await painted(pilot, app.table) == [1, 2]
        await pilot.press("pagedown")
        assert app.screen_lines()[0] == "   State       Username     Ch  Last seen"


async def test_a_live_refresh_paints_the_one_line_that_changed_and_none_if_none_did():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await first_paint(pilot, app)
        app.table.reload()
        await pilot.pause()
        app.changed[4] = Row(4, {**make_row(4).cells, "channels": "3"})
        app.table.reload()
        assert await painted(pilot, app.table) == [5]


async def test_rows_that_arrived_before_the_page_knew_its_size_are_painted_when_it_does():
    app = TableApp(length=4)
    async with app.run_test(size=(60, 11)) as pilot:
        await first_paint(pilot, app)
        app.table._view.resize(1)
        app.table._settle()
        for key in range(4):
            app.changed[key] = Row(key, {**make_row(key).cells, "channels": "7"})
        app.table.reload()
        assert await painted(pilot, app.table) == [1]
        app.table.on_resize()
        assert set(await painted(pilot, app.table)) >= {2, 3, 4}


async def test_rows_that_arrive_above_paint_nothing_while_the_cursor_is_kept():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("pagedown", "pagedown", "up")
        row = app.row
        await first_paint(pilot, app)
        app.inserted += 7
        app.table.reload()
        await pilot.pause()
        assert app.table.row_at_cursor == row
        assert app.table.cursor == row.key + 7
        await pilot.press("down")
        assert await painted(pilot, app.table) == [1, 2]


async def test_the_newest_rows_are_shown_and_the_cursor_stays_on_its_row_until_it_would_leave_the_page():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        for arrived, line, top in ((1, 2, 0), (8, 10, 0), (1, 10, 1)):
            app.inserted += arrived
            app.table.reload()
            await pilot.pause()
            assert app.row.key == 0
            assert app.screen_lines()[line].startswith(" ▸ ✔ online    user 0 ")
            assert app.table.visible_range[0] == top
        assert app.last(RowTable.NewerChanged).newer
        await pilot.press("home")
        assert app.row.key == -10
        assert not app.last(RowTable.NewerChanged).newer


async def test_a_key_means_the_row_that_was_seen_until_the_one_in_its_place_was_seen_too():
    """S-013: nobody is unblocked who has just come under the cursor."""
    app = TableApp(held=True)
    rows = [make_row(key) for key in range(6)]
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.grace = 60
        app.table.deliver(Window(0, rows, 6))
        await pilot.press("down")
        app.table.deliver(Window(0, [rows[0], *rows[2:]], 5))
        await pilot.press("space", "enter")
        assert app.last(RowTable.Chosen).row.key == 1
        assert not app.table.marked
        assert app.screen_lines()[2].startswith(" ▸ ✔ online    user 2 ")
        await pilot.press("up", "down", "enter")
        assert app.last(RowTable.Chosen).row.key == 2
        app.table.grace = 0.01
        app.table.deliver(Window(0, [rows[0], *rows[3:]], 4))
        while app.row.key != 3:
            await pilot.pause()
        assert app.last(RowTable.CursorMoved).row.key == 3


async def test_no_key_hits_the_first_row_of_an_empty_list_the_moment_it_arrives():
    app = TableApp(held=True)
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.grace = 60
        app.table.deliver(Window(0, (), 0))
        app.table.deliver(Window(0, [make_row(7)], 1))
        await pilot.press("enter")
        assert not any(isinstance(message, RowTable.Chosen) for message in app.heard)
        await pilot.press("up", "enter")
        assert app.last(RowTable.Chosen).row.key == 7


async def test_a_change_of_the_row_under_the_cursor_is_told():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        app.changed[0] = replace(make_row(0), data="other facts, same words")
        app.table.reload()
        await pilot.pause()
        assert app.last(RowTable.CursorMoved).row.data == "other facts, same words"


async def test_the_old_picture_stands_until_the_rows_are_there():
    app = TableApp(held=True)
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.release()
        await pilot.pause()
        before = app.screen_lines()
        await pilot.press("end", "up", "up")
        assert app.screen_lines() == before
        app.release()
        await pilot.pause()
        assert app.row.key == LENGTH - 3


async def test_marks_survive_a_journey_and_a_new_list_clears_them():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("space", "down", "space", "end", "home")
        assert app.table.marked == {0, 2}
        assert app.last(RowTable.MarksChanged).marked == {0, 2}
        assert [line[:2] for line in app.screen_lines()[1:4]] == ["●▸", "  ", "● "]
        await pilot.press("space")
        assert app.table.marked == {2}
        app.table.reset()
        await pilot.pause()
        assert app.table.marked == frozenset()


async def test_no_action_finds_a_row_of_the_old_list_while_the_new_one_is_awaited():
    app = TableApp(held=True)
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.release()
        app.table.reset()
        await pilot.press("enter")
        assert app.table.row_at_cursor is None
        assert not any(isinstance(message, RowTable.Chosen) for message in app.heard)
        app.release()
        assert app.table.row_at_cursor == make_row(0)


async def test_an_empty_list_says_which_key_fills_it():
    app = TableApp(0)
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("down", "enter", "space", "end")
        assert app.screen_lines()[1].strip() == "No SIP users. a adds one"
        assert app.table.row_at_cursor is None
        assert app.table.visible_range == (0, 0)


async def test_a_narrow_terminal_drops_columns_by_priority():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        assert app.table.columns_shown == ("state", "user", "channels", "seen")
        narrower: tuple[tuple[int, tuple[str, ...]], ...] = (
            (38, ("state", "user", "channels")),
            (29, ("state", "user")),
            (20, ("user",)),
        )
        for width, shown in narrower:
            await pilot.resize_terminal(width, 8)
            await pilot.pause()
            assert app.table.columns_shown == shown
        assert app.screen_lines()[1] == " ▸ user 0"


@pytest.mark.parametrize("width", range(1, 90))
def test_columns_never_overlap_nor_leave_the_line(width: int):
    slots = arrange(COLUMNS, width)
    assert slots
    assert all(left.x + left.width < right.x for left, right in pairwise(slots))
    assert slots[-1].x + slots[-1].width <= max(width, GUTTER)
    assert len(slots) == 1 or all(slot.width >= slot.column.width for slot in slots)


async def test_hostile_text_in_cells_and_titles_reaches_no_terminal():
    evil = "\x1b]52;c;cm0=\x07[/foo]\u202e\ud800" + "\u0301" * 9_000
    app = TableApp()
    app.changed[0] = Row(0, {"state": evil, "user": Cell(evil, "danger")})
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.set_columns([replace(COLUMNS[0], title="\x1b[2J"), COLUMNS[1]])
        app.table.empty_text = "\x1b[2J"
        await pilot.pause()
        text = "".join(app.screen_lines())
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "␛]52;" in text
        text.encode()


async def test_in_ascii_the_cursor_and_marks_are_ascii():
    app = TableApp(glyphs=ASCII)
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("space")
        assert [line[:2] for line in app.screen_lines()[1:3]] == ["* ", " >"]


async def test_the_divider_underlines_the_last_row_above_it():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await first_paint(pilot, app)
        app.table.divider_after = 1
        assert await painted(pilot, app.table) == [2]
        underlined = [y for y in range(11) if any(s.style.underline for s in app.table.render_line(y) if s.style)]
        assert underlined == [2]


async def test_the_wheel_moves_the_view_and_takes_the_cursor_along():
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.table.post_message(events.MouseScrollDown(app.table, 5, 5, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert app.table.visible_range == (3, 13)
        assert app.table.cursor == 3


def test_a_course_of_values_is_drawn_between_zero_and_its_highest():
    assert bars([0, 1, 2, 4, 8], 9, UTF8) == "▁▂▃▅█"
    assert bars([1, 2, 3], 2, ASCII) == "+#"
    assert bars([float("nan"), -1, float("inf")], 3, UTF8) == "▁▁▁"
    assert bars([], 5, UTF8) == ""
