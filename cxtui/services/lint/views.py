"""Reading rows that another program wrote: text that is no UTF-8 must not hide all other rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cxtui.services.context import Context
from cxtui.store.rows import E


@contextmanager
def view(context: Context) -> Iterator[sqlite3.Connection]:
    """One unchanging view of the data; bytes that are no text come as halves of characters."""
    with context.database.snapshot() as link:
        link.text_factory = _lenient
        try:
            yield link
        finally:
            link.text_factory = str


def is_text(value: object) -> bool:
    """Whether a value is text that can be written as it is."""
    return isinstance(value, str) and (value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value))


def bindable(row: E, names: Sequence[str]) -> E:
    """``row`` with keys that the database takes, as near as can be to those that it has."""
    broken: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        if isinstance(value, str) and not is_text(value):
            broken[name] = value.encode("utf-8", "replace").decode()
    return replace(row, **broken) if broken else row


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
