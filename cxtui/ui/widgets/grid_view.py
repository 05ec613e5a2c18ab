"""A list of the database on the screen: it reads the window it shows, and reads it again after a commit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from cxtui.rules.roles import Role
from cxtui.services.grids import Grid, GridPart, Shown
from cxtui.ui.columns import ListLook
from cxtui.ui.desk import Desk
from cxtui.ui.scope import ALL, Scope
from cxtui.ui.text import mix
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.grid_window import Found, read, table_rows
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Window
from cxtui.ui.widgets.sized import Sized

_FIRST = 60
_MANY = 50_000
_NO_MATCH = "Nothing here contains that. Esc shows all rows again."
_NEWEST_FIRST = ("blocks", "audit")
_RECOUNT_SECONDS = 1.0
_COUNTS_APART = 100
"""A long list is counted at most a hundredth of the time."""


class GridView(Sized, Vertical):
    """A titled table with a filter line; ``look`` says what it lists."""

    DEFAULT_CSS = """
    GridView { height: 1fr; }
    GridView > .grid-title { height: 1; padding: 0 1; color: $text-muted; }
    GridView > Entry { display: none; height: 1; }
    /* A margin would narrow the table too, and cost it a column. */
    GridView > Entry.-textual-compact { padding: 0 1; }
    GridView.-filtering > Entry { display: block; }
    """

    class Failed(Message):
        """The list could not be read."""

        def __init__(self, problem: Exception) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, desk: Desk, look: ListLook, *, id: str) -> None:
        super().__init__(id=id)
        self._desk = desk
        self.look = look
        self._scope = ALL
        self._needle = ""
        self._grid = self._make()
        # The rows are read while the screen is being built: at the start of the console they would be waited for.
        self._first: Callable[[], GridPart] = desk.work.ahead(partial(self._grid.first, _FIRST)).result
        self._part: GridPart | None = None
        self._counted_at = 0.0
        self._recount = self._uncounted = self._beginning = True
        self._missed = False
        self._seek: int | None = None
        self._opening = False
        self._seen: dict[int, Any] = {}
        self._nothing = look.nothing(desk.context.actor.may(Role.OPERATOR))
        self.table = RowTable(look.columns_for(None), empty_text=self._nothing, glyphs=desk.glyphs)
        self.table.scroll_step = desk.scroll_step
        self._title = Static(classes="grid-title")
        self._filter: Entry | None = None

    def compose(self) -> ComposeResult:
        """Title and table; the filter line comes between them when it is first opened."""
        yield self._title
        yield self.table

    def on_mount(self) -> None:
        """Ask for the first rows before the table knows its size, so that they are there when it is painted."""
        self._begin()

    def on_resize(self) -> None:
        """Count a list whose first rows were there before the table knew its size and could ask for more."""
        if (self._uncounted or self._missed) and not self._beginning:
            self.call_after_refresh(self.refresh_rows)

    @property
    def shown(self) -> Shown | None:
        """The row under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row and isinstance(row.data, Shown) else None

    def marked_rows(self) -> list[Any]:
        """The rows that are marked, as they were when they were last seen."""
        return [row for key, row in self._seen.items() if key in self.table.marked]

    @property
    def settled(self) -> bool:
        """Whether the rows on the screen are those that were asked for."""
        self._opening = self._opening and not (self._filter is not None and self._filter.has_focus)
        return self._seek is None and self.table.settled and not self._opening

    @property
    def needle(self) -> str:
        """The filter."""
        return self._needle

    def set_scope(self, scope: Scope) -> None:
        """List the rows of another company; a list that is the same for all stays as it is."""
        if scope == self._scope or not self.look.scoped:
            return
        self._scope = scope
        self.table.set_columns(self.look.columns_for(scope.company_id))
        self._again()

    def set_filter(self, needle: str) -> None:
        """List the rows that contain ``needle``."""
        if needle == self._needle:
            return
        self._needle = needle
        self._again()

    def refresh_rows(self) -> None:
        """Read the rows on screen again."""
        self._missed = self._beginning or not self.table.size
        many = self.table.total > _MANY
        pause = max(_RECOUNT_SECONDS, _COUNTS_APART * self._grid.counting)
        self._recount = not many or monotonic() - self._counted_at > pause
        self.table.reload()

    def go_to(self, text: str, key: int) -> None:
        """Show the row ``key``, which ``text`` finds."""
        self._entry(text)
        self._seek = key
        if text == self._needle:
            self.refresh_rows()
        else:
            self.set_filter(text)

    def open_filter(self) -> None:
        """Show the filter line, ready to type."""
        self._opening = True
        # It cannot have the focus before it is there.
        self.call_after_refresh(self._entry(self._needle).focus)

    def close_filter(self) -> None:
        """Show all rows again."""
        self.remove_class("-filtering")
        self._opening = False
        if self._filter is not None:
            self._filter.value = ""
        self.set_filter("")
        self.table.focus()

    def _entry(self, text: str) -> Entry:
        if self._filter is None:
            self._filter = Entry(text, placeholder=f"filter {self.look.title}: part of a name or address")
            self.mount(self._filter, before=self.table)
        self._filter.value = text
        self.add_class("-filtering")
        return self._filter

    def _make(self) -> Grid:
        return Grid(self._desk.context, self.look.kind, self._scope.company_id, self._needle)

    def _again(self) -> None:
        self._grid = self._make()
        self._first = partial(self._grid.first, _FIRST)
        self.table.empty_text = _NO_MATCH if self._needle else self._nothing
        self.table.reset()
        self._begin()

    def _begin(self) -> None:
        # Counting a long list takes longer than reading its first rows, so they are shown before.
        self._beginning = self._uncounted = self._recount = True
        self._missed = False
        self._desk.work.read(self, "rows", self._first, self._deliver_first, self._fail)

    def _deliver_first(self, part: GridPart) -> None:
        self._beginning, self._uncounted = False, part.capped
        self._deliver(Found(part))
        if part.capped or self._missed:
            self.call_after_refresh(self.refresh_rows)

    @on(RowTable.WindowWanted)
    def _fetch(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        if self._beginning:
            return
        recount, self._recount = self._recount, False
        if recount:
            self._counted_at = monotonic()
            self._uncounted = False
        job = partial(read, self._grid, event.offset, event.limit, event.anchor, recount=recount)
        self._desk.work.read(self, "rows", job, self._deliver, self._fail)

    def _deliver(self, found: Found) -> None:
        part = found.part
        rows = table_rows(part.rows, self.look, self._desk)
        marked = self.table.marked
        self._seen = {key: row for key, row in self._seen.items() if key in marked}
        self._seen.update((shown.row.id, shown.row) for shown in part.rows)
        self._divide(part)
        self.table.deliver(Window(part.offset, rows, part.total, part.capped), sought=found.sought)
        self._part = part
        self._say()
        if self._seek is not None:
            seek, self._seek = self._seek, None
            index = next((index for index, row in enumerate(rows) if row.key == seek), None)
            if index is not None:
                self.table.move_to(part.offset + index)

    def _divide(self, part: GridPart) -> None:
        if self.look.kind != "blocks" or part.offset:
            return
        ours = sum(1 for shown in part.rows if shown.row.ours)
        self.table.divider_after = ours - 1 if 0 < ours < len(part.rows) else None

    @on(RowTable.NewerChanged)
    def _say(self) -> None:
        part = self._part
        if part is None:
            return
        count = f"{part.total:,}".replace(",", " ") + ("+" if part.capped else "")
        count = self._desk.glyphs.ellipsis if self._uncounted else count
        title = mix("[b]$title[/b]  $count", title=self.look.title, count=count)
        if self._needle:
            matches = "match" if part.total == 1 else "matches"
            title = title + mix(" $matches $needle", matches=matches, needle=self._needle)
        if self.table.newer and self.look.kind in _NEWEST_FIRST:
            title = title + mix("  newer above: Home")
        if self._title.content != title:
            self._title.update(title, layout=False)

    def _fail(self, problem: Exception) -> None:
        self._beginning = False
        self.post_message(self.Failed(problem))

    @on(Entry.Changed)
    def _typed(self, event: Entry.Changed) -> None:
        event.stop()
        self.set_filter(event.value)

    @on(Entry.Submitted)
    def _settled(self, event: Entry.Submitted) -> None:
        event.stop()
        self.table.focus()
