"""Deleted messages: kept in a folder of the storage, row and recording, until they are put back or purged.

A deletion is a folder ``<storage>/voicemail/<profile>/.trash/<id>/``. ``rows.json`` is written first and taken away
first, so a folder without it has nothing to give back. The recordings are second names of the files in their places.
``gone`` says that the rows have left the table; without it a crash came in between, and the table says which side of
the commit it was on. Whoever keeps, puts back or discards holds the write lock of the store.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxtui.rules.printable import clean

from .errors import VoicemailError, files_in_words
from .files import belong, duplicate, find, is_inside, is_same, make_folder, retire, sync
from .rows import Row, Value

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_ROWS = "rows.json"
_GONE = "gone"


@dataclass(frozen=True, slots=True)
class Kept:
    """One deleted row; ``place`` is where its recording stood, ``copy`` its name in the trash, None without a file."""

    row: Row
    place: Path | None
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted at once, from which mailbox and when; ``is_gone`` when the rows have surely left the table."""

    folder: Path
    domain: str
    user: str
    at: float
    kept: tuple[Kept, ...]
    is_gone: bool


class Trash:
    """The deletions of one profile of mod_voicemail."""

    def __init__(self, storage: Path, folder: Path) -> None:
        self.storage, self.folder = storage, folder

    def keep(
        self, trash_id: str, domain: str, user: str, at: float, rows: Sequence[Row], shared: Container[Value] = ()
    ) -> Deletion:
        """Write the rows down and give each recording a second name; nothing is taken away yet.

        Files in ``shared`` belong to other messages too and stay where they are.
        """
        folder = self._place(trash_id)
        undone = "nothing was deleted"
        self._check_folders(undone)
        with files_in_words(folder, undone):
            make_folder(self.folder)
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                raise VoicemailError(f"The trash holds a deletion {trash_id} already; nothing was deleted.") from None
            try:
                belong(folder, self.folder)
                sync(self.folder)
                deletion = Deletion(folder, domain, user, at, self._plan(folder, rows, shared), is_gone=False)
                _write(deletion)
                for kept in deletion.kept:
                    if kept.place and kept.copy:
                        duplicate(kept.place, kept.copy)
                sync(folder)
            except BaseException:
                self.discard(folder)
                raise
        return deletion

    def finish(self, deletion: Deletion) -> None:
        """Take the recordings from their places, now that no row leads to them."""
        # What cannot be taken away now is only a file too many; purging tries again.
        with suppress(OSError):
            (deletion.folder / _GONE).touch()
            sync(deletion.folder)
        for kept in deletion.kept:
            if kept.place and kept.copy:
                with suppress(OSError):
                    retire(kept.place, kept.copy)

    def reopen(self, deletion: Deletion) -> None:
        """Note that the rows may be in the table again."""
        (deletion.folder / _GONE).unlink(missing_ok=True)
        sync(deletion.folder)

    def replace(self, returning: Sequence[Kept]) -> None:
        """Give recordings their places again, where they are not there yet."""
        for kept in returning:
            if kept.place and kept.copy and not os.path.lexists(kept.place):
                make_folder(kept.place.parent)
                duplicate(kept.copy, kept.place)
        for folder in {kept.place.parent for kept in returning if kept.place}:
            sync(folder)

    def read(self, trash_id: str) -> Deletion | None:
        """A deletion, None when its folder has nothing to give back."""
        folder = self._place(trash_id)
        if not folder.is_dir():
            raise VoicemailError("The trash does not hold this deletion any more: it was put back or purged.")
        return self._read(folder)

    def discard(self, folder: Path) -> None:
        """Forget a deletion."""
        (folder / _ROWS).unlink(missing_ok=True)
        sync(folder)
        shutil.rmtree(folder, ignore_errors=True)

    def ids(self, before: float | None = None) -> list[str]:
        """The deletions in the trash, those of before a moment only, in the order of their ids."""
        return [folder.name for folder in self._folders() if before is None or self._at(folder) < before]

    def purge(self, deletion: Deletion, present: Container[str]) -> None:
        """Forget a deletion for good, with what ``finish`` left of it; messages in ``present`` keep their files."""
        for kept in deletion.kept:
            if kept.place and kept.copy and kept.row.uuid not in present:
                with suppress(FileNotFoundError):
                    if is_same(kept.copy, kept.place):
                        kept.place.unlink()
        self.discard(deletion.folder)

    def _place(self, trash_id: str) -> Path:
        if not _ID.match(trash_id):
            raise VoicemailError("That is no id of a deletion; nothing was changed.")
        return self.folder / trash_id

    def _check_folders(self, undone: str) -> None:
        with files_in_words(self.storage, undone):
            if not self.storage.is_dir():
                raise VoicemailError(f"The storage folder {clean(str(self.storage))} is missing; {undone}.")
            parent = Path(os.path.realpath(self.folder.parent))
            if self.folder.is_symlink() or not parent.is_relative_to(os.path.realpath(self.storage)):
                raise VoicemailError(f"{clean(str(self.folder))} leads to another place; {undone}.")

    def _plan(self, folder: Path, rows: Sequence[Row], shared: Container[Value]) -> tuple[Kept, ...]:
        """Which recording goes under which name; one that must not be touched stays where it is."""
        plan = []
        for number, row in enumerate(rows):
            noted = row.columns.get("file_path")
            place = None if noted in shared else find(self.storage, noted).path
            if place is None:
                plan.append(Kept(row, None, None))
                continue
            if not os.access(place.parent, os.W_OK | os.X_OK):
                raise VoicemailError(f"You may not take files from {clean(str(place.parent))}; nothing was deleted.")
            suffix = place.suffix if place.suffix.isascii() and place.suffix[1:].isalnum() else ""
            plan.append(Kept(row, place, folder / f"{number}{suffix}"))
        return tuple(plan)

    def _folders(self) -> list[Path]:
        with files_in_words(self.folder):
            if not self.folder.is_dir():
                return []
            found = [Path(entry.path) for entry in os.scandir(self.folder) if entry.is_dir(follow_symlinks=False)]
        return sorted(folder for folder in found if _ID.match(folder.name))

    def _at(self, folder: Path) -> float:
        with suppress(VoicemailError):
            deletion = self._read(folder)
            if deletion:
                return deletion.at
        try:
            return folder.stat().st_mtime
        except OSError:
            return math.inf

    def _read(self, folder: Path) -> Deletion | None:
        try:
            said = json.loads((folder / _ROWS).read_text("ascii"))
            kept = tuple(self._kept(folder, entry) for entry in said["rows"])
            is_gone = (folder / _GONE).exists()
            return Deletion(folder, str(said["domain"]), str(said["user"]), float(said["at"]), kept, is_gone)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            shown = clean(str(folder / _ROWS))
            raise VoicemailError(f"What was deleted cannot be read from {shown}; its files stay there.") from None

    def _kept(self, folder: Path, entry: dict[str, Any]) -> Kept:
        columns = {str(name): _value(value) for name, value in entry["columns"].items()}
        row = Row(int(entry["number"]), columns)
        if entry["place"] is None:
            return Kept(row, None, None)
        place, copy = Path(entry["place"]), str(entry["copy"])
        if Path(copy).name != copy or not is_inside(self.storage, Path(os.path.realpath(place))):
            raise ValueError(copy)
        return Kept(row, place, folder / copy)


def _write(deletion: Deletion) -> None:
    """Write the rows of a deletion down, whole or not at all."""
    rows = [
        {
            "number": kept.row.number,
            "columns": {name: _plain(value) for name, value in kept.row.columns.items()},
            "place": str(kept.place) if kept.place else None,
            "copy": kept.copy.name if kept.copy else None,
        }
        for kept in deletion.kept
    ]
    said = json.dumps({"at": deletion.at, "domain": deletion.domain, "user": deletion.user, "rows": rows}, indent=1)
    part = deletion.folder / f"{_ROWS}.part"
    with part.open("w", encoding="ascii") as file:
        file.write(said)
        file.flush()
        os.fsync(file.fileno())
    belong(part, deletion.folder)
    part.replace(deletion.folder / _ROWS)
    sync(deletion.folder)


def _plain(value: Value) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError
