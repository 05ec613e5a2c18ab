"""The overview: company by company, each with its IP entries and then its SIP users, and at last what is nobody's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias, TypeVar

from cxtui.models.company import Company
from cxtui.services.bulk.facts import Names
from cxtui.services.codecs import FIELD, known_codecs
from cxtui.services.context import Context
from cxtui.store.listings import COMPANIES, IP_AUTH, SIP_USERS
from cxtui.store.rows import E, by_id
from cxtui.store.windows import Listing, Window

from .companies import company_problems, limits, overlapping_blocks
from .crossings import crossings
from .entries import entry_problems
from .problems import Ground, Problem
from .strays import stray_problems
from .users import user_problems, worth_a_look
from .views import bindable, view

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], object]
"""Told now and then how many rows were looked at, and of how many; what it raises ends the work."""

_AT_ONCE = 500
"""Rows that are read and judged under one view of the database."""


def lint(context: Context, company_id: int | None = None, progress: Progress | None = None) -> Iterator[Problem]:
    """Everything that is wrong or doubtful in what is stored, of one company or (None) of the whole account.

    Problems come by company, in the order of their names, then those of no company. They are found while they are
    asked for, some hundred rows at a time, and none is kept. What is committed meanwhile may be seen or not.
    """
    with view(context) as link:
        total = sum(_count(link, table, company_id) for table in ("ip_auth", "sip_user"))
        walk = _Walk(context, total, progress)
        ground = Ground(Names(link), known_codecs(context)[FIELD], crossings(link))
        overlapping = overlapping_blocks(link)
    for company in _companies(context, company_id):
        yield from walk.company(company, ground, overlapping)
    if company_id is None:
        yield from stray_problems(context)
    walk.tell(total)


class _Walk:
    """Goes through the rows and says how far it is."""

    def __init__(self, context: Context, total: int, progress: Progress | None) -> None:
        self._context = context
        self._total = total
        self._progress = progress
        self._done = 0
        self.tell(0)

    def tell(self, done: int) -> None:
        """Say how many rows were looked at by now."""
        self._done = min(max(done, self._done), self._total)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def company(self, company: Company, ground: Ground, overlapping: set[int]) -> Iterator[Problem]:
        """The problems of a company and of all that it has."""
        with view(self._context) as link:
            bounds = limits(link, company)
            users = _count(link, "sip_user", company.id)
            found = list(company_problems(link, company, bounds.used, overlapping))
        yield from found
        yield from self._rows(IP_AUTH, company.id, partial(entry_problems, company=company.name, ground=ground))
        before = self._done
        listing = replace(SIP_USERS, where=worth_a_look(bounds))
        yield from self._rows(listing, company.id, partial(user_problems, limits=bounds, ground=ground))
        self.tell(before + users)

    def _rows(
        self,
        listing: Listing[E],
        company_id: int,
        judge: Callable[[sqlite3.Connection, Sequence[E]], Iterator[Problem]],
    ) -> Iterator[Problem]:
        for rows, found in _windows(self._context, Window(listing, company_id), listing.order, judge):
            yield from found
            self.tell(self._done + rows)


def _companies(context: Context, company_id: int | None) -> Iterator[Company]:
    if company_id is not None:
        with view(context) as link:
            company = by_id(link, Company, company_id)
        yield from [company] if company is not None else []
        return
    for _, rows in _windows(context, Window(COMPANIES), COMPANIES.order, lambda _, rows: rows):
        yield from rows


def _windows(
    context: Context,
    window: Window[E],
    order: Sequence[str],
    judge: Callable[[sqlite3.Connection, Sequence[E]], Iterable[T]],
) -> Iterator[tuple[int, list[T]]]:
    """How many rows each window has, and what was made of them."""
    last: E | None = None
    again: set[int] = set()
    while True:
        with view(context) as link:
            # Behind a key that is no text, the rows since the last one that is are read once more.
            read = window.after(link, last, _AT_ONCE + len(again))
            rows = [row for row in read if row.id not in again]
            found = list(judge(link, rows))
        yield len(rows), found
        if len(rows) < _AT_ONCE:
            return
        last = bindable(read[-1], order)
        again = set() if last is read[-1] else again.union(row.id for row in read)


def _count(link: sqlite3.Connection, table: str, company_id: int | None) -> int:
    where = "" if company_id is None else " WHERE company_id = ?"
    values = () if company_id is None else (company_id,)
    return int(link.execute(f"SELECT count(*) FROM {table}{where}", values).fetchone()[0])  # noqa: S608
