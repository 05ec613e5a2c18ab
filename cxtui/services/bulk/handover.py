"""The file that hands passwords over: made before they are set, gone again if they are not (S-125)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from cxtui.rules.csv_table import defused, line
from cxtui.rules.printable import clean
from cxtui.services.outcome import ServiceError, refuse

HEADING = ("company", "username", "password", "realm")
FIELD = "handover"
"""The field of what is wrong with the file."""


class Sheet:
    """A new file for passwords, open for its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.change_id = ""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise refuse(FIELD, f"{clean(str(path))} is there already: name a new file") from None
        except OSError as problem:
            raise refuse(FIELD, _unwritten(path, problem)) from None

    def fill(self, rows: Iterable[Sequence[str]]) -> None:
        """Write the rows under the heading; they are on the disk then. Raises ``ServiceError``.

        Username and password stand there as they are, because devices are set up from them; a name is defused.
        """
        try:
            with os.fdopen(os.dup(self._file), "w", encoding="utf-8", newline="") as file:
                file.write(line(HEADING))
                file.writelines(line([defused(company), *rest]) for company, *rest in rows)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(self.path)
        except OSError as problem:
            raise ServiceError(f"{_unwritten(self.path, problem)}; nothing was changed.") from None

    def close(self) -> None:
        """Close it."""
        os.close(self._file)


@contextmanager
def handing_over(path: Path | None, is_stored: Callable[[str], bool]) -> Iterator[Sheet | None]:
    """A sheet at ``path``, None where there is none to be; the file is removed if anything is raised, unless its change
    ``is_stored`` by then: an interrupt may come behind the commit.

    Raises ``Refused`` where the file exists or cannot be made.
    """
    if path is None:
        yield None
        return
    sheet = Sheet(path)
    try:
        yield sheet
    except BaseException:
        if not (sheet.change_id and is_stored(sheet.change_id)):
            with suppress(OSError):
                path.unlink()
        raise
    finally:
        sheet.close()


def _sync_folder(path: Path) -> None:
    """Make the name of a new file as lasting as what is in it."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritten(path: Path, problem: OSError) -> str:
    return f"{clean(str(path))} cannot be written: {problem.strerror}"
