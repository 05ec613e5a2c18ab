"""What can go wrong with voicemail, as sentences for the operator."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxtui.models.errors import SentenceError
from cxtui.rules.printable import clean


class VoicemailError(SentenceError):
    """The voicemail store or the mail server did not do what was asked; the message says why and what to do."""


_STORE = (
    ("locked", "FreeSWITCH is writing to the voicemail store {path}; nothing was changed. Try again."),
    ("readonly", "The voicemail store {path} is read-only for you; nothing was changed."),
    ("disk is full", "The disk with {path} is full; nothing was changed. Free space, then try again."),
    (
        "malformed",
        "The voicemail store {path} is damaged. Restore a backup, or try: sqlite3 {path} .recover",
    ),
    ("not a database", "{path} is not a voicemail store of FreeSWITCH."),
    ("unable to open", "The voicemail store {path} cannot be opened: check that it exists and that you may read it."),
    ("disk i/o error", "The disk with {path} reports an error; nothing was changed."),
    ("no such table", "{path} holds no voicemail tables: FreeSWITCH makes them when it loads mod_voicemail."),
    ("no column named", "The voicemail tables in {path} are not those the message came from; nothing was changed."),
    ("no such column", "The voicemail tables in {path} are not those of FreeSWITCH's mod_voicemail."),
)
_FILE = {
    errno.ENOENT: "{path}: there is no such file or folder; {undone}.",
    errno.EEXIST: "{path} is there already; {undone}. Choose another name.",
    errno.ENOTDIR: "{path}: a part of it is not a folder; {undone}.",
    errno.ENOSPC: "The disk with {path} is full; {undone}. Free space, then try again.",
    errno.EDQUOT: "Your share of the disk with {path} is used up; {undone}. Free space, then try again.",
    errno.EROFS: "The disk with {path} is read-only; {undone}.",
    errno.EACCES: "{path}: you have no right to do that; {undone}.",
    errno.EPERM: "{path}: you have no right to do that; {undone}.",
    errno.ENAMETOOLONG: "The name {path} is too long; {undone}.",
}


@contextmanager
def store_in_words(path: Path) -> Iterator[None]:
    """Turn what the driver says of the store at ``path`` into ``VoicemailError``."""
    shown = clean(str(path))
    try:
        yield
    except sqlite3.Error as problem:
        said = str(problem).lower()
        words = next((words for needle, words in _STORE if needle in said), "")
        code = getattr(problem, "sqlite_errorname", "no reason given")
        words = words or f"The voicemail store {{path}} refused: {code}; nothing was changed."
        raise VoicemailError(words.format(path=shown)) from None
    except (UnicodeEncodeError, OverflowError):
        raise VoicemailError("The voicemail store cannot hold such a text or number; nothing was changed.") from None


@contextmanager
def files_in_words(path: Path, undone: str = "nothing was changed") -> Iterator[None]:
    """Turn what the system says of files at ``path`` into ``VoicemailError``; ``undone`` says what did not happen."""
    try:
        yield
    except OSError as problem:
        shown = clean(str(path))
        words = _FILE.get(problem.errno or 0, "{path}: {said}; {undone}.")
        said = problem.strerror or type(problem).__name__
        raise VoicemailError(words.format(path=shown, said=said, undone=undone)) from None
    except ValueError:
        raise VoicemailError(f"{clean(str(path))} cannot be the name of a file; {undone}.") from None
