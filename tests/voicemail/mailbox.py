"""What the voicemail tests share: a store to look into behind its back, and ways to die."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from cxtui.models.voicemail import Message
from cxtui.voicemail.freeswitch import FreeSwitchStore

NOW = 1_700_000_000
DOMAIN = "sip.example.net"
USER = "1003"
OTHER = "1004"
NOBODY = 65_534

COLUMNS = (
    "created_epoch",
    "read_epoch",
    "username",
    "domain",
    "uuid",
    "cid_name",
    "cid_number",
    "in_folder",
    "file_path",
    "message_len",
    "flags",
    "read_flags",
    "forwarded_by",
)

_ONLY_LOOKING = {
    *("message", "listed", "stored", "shared", "_rows", "_text", "_number", "uuid", "created", "is_new", "is_message"),
    *("find", "is_inside", "_look", "is_same", "_chosen", "_returning", "_place", "_check_folders", "_folders"),
    *("_plan", "_plain", "_value", "_kept", "_at", "listcomp", "setcomp", "dictcomp", "genexpr", "lambda"),
}
"""Functions that touch nothing: to be killed in one of them is to be killed before it or after it."""


def query(store: FreeSwitchStore, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """What another program reads from the store, text as bytes."""
    with closing(sqlite3.connect(store.database)) as link:
        link.text_factory = bytes
        return [tuple(row) for row in link.execute(statement, values)]


def execute(store: FreeSwitchStore, statement: str, values: tuple[Any, ...] = ()) -> None:
    """FreeSWITCH writes to the store."""
    with closing(sqlite3.connect(store.database)) as link, link:
        link.execute(statement, values)


def folder_of(store: FreeSwitchStore, user: str = USER) -> Path:
    """Where the recordings of a mailbox are."""
    return store.storage / "voicemail" / "default" / DOMAIN / user


def leave(store: FreeSwitchStore, uuid: str, /, **columns: Any) -> Path:
    """FreeSWITCH takes a message: a row, and a recording unless ``file_path`` says otherwise."""
    path = folder_of(store) / f"msg_{uuid}.wav"
    row = dict.fromkeys(COLUMNS, "") | {
        "created_epoch": NOW,
        "read_epoch": 0,
        "username": USER,
        "domain": DOMAIN,
        "uuid": uuid,
        "cid_number": "2001",
        "in_folder": "inbox",
        "file_path": str(path),
        "message_len": 3,
        "read_flags": "B_NORMAL",
    }
    row |= columns
    if row["file_path"] == str(path):
        path.write_bytes(b"RIFF" + uuid.encode() * 20)
    marks = ", ".join("?" * len(row))
    execute(store, f"INSERT INTO voicemail_msgs ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    return path


def rows(store: FreeSwitchStore) -> list[tuple[Any, ...]]:
    """Every row with its number and the kind of every value."""
    kinds = ", ".join(f"typeof({column})" for column in COLUMNS)
    return query(store, f"SELECT rowid, *, {kinds} FROM voicemail_msgs ORDER BY rowid")


def files(store: FreeSwitchStore) -> dict[str, tuple[bytes, int, int]]:
    """Every recording outside the trash: its bytes, mode and time."""
    return {
        str(path.relative_to(store.storage)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(store.storage.rglob("*"))
        if path.is_file() and ".trash" not in path.parts
    }


def everything(store: FreeSwitchStore) -> tuple[Any, Any]:
    """All that must be as it was after a deletion was taken back."""
    return rows(store), files(store)


def one(store: FreeSwitchStore, uuid: str) -> Message:
    """A message of the mailbox."""
    [found] = [message for message in store.messages(DOMAIN, USER) if message.uuid == uuid]
    return found


def uuids(store: FreeSwitchStore, user: str = USER) -> list[str]:
    """The messages that a mailbox lists."""
    return [message.uuid for message in store.messages(DOMAIN, user)]


@contextmanager
def locked(store: FreeSwitchStore, how: str = "EXCLUSIVE") -> Iterator[None]:
    """FreeSWITCH is in the middle of a write."""
    with closing(sqlite3.connect(store.database, isolation_level=None)) as link:
        link.execute(f"BEGIN {how}")
        yield


@contextmanager
def without_rights() -> Iterator[None]:
    """As an ordinary user: root may do everything."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def dies_at(step: int, act: Callable[[], object]) -> bool:
    """Run ``act`` in a process of its own that is killed by SIGKILL before its line number ``step``.

    Counted are the lines that run in the voicemail room. False when it came to its end before.
    """
    child = os.fork()
    if child == 0:
        try:
            _die_before(step)
            act()
            os._exit(0)
        finally:
            os._exit(3)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _die_before(step: int) -> None:
    left = step
    room = Path(sys.modules[FreeSwitchStore.__module__].__file__ or "").parent

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        path = Path(frame.f_code.co_filename)
        if path.parent != room or path.name == "errors.py":
            return None
        if frame.f_code.co_name.strip("<>") in _ONLY_LOOKING:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
