"""What can go wrong with the database, as sentences for the operator."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxtui.models.errors import SentenceError


class StoreError(SentenceError):
    """The database cannot do what was asked; the message says why and what to do."""


class MissingDatabase(StoreError):
    """There is no database file yet."""


class OutdatedDatabase(StoreError):
    """The database was made by an older cxtui and has to be migrated first."""


_SENTENCES = (
    ("database is locked", "The database {path} is locked by another program; nothing was changed. Try again."),
    ("readonly database", "The database {path} is read-only for you; nothing was changed."),
    ("attempt to write a readonly", "The database {path} is read-only for you; nothing was changed."),
    ("database or disk is full", "The disk with {path} is full; nothing was changed. Free space, then try again."),
    ("malformed", "The database {path} is damaged. Restore a backup, or recover it with: sqlite3 {path} .recover"),
    ("not a database", "{path} is not a cxtui database."),
    ("unable to open database", "The database {path} cannot be opened: check that it exists and that you may read it."),
    ("disk i/o error", "The disk with {path} reports an error; nothing was changed."),
    ("no such table", "{path} is not a cxtui database, or it was never initialised. Run: cxtui init"),
)


def sentence(path: Path, problem: BaseException) -> str:
    """What the operator is told about ``problem``, an error of the database driver."""
    said = str(problem).lower()
    for needle, words in _SENTENCES:
        if needle in said:
            return words.format(path=path)
    return f"The database {path} refused: {type(problem).__name__}; nothing was changed."


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn errors of the driver, bare or wrapped, into ``StoreError``."""
    try:
        yield
    except StoreError:
        raise
    except sqlite3.Error as problem:
        raise StoreError(sentence(path, problem)) from problem
    except (UnicodeEncodeError, OverflowError):
        raise StoreError("The database cannot hold such a text or number; nothing was changed.") from None
    except OSError as problem:
        raise StoreError(f"The database {path} cannot be opened: {problem.strerror or problem}.") from problem
    except Exception as problem:
        driver = getattr(problem, "orig", None)
        if isinstance(driver, sqlite3.Error):
            raise StoreError(sentence(path, driver)) from None
        raise
