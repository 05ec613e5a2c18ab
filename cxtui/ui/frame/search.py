"""The search from anywhere: it finds while you type, and Enter goes there."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from cxtui.services.find import Hit, find
from cxtui.ui.commands import Command, bindings
from cxtui.ui.desk import Desk
from cxtui.ui.text import mix, plain
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.row_table import RowTable
from cxtui.ui.widgets.rows import Column, Row, Window

_KINDS = {"ip_auth": "IP", "sip_users": "SIP", "companies": "company", "blocks": "block"}
_COLUMNS = (
    Column("kind", "Found", 8, priority=5),
    Column("title", "Name", 26, priority=9, flex=1),
    Column("detail", "What it is", 30, priority=7, flex=2),
)
_TITLE = mix("[b]Find[/b]  Enter goes there, Esc closes")
COMMANDS = (
    Command("search.go", "enter", "Go there", "Go to what is under the cursor", "go"),
    Command("search.close", "escape,f9", "Close", "Back to where you were", "close"),
    Command("search.down", "down", "Down", "Next hit", "move(1)", footer=False),
    Command("search.up", "up", "Up", "Previous hit", "move(-1)", footer=False),
)


class Search(Vertical):
    """A field and what it finds: address, network, SIP user, company."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(*COMMANDS)
    commands: ClassVar[tuple[Command, ...]] = COMMANDS
    DEFAULT_CSS = """
    Search { height: 1fr; }
    Search > Static { height: 1; padding: 0 1; color: $text-muted; }
    Search > Entry { margin: 0 1; }
    """

    class Found(Message):
        """The operator wants to go to a hit; None closes the search."""

        def __init__(self, hit: Hit | None) -> None:
            super().__init__()
            self.hit = hit

    class Failed(Message):
        """The search could not be carried out."""

        def __init__(self, problem: Exception) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._entry = Entry(placeholder="IP, network, SIP user, host name or company")
        self._table = RowTable(_COLUMNS, empty_text="", glyphs=desk.glyphs)
        self._hits: list[Hit] = []
        self._found_for: str | None = None
        self._go_when_found = False
        self._gone = False

    def compose(self) -> ComposeResult:
        """Field and hits."""
        yield Static(_TITLE)
        yield self._entry
        yield self._table

    def begin(self) -> None:
        """Begin anew: at once, so that nothing is lost of what is typed from here on."""
        self._entry.value = ""
        self._hits, self._found_for = [], None
        self._go_when_found = self._gone = False

    @property
    def settled(self) -> bool:
        """Whether keys can be taken: not while going to what is still being searched."""
        return self.has_focus_within and not self._go_when_found and not self._gone

    def focus_field(self) -> None:
        """Ready to type."""
        self._entry.focus()

    def action_move(self, step: int) -> None:
        """Move in the hits while the field keeps the focus."""
        self._table.action_step(step)

    def action_go(self) -> None:
        """Go to the hit; what was just typed is found first."""
        if not self._entry.value.strip():
            return
        if self._found_for != self._entry.value:
            self._go_when_found = True
            return
        self._go_when_found = False
        if self._hits:
            self._gone = True
            self.post_message(self.Found(self._hits[min(self._table.cursor, len(self._hits) - 1)]))

    def action_close(self) -> None:
        """Close the search."""
        self.post_message(self.Found(None))

    @on(Entry.Changed)
    def _typed(self, event: Entry.Changed) -> None:
        event.stop()
        text = event.value
        job = partial(find, self._desk.context, text)
        self._desk.work.read(self, "find", job, partial(self._show, text), self._fail)

    @on(Entry.Submitted)
    def _submitted(self, event: Entry.Submitted) -> None:
        event.stop()
        self.action_go()

    @on(RowTable.WindowWanted)
    def _wanted(self, event: RowTable.WindowWanted) -> None:
        event.stop()
        self._deliver()

    @on(RowTable.CursorMoved)
    def _moved(self, event: RowTable.CursorMoved) -> None:
        event.stop()

    @on(RowTable.Chosen)
    def _chosen(self, event: RowTable.Chosen) -> None:
        event.stop()
        self.action_go()

    def _show(self, text: str, hits: list[Hit]) -> None:
        self._hits, self._found_for = hits, text
        self.query_one(Static).update(_TITLE)
        self._table.empty_text = "Nothing is found by that." if text.strip() else ""
        self._table.reset()
        self._deliver()
        if self._go_when_found:
            self.call_after_refresh(self.action_go)

    def _deliver(self) -> None:
        rows = tuple(
            Row(index, {"kind": _KINDS[hit.grid], "title": hit.title, "detail": hit.detail})
            for index, hit in enumerate(self._hits)
        )
        self._table.deliver(Window(0, rows, len(rows)))

    def _fail(self, problem: Exception) -> None:
        self._go_when_found = False
        self.query_one(Static).update(plain("The search failed."))
        self.post_message(self.Failed(problem))
