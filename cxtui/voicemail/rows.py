"""The rows of ``voicemail_msgs``: found, read as messages whatever is in them, taken out and put back unchanged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cxtui.models.voicemail import Message
from cxtui.rules.printable import clean

from .files import find

LAST_SECOND = 253_402_300_799
"""The end of the year 9999: no calendar shows anything later."""

_LONGEST_DURATION = 10**7
_LONGEST_TEXT = 255
_URGENT = "A_URGENT"

# A message that was marked for deletion on the telephone is gone as soon as its listener hangs up.
_MAILBOX = "SELECT rowid, * FROM voicemail_msgs WHERE username = ? AND domain = ?"
_LISTED = f"{_MAILBOX} AND flags IS NOT 'delete'"
_COUNTS = """
SELECT username, total(typeof(read_epoch) NOT IN ('integer', 'real') OR read_epoch NOT BETWEEN 1 AND ?), count(*)
FROM voicemail_msgs
WHERE domain = ? AND username IN (SELECT value FROM json_each(?)) AND flags IS NOT 'delete'
GROUP BY username
"""
_OTHERS = "SELECT file_path FROM voicemail_msgs WHERE rowid NOT IN (SELECT value FROM json_each(?))"

Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is stored: its number and what its columns hold, in the table's order."""

    number: int
    columns: dict[str, Value]

    @property
    def uuid(self) -> str:
        """What the row is called by; rows of one mailbox that share it are one message."""
        return _text(self.columns.get("uuid"))

    @property
    def created(self) -> int:
        """Seconds since 1970, 0 where they are unreadable."""
        return _number(self.columns.get("created_epoch"), LAST_SECOND) or 0

    @property
    def is_new(self) -> bool:
        """Whether nobody has listened yet."""
        return not _number(self.columns.get("read_epoch"), LAST_SECOND)

    def is_message(self, other: Row) -> bool:
        """Whether two rows are the same message, however often it was listened to in between."""
        fixed = ("username", "domain", "uuid", "created_epoch", "file_path")
        return all(self.columns.get(name) == other.columns.get(name) for name in fixed)


def listed(link: sqlite3.Connection, domain: str, user: str) -> list[Row]:
    """The rows of a mailbox that are messages, newest first."""
    rows = _rows(link.execute(_LISTED, (user, domain)))
    return sorted(rows, key=lambda row: (row.created, row.number), reverse=True)


def stored(link: sqlite3.Connection, domain: str, user: str) -> list[Row]:
    """Every row of a mailbox, those marked for deletion included."""
    return _rows(link.execute(_MAILBOX, (user, domain)))


def counts(link: sqlite3.Connection, domain: str, users: Iterable[str]) -> dict[str, tuple[int, int]]:
    """New and all messages of each of ``users``."""
    import json

    wanted = dict.fromkeys(users, (0, 0))
    found = link.execute(_COUNTS, (LAST_SECOND, domain, json.dumps(list(wanted))))
    return wanted | {user: (int(new), total) for user, new, total in found}


def message(row: Row, storage: Path) -> Message:
    """A row as it may be shown, with its recording looked for in ``storage``."""
    columns = row.columns
    recording = find(storage, columns.get("file_path"))
    read = _number(columns.get("read_epoch"), LAST_SECOND)
    duration = _number(columns.get("message_len"), _LONGEST_DURATION)
    unreadable = {
        "when it was left": row.created == 0,
        "when it was heard": read is None and columns.get("read_epoch") is not None,
        "its duration": duration is None,
    }
    odd = ", ".join(words for words, is_odd in unreadable.items() if is_odd)
    problems = [recording.problem, f"The row does not say {odd}." if odd else ""]
    return Message(
        uuid=row.uuid,
        username=_text(columns.get("username")),
        domain=_text(columns.get("domain")),
        created=row.created,
        read=read or None,
        duration=duration or 0,
        caller_name=_text(columns.get("cid_name")),
        caller_number=_text(columns.get("cid_number")),
        folder=_text(columns.get("in_folder")),
        urgent=columns.get("read_flags") == _URGENT,
        path=recording.path,
        bytes=recording.bytes,
        problem=" ".join(problem for problem in problems if problem),
    )


def shared(link: sqlite3.Connection, rows: Sequence[Row]) -> set[Value]:
    """The files of these rows that others name too."""
    import json

    numbers = json.dumps([row.number for row in rows])
    files = {row.columns.get("file_path") for row in rows}
    others = link.execute(_OTHERS, (numbers,))
    return {file for (file,) in others if file in files}


def remove(link: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Take rows out of the table."""
    link.executemany("DELETE FROM voicemail_msgs WHERE rowid = ?", [(row.number,) for row in rows])


def insert(link: sqlite3.Connection, row: Row) -> None:
    """Put a row into the table as it was, under its own number unless that is taken."""
    taken = link.execute("SELECT 1 FROM voicemail_msgs WHERE rowid = ?", (row.number,)).fetchone()
    names = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in row.columns)
    # Text that is not UTF-8 can only be bound as bytes; the cast makes it the text it was.
    marks = ", ".join("CAST(? AS TEXT)" if isinstance(value, str) else "?" for value in row.columns.values())
    values = [_bound(value) for value in row.columns.values()]
    link.execute(
        f"INSERT INTO voicemail_msgs (rowid, {names}) VALUES (?, {marks})",  # noqa: S608
        (None if taken else row.number, *values),
    )


def _rows(found: sqlite3.Cursor) -> list[Row]:
    names = [column[0] for column in found.description][1:]
    return [Row(number, dict(zip(names, values, strict=True))) for number, *values in found]


def _bound(value: Value) -> Value:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


def _text(value: Value) -> str:
    """What a column holds, as text of one line that can be shown."""
    if isinstance(value, bytes):
        value = value[: _LONGEST_TEXT * 4].decode("utf-8", "replace")
    return "" if value is None else clean(str(value)[:_LONGEST_TEXT])


def _number(value: Value, most: int) -> int | None:
    """A whole number from 0 to ``most``, None for anything else that a column may hold."""
    return int(value) if isinstance(value, int | float) and 0 <= value <= most else None
