"""Recordings on the disk: found only inside the storage folder, copied out, and moved so that no crash loses one."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cxtui.rules.printable import clean

TRASH = ".trash"
"""The name of the folders for deleted messages; FreeSWITCH's own are named after domains."""

_WAV_HEADER = 44
_NO_LINK = {errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of the file that a row notes: ``path`` and ``bytes`` when it may be opened, and what is wrong."""

    path: Path | None = None
    bytes: int | None = None
    problem: str = ""


def find(storage: Path, noted: object) -> Recording:
    """The recording that a row notes, looked at but never opened; links are followed and must end in ``storage``."""
    if not isinstance(noted, str) or not noted:
        return Recording(problem="The row names no file.")
    if "\0" in noted or not Path(noted).is_absolute():
        return Recording(problem="The row names no complete path.")
    if not os.path.isdir(storage):  # noqa: PTH112 - Path.is_dir raises where nobody may look
        return Recording(problem=f"The storage folder {clean(str(storage))} is missing.")
    real = Path(os.path.realpath(noted))
    if not is_inside(storage, real):
        return Recording(problem="Its file lies outside the storage folder and is not opened.")
    return _look(real)


def is_inside(storage: Path, real: Path) -> bool:
    """Whether a path without links lies in the storage folder, and not in a trash."""
    root = Path(os.path.realpath(storage))
    return real != root and real.is_relative_to(root) and TRASH not in real.relative_to(root).parts


def _look(real: Path) -> Recording:
    try:
        state = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return Recording(problem=f"Its file is missing: {clean(str(real))}.")
    except OSError as problem:
        return Recording(problem=f"Its file cannot be reached: {problem.strerror}.")
    if not stat.S_ISREG(state.st_mode):
        return Recording(problem="Its file is not an ordinary file and is not opened.")
    if not os.access(real, os.R_OK):
        return Recording(problem=f"You have no right to read its file {clean(str(real))}.")
    if state.st_size == 0:
        return Recording(real, 0, "Its file is empty.")
    if real.suffix.lower() == ".wav" and state.st_size <= _WAV_HEADER:
        return Recording(real, state.st_size, "Its file holds no sound.")
    return Recording(real, state.st_size)


def open_plain(path: Path) -> BinaryIO:
    """Open an ordinary file for reading; whatever took its place in the meantime is refused. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    return os.fdopen(descriptor, "rb")


def copy_out(source: BinaryIO, target: Path) -> None:
    """Write a copy that only its owner may read; ``target`` appears whole or not at all, and never replaces a file.

    Raises ``OSError``, ``FileExistsError`` among them.
    """
    import tempfile

    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    descriptor, name = tempfile.mkstemp(prefix=".cxtui-", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fsync(copy.fileno())
        try:
            os.link(part, target)
        except OSError as problem:
            if problem.errno not in _NO_LINK:
                raise
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync(target.parent)


def duplicate(source: Path, target: Path) -> None:
    """Give a file a second name: a link where the system allows it, else a copy with the same owner, mode and times.

    The name is only safe once its folder is synced, which costs the same for one name and for many.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in _NO_LINK:
            raise
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        with open_plain(source) as original, part.open("xb") as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copystat(source, part)
        _give(part, source.stat())
        part.replace(target)


def retire(source: Path, target: Path) -> None:
    """Take away the first name of a file that ``duplicate`` gave a second one."""
    with suppress(FileNotFoundError):
        if os.path.samestat(source.lstat(), target.lstat()):
            source.unlink()
        else:
            try:
                source.replace(target)
            except OSError as problem:
                if problem.errno != errno.EXDEV:
                    raise
                source.unlink()


def is_same(one: Path, other: Path) -> bool:
    """Whether two files are one, or alike to the last byte."""
    import filecmp

    return os.path.samestat(one.lstat(), other.lstat()) or filecmp.cmp(one, other, shallow=False)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, which belong to whom the nearest one that exists belongs to."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700)
    belong(folder, folder.parent)
    sync(folder.parent)


def belong(path: Path, folder: Path) -> None:
    """Let those who may use ``folder`` use ``path`` in it, and nobody else: other operators undo, FreeSWITCH reads."""
    state = folder.stat()
    _give(path, state)
    path.chmod(stat.S_IMODE(state.st_mode) & (0o2770 if path.is_dir() else 0o660))


def sync(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give(path: Path, state: os.stat_result) -> None:
    """Hand a file to the owner and group of another, as far as this user may."""
    for owner, group in ((state.st_uid, -1), (-1, state.st_gid)):
        with suppress(PermissionError):
            os.chown(path, owner, group)
