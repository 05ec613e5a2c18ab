"""Connections to the SQLite file of mod_voicemail, which FreeSWITCH reads and writes at the same time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from cxtui.rules.printable import clean

from .errors import VoicemailError, store_in_words

BUSY_TIMEOUT_MS = 2_000


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that refuses every write, closed at the end so that it never keeps FreeSWITCH waiting."""
    with store_in_words(path), closing(_connect(path)) as link:
        link.execute("PRAGMA query_only = 1")
        yield link


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction, which has the file to itself from its beginning; it is committed at the end or not at all."""
    with store_in_words(path), closing(_connect(path)) as link:
        if not os.access(path, os.W_OK):
            raise VoicemailError(f"The voicemail store {clean(str(path))} is read-only for you; nothing was changed.")
        link.execute("BEGIN IMMEDIATE")
        try:
            yield link
            # A commit waits until nobody reads, even when there is nothing to write.
            link.execute("COMMIT" if link.total_changes else "ROLLBACK")
        except BaseException:
            with suppress(sqlite3.Error):
                link.execute("ROLLBACK")
            raise


def _connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; the file is never made."""
    try:
        found = path.is_file()
    except (OSError, ValueError):
        raise VoicemailError(f"The voicemail store {clean(str(path))} cannot be opened: you may not read it.") from None
    if not found:
        raise VoicemailError(
            f"There is no voicemail store {clean(str(path))}: FreeSWITCH makes it when it loads mod_voicemail."
        )
    mode = "rw" if os.access(path, os.W_OK) else "ro"
    link = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000
    )
    link.text_factory = _text
    link.execute("PRAGMA synchronous = FULL")
    return link


def _text(raw: bytes) -> str:
    """Text whatever its bytes are; encoded the same way it is those bytes again."""
    return raw.decode("utf-8", "surrogateescape")
