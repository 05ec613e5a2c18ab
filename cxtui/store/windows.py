"""The part of a long list that a screen shows, read by key and never by counting through the table.

A list of a million rows is read some hundred at a time. The position of a window is given as an offset; it is reached
from the nearest known place (the start, the end, or the window read last), so that scrolling costs the same anywhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cxtui.models.fields import Entity

from . import filters
from .names import table_of
from .rows import build, columns, select

E = TypeVar("E", bound=Entity)

CAP = 10_000
"""Matches of a filter are counted and listed up to here."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[E]):
    """A list that can be shown: which rows, in which order, searched by what.

    ``order`` names columns that end in a unique one; all of them ascend, or all descend. ``where`` is a fixed
    condition. ``prefix`` is the indexed column that one or two typed characters are looked up in.
    """

    entity: type[E]
    order: tuple[str, ...]
    prefix: str
    descending: bool = False
    where: str = "1"


@dataclass(frozen=True, slots=True)
class Part(Generic[E]):
    """Rows ``offset`` … of a list of ``total``; ``capped`` when there are more matches than were counted."""

    offset: int
    rows: tuple[E, ...]
    total: int
    capped: bool = False


class Window(Generic[E]):
    """One list under one scope and filter, as one pane looks at it.

    ``company_id`` narrows it to a company (None: all), ``needle`` to the rows that contain it (up to two characters:
    that begin with it).
    """

    def __init__(self, listing: Listing[E], company_id: int | None = None, needle: str = "") -> None:
        self._listing = listing
        self._table = table_of(listing.entity)
        self._needle = filters.clean(needle)
        self._scope, self._scope_values = listing.where, list[Any]()
        if company_id is not None:
            self._scope += f" AND {self._table}.company_id = ?"
            self._scope_values.append(company_id)
        self._where, self._values, self._filtered = self._scope, self._scope_values, False
        self._counted, self._counted_values, self._more = self._scope, self._scope_values, False
        self._anchor: tuple[int, tuple[Any, ...]] | None = None
        self._total = 0
        self._capped = False

    def count(self, link: sqlite3.Connection) -> int:
        """Count the rows anew; of a filter at most ``CAP``. The next ``read`` reports it."""
        self._filter(link)
        # Without a condition SQLite counts pages, not rows, six times as fast.
        where = f" WHERE {self._counted}" if self._counted != "1" else ""
        limit = f" LIMIT {CAP + 1}" if self._needle else ""
        matches: int = link.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {self._table}{where}{limit})", self._counted_values
        ).fetchone()[0]
        self._capped = bool(self._needle) and (matches > CAP or self._more)
        self._total = min(matches, CAP) if self._needle else matches
        return self._total

    def read(self, link: sqlite3.Connection, offset: int, limit: int) -> Part[E]:
        """The rows from ``offset``, at most ``limit``."""
        found = self._found(link, offset, limit)
        if not found and self._total:
            # The list has shrunk below the place since it was counted.
            self.count(link)
            found = self._found(link, offset, limit)
        offset = self._clamped(offset)
        if found:
            index = columns(self._listing.entity).index
            self._anchor = (offset, tuple(found[0][index(name)] for name in self._listing.order))
        rows = tuple(build(self._listing.entity, row) for row in found)
        return Part(offset, rows, max(self._total, offset + len(rows)), self._capped)

    def after(self, link: sqlite3.Connection, last: E | None, limit: int) -> list[E]:
        """The rows that follow ``last`` (None: the first ones), at most ``limit``, of a filter too without ``CAP``.

        Going on by key neither repeats nor misses a row, whatever is written between two calls.
        """
        if last is None or not self._filtered:
            self._filter(link)
        bound = None
        if last is not None:
            key = tuple(getattr(last, name) for name in self._listing.order)
            bound = ("<" if self._listing.descending else ">", key)
        return [build(self._listing.entity, row) for row in self._page(link, self._order(), limit, 0, bound)]

    def _filter(self, link: sqlite3.Connection) -> None:
        self._filtered = True
        if self._needle:
            found = filters.condition(
                link,
                self._table,
                self._listing.prefix,
                self._needle,
                whole=not self._scope_values,
                sorted_by=self._listing.order[0],
            )
            self._where, self._values = (
                f"{self._scope} AND {found.reading}",
                [*self._scope_values, *found.reading_values],
            )
            self._counted = f"{self._scope} AND {found.counting}"
            self._counted_values, self._more = [*self._scope_values, *found.counting_values], found.more

    def _clamped(self, offset: int) -> int:
        return max(0, min(offset, max(0, self._total - 1)))

    def _found(self, link: sqlite3.Connection, offset: int, limit: int) -> list[Sequence[Any]]:
        offset = self._clamped(offset)
        return self._rows(link, offset, min(limit, self._total - offset) if self._needle else limit)

    def _order(self, *, backwards: bool = False) -> str:
        way = "DESC" if self._listing.descending is not backwards else "ASC"
        return ", ".join(f"{self._table}.{name} {way}" for name in self._listing.order)

    def _rows(self, link: sqlite3.Connection, offset: int, limit: int) -> list[Sequence[Any]]:
        # The end of a capped list is not the end of what matches.
        from_end = self._total if self._capped else self._total - offset - limit
        from_anchor = abs(offset - self._anchor[0]) if self._anchor else offset + 1
        if offset <= min(from_end, from_anchor) or self._total <= limit:
            return self._page(link, self._order(), limit, offset)
        if from_end <= from_anchor:
            skip = max(0, from_end)
            return self._page(link, self._order(backwards=True), self._total - offset - skip, skip)[::-1]
        return self._from_anchor(link, offset, limit)

    def _from_anchor(self, link: sqlite3.Connection, offset: int, limit: int) -> list[Sequence[Any]]:
        assert self._anchor is not None
        known, key = self._anchor
        after, before = ("<=", ">") if self._listing.descending else (">=", "<")
        if offset < known:
            back = self._page(link, self._order(backwards=True), 1, known - offset - 1, (before, key))
            if not back:
                return self._page(link, self._order(), limit, offset)
            index = columns(self._listing.entity).index
            known, key = offset, tuple(back[0][index(name)] for name in self._listing.order)
        return self._page(link, self._order(), limit, offset - known, (after, key))

    def _page(
        self,
        link: sqlite3.Connection,
        order: str,
        limit: int,
        skip: int,
        bound: tuple[str, tuple[Any, ...]] | None = None,
    ) -> list[Sequence[Any]]:
        where, values = self._where, list(self._values)
        if bound:
            keys = ", ".join(f"{self._table}.{name}" for name in self._listing.order)
            where += f" AND ({keys}) {bound[0]} ({', '.join('?' * len(bound[1]))})"
            values += bound[1]
        statement = f"{select(self._listing.entity)} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        return link.execute(statement, [*values, limit, skip]).fetchall()
