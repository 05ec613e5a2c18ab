"""All rows of a list as CSV, which an import takes for no change at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from cxtui.models.fields import Entity, specs
from cxtui.models.sip_user import SipUser
from cxtui.rules.csv_table import lines_of
from cxtui.rules.printable import clean
from cxtui.services.context import Context
from cxtui.services.outcome import ServiceError
from cxtui.store import listings
from cxtui.store.windows import Listing, Window

from .columns import exported, heading, text
from .facts import Names
from .plan import Progress

_AT_ONCE = 2_000
_COMPANY = specs(SipUser)["company_id"]
_LISTS: dict[str, Listing[Any]] = {"ip_auth": listings.IP_AUTH, "sip_users": listings.SIP_USERS}


def export(
    context: Context, kind: str, company_id: int | None, target: Path | BinaryIO, progress: Progress | None = None
) -> int:
    """Write all rows of a company (None: of all) to ``target`` in the order of their list; returns how many.

    UTF-8, never with passwords. A file is made with mode 0600 and takes the place of an older one once it is whole.
    ``progress`` is not told of how many. Raises ``ServiceError`` where the file cannot be written.
    """
    found = lines(context, kind, company_id)
    if not isinstance(target, Path):
        return _write(found, target, progress)
    if target.exists() and not target.is_file():
        raise ServiceError(f"{clean(str(target))} is no file: name one, or write to standard output.")
    try:
        return _replace(found, target, progress)
    except OSError as problem:
        raise ServiceError(f"{clean(str(target))} cannot be written: {problem.strerror}.") from None


def lines(context: Context, kind: str, company_id: int | None) -> Iterator[str]:
    """The lines of an export with their ends, the heading first; read while they are taken."""
    with context.database.reading() as link:
        names = Names(link)
    columns = exported(kind)
    yield from lines_of([[heading(name) for name in columns]])
    window = Window(_LISTS[kind], company_id)
    last: Entity | None = None
    while True:
        with context.database.reading() as link:
            rows: Sequence[Any] = window.after(link, last, _AT_ONCE)
        yield from lines_of(
            [
                text(spec or _COMPANY, getattr(row, name if spec else "company_id"), names.words)
                for name, spec in columns.items()
            ]
            for row in rows
        )
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1]


def _replace(found: Iterator[str], target: Path, progress: Progress | None) -> int:
    """Write a file beside ``target`` and put it in its place. Raises ``OSError``."""
    # mkstemp makes it readable for its owner alone.
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            count = _write(found, file, progress)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return count


def _write(found: Iterator[str], target: BinaryIO, progress: Progress | None) -> int:
    count = -1
    for count, line in enumerate(found):
        # A lone surrogate, which another program may have stored, has no bytes of its own.
        target.write(line.encode("utf-8", errors="replace"))
        if progress is not None and count % _AT_ONCE == 0:
            progress(count, 0)
    return count
