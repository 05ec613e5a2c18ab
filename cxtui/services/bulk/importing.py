"""A CSV file of IP entries or SIP users as a plan (W-090)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cxtui.models.findings import Finding, error, errors
from cxtui.rules import csv_table
from cxtui.rules.csv_table import FILE, MOST_BYTES, Table, plain
from cxtui.services.context import Context

from . import judging
from .columns import PASSWORD, match
from .plan import Batch, Column, Mode, Plan, Progress, Secrets

_REMEMBERED = 10_000


def plan_import(
    context: Context,
    kind: str,
    source: Path | bytes,
    progress: Progress | None = None,
    *,
    company_id: int | None = None,
) -> Plan:
    """What the rows of a file would do; nothing is written. ``kind`` is "ip_auth" or "sip_users".

    A row that names a stored one, by its username or by its company, address and direction, changes only what the file
    has columns for; others are created. ``company_id`` is whose the rows are that name no company. A file that cannot
    be read or understood is a plan without rows whose ``faults`` say why.
    """
    empty = Batch(kind, Mode.IMPORT, (), [], company_id)
    try:
        data = source if isinstance(source, bytes) else _bytes(source)
    except OSError as problem:
        return judging.unplanned(empty, [error(FILE, f"cannot be read: {problem.strerror}")])
    table = csv_table.read(data)
    found, faults = match(kind, table.header, owned=company_id is not None) if table.header else ((), [])
    faults = [*table.findings, *faults]
    if errors(faults):
        return judging.unplanned(replace(empty, columns=found), faults)
    batch = _batch(empty, found, table)
    with context.database.snapshot() as link:
        return judging.plan(context, link, batch, progress, faults)


def _bytes(path: Path) -> bytes:
    """What a file holds, at most a little more than is allowed."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _batch(empty: Batch, found: tuple[Column, ...], table: Table) -> Batch:
    """The rows of a table without their passwords, which stand apart."""
    secret = next((place for place, column in enumerate(found) if column.name == PASSWORD), None)
    rows: list[tuple[int, tuple[str, ...]]] = []
    problems: dict[int, Finding] = {}
    passwords = Secrets()
    blank = ("",) * len(found)
    seen: dict[str, str] = {}
    for line, cells, problem in table.rows:
        if problem:
            problems[line] = error(FILE, problem)
            cells = blank
        if secret is not None:
            if cells[secret]:
                passwords[len(rows)] = cells[secret]
            cells = (*cells[:secret], *cells[secret + 1 :])
        rows.append((line, tuple(_kept(cells, seen))))
    columns = tuple(column for column in found if column.name != PASSWORD)
    return replace(empty, columns=columns, rows=rows, problems=problems, passwords=passwords)


def _kept(cells: Iterable[str], seen: dict[str, str]) -> Iterable[str]:
    """The cells as they are meant; the same short text is kept once, however many rows have it."""
    for cell in cells:
        text = plain(cell)
        if len(seen) < _REMEMBERED:
            yield seen.setdefault(text, text)
        else:
            yield seen.get(text, text)
