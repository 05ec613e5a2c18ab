"""The messages of a mailbox, and what is to be known of the one under the cursor (S-113, W-060)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from time import localtime, strftime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from cxtui.models.voicemail import Message
from cxtui.rules.durations import ago, since
from cxtui.services.voicemail import caller, size_words
from cxtui.ui.desk import Desk
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.text import clip, plain, styled
from cxtui.ui.widgets.row_list import RowList
from cxtui.ui.widgets.rows import Cell, Column, Row
from cxtui.ui.widgets.sized import Sized

_COLUMNS = (
    Column("created", "Created", 8, priority=9),
    Column("at", "Left at", 16, priority=2),
    Column("read", "Read", 7, priority=8),
    Column("duration", "Duration", 8, priority=6, align="right"),
    Column("name", "Name", 15, priority=7, flex=2),
    Column("number", "Number", 15, priority=10, flex=1),
    Column("note", "Note", 14, priority=5),
)
_LONGEST = 60
"""The cells that a stranger's words get in the lines about a message."""

_NAME = 11
"""The cells of the names of facts."""


class MessageList(Sized, Vertical):
    """A table of messages over some lines about one of them: two, or all there is to say when it is opened."""

    DEFAULT_CSS = """
    MessageList { height: 1fr; }
    MessageList > RowList { height: 1fr; }
    MessageList > #message-facts {
        height: 2; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    MessageList.-open > #message-facts { height: auto; max-height: 50%; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.table = RowList(_COLUMNS, glyphs=desk.glyphs, id="voicemail-list")
        self.table.scroll_step = desk.scroll_step
        self._facts = Static(id="message-facts")
        self._note = ""

    def compose(self) -> ComposeResult:
        """The table, the lines."""
        yield self.table
        yield self._facts

    def on_resize(self) -> None:
        """Break the lines anew."""
        self.say()

    def show(self, messages: Sequence[Message], empty: str, note: str = "") -> None:
        """Show messages; ``empty`` is said where there are none, ``note`` in the lines below it."""
        now = self._desk.context.now()
        if self.table.empty_text != empty:
            self.table.empty_text = empty
        self._note = note
        # Messages of one id are one message.
        rows = {row.key: row for row in (_row(message, now, self._desk.glyphs) for message in messages)}
        self.table.show(list(rows.values()))
        self.say()

    @property
    def message(self) -> Message | None:
        """The message under the cursor."""
        row = self.table.row_at_cursor
        return row.data if row is not None and isinstance(row.data, Message) else None

    @property
    def chosen(self) -> list[Message]:
        """The marked messages, or else the one under the cursor."""
        return [row.data for row in self.table.chosen if isinstance(row.data, Message)]

    @property
    def opened(self) -> bool:
        """Whether all there is to say is said."""
        return self.has_class("-open")

    def open(self, opened: bool) -> None:
        """Say all there is to say, or the first lines only."""
        self.set_class(opened, "-open")
        self.say()

    def say(self) -> None:
        """Tell of the message under the cursor."""
        message, now = self.message, self._desk.context.now()
        if message is None:
            lines = [styled(line, "$text-warning") for line in wrap(self._note, self._room)]
        elif self.opened:
            lines = [plain(line) for name, words in _facts(message, now) for line in self._told(name, words)]
        else:
            lines = [plain(_summary(message)), _remark(message, self._desk.glyphs)]
        words = Content("\n").join(lines)
        if words != self._facts.content:
            self._facts.update(words, layout=self.opened)

    def _told(self, name: str, words: str) -> Iterator[str]:
        """A fact under its name, in as many lines as it takes."""
        for line in wrap(words, self._room - _NAME, break_on_hyphens=False):
            yield f"{name:{_NAME}}{line}"
            name = ""

    @property
    def _room(self) -> int:
        """Characters that surely fit into a line."""
        return max(40, self.size.width - 2)


def _row(message: Message, now: float, glyphs: Glyphs) -> Row:
    cells: dict[str, Cell | str] = {
        "created": ago(max(0.0, now - message.created)) if message.created else Cell("unknown", "warning"),
        "at": _moment(message.created)[:16],
        "read": Cell("new", "accent") if message.read is None else ago(max(0.0, now - message.read)),
        "duration": _duration(message.duration),
        "name": message.caller_name or Cell(glyphs.none, "muted"),
        "number": Cell(message.caller_number, "bold") if message.caller_number else Cell(glyphs.none, "muted"),
        "note": _word(message, glyphs),
    }
    # An id is whatever the voicemail server made it; as a number it is still nobody else's.
    return Row(int.from_bytes(message.uuid.encode()), cells, message)


def _word(message: Message, glyphs: Glyphs) -> Cell | str:
    if message.problem:
        return Cell(f"{glyphs.warning} {'no recording' if message.path is None else 'damaged'}", "danger")
    return Cell("urgent", "warning") if message.urgent else ""


def _summary(message: Message) -> str:
    facts = [clip(caller(message), _LONGEST), _moment(message.created), _duration(message.duration)]
    facts += ["urgent"] if message.urgent else []
    return " · ".join([*facts, "new" if message.read is None else f"heard {_moment(message.read)}"])


def _remark(message: Message, glyphs: Glyphs) -> Content:
    if message.problem:
        return styled(f"{glyphs.warning} {message.problem}", "$text-error")
    return plain("Enter tells all about it.")


def _facts(message: Message, now: float) -> Iterator[tuple[str, str]]:
    yield "From", clip(caller(message), 2 * _LONGEST)
    yield "Left", f"{_moment(message.created)}{', urgent' if message.urgent else ''}, in the folder {message.folder}"
    yield "Heard", "not yet" if message.read is None else f"{_moment(message.read)}, {since(now - message.read)}"
    size = "" if message.bytes is None else f", {size_words(message.bytes)}"
    yield "Recording", f"{_duration(message.duration)}{size}"
    yield "File", str(message.path) if message.path else "none that may be opened"
    yield "Id", message.uuid
    if message.problem:
        yield "Problem", message.problem


def _moment(at: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", localtime(at)) if at else "unknown"


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}"
