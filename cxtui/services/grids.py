"""The lists of the console: a window of rows, each with its state and whose it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from cxtui.models.fields import Entity
from cxtui.store import listings
from cxtui.store.windows import Listing, Window

from .audit_filter import narrow
from .context import Context
from .states import Judge, State


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a list: the entity, the name of its company, its state, and what else stands in its columns."""

    row: Any
    company: str
    state: State
    more: str = ""


@dataclass(frozen=True, slots=True)
class GridPart:
    """Rows ``offset`` … of a list of ``total``; ``capped`` when a filter matches more than were counted."""

    offset: int
    rows: tuple[Shown, ...]
    total: int
    capped: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    listing: Listing[Any]
    judge: Callable[[Judge, Any], State]
    scoped: bool = True
    narrow: Callable[[Listing[Any], str, float], tuple[Listing[Any], str]] | None = None


GRIDS: dict[str, _Kind] = {
    "companies": _Kind(listings.COMPANIES, Judge.company, scoped=False),
    "profiles": _Kind(listings.PROFILES, Judge.profile, scoped=False),
    "ip_auth": _Kind(listings.IP_AUTH, Judge.ip_auth),
    "sip_users": _Kind(listings.SIP_USERS, Judge.sip_user),
    "blocks": _Kind(listings.BLOCKS, Judge.block),
    "audit": _Kind(listings.AUDIT, Judge.audit, scoped=False, narrow=narrow),
}


class Grid:
    """One list under one scope and filter. It may be read by one thread at a time."""

    def __init__(self, context: Context, kind: str, company_id: int | None = None, needle: str = "") -> None:
        self._context = context
        self._kind = GRIDS[kind]
        listing = self._kind.listing
        if self._kind.narrow is not None:
            listing, needle = self._kind.narrow(listing, needle, context.now())
        self._window = Window(listing, company_id if self._kind.scoped else None, needle)
        self._counted = False
        self.counting = 0.0
        """Seconds that the last count took."""

    def read(self, offset: int, limit: int, *, recount: bool = False) -> GridPart:
        """The rows from ``offset``, at most ``limit``; the total is counted the first time and when asked."""
        with self._context.database.snapshot() as link:
            if recount or not self._counted:
                began = perf_counter()
                self._window.count(link)
                self._counted, self.counting = True, perf_counter() - began
            part = self._window.read(link, offset, limit)
            judge = Judge(link, self._context.now(), part.rows)
            names = _names(link, part.rows)
            rows = tuple(_shown(self._kind, row, judge, names) for row in part.rows)
        return GridPart(part.offset, rows, part.total, part.capped)

    def first(self, limit: int) -> GridPart:
        """The first rows, at most ``limit``, without counting the others; ``capped`` when there may be more."""
        rows = self.after(None, limit)
        return GridPart(0, rows, len(rows), len(rows) == limit)

    def after(self, last: Shown | None, limit: int) -> tuple[Shown, ...]:
        """The rows that follow ``last`` (None: the first ones), at most ``limit``, for those who want all of them."""
        with self._context.database.snapshot() as link:
            rows = self._window.after(link, last.row if last else None, limit)
            judge = Judge(link, self._context.now(), rows)
            names = _names(link, tuple(rows))
            return tuple(_shown(self._kind, row, judge, names) for row in rows)


def show(context: Context, kind: str, rows: Sequence[Entity]) -> tuple[Shown, ...]:
    """Rows of one list as that list would show them."""
    with context.database.snapshot() as link:
        judge = Judge(link, context.now(), rows)
        names = _names(link, tuple(rows))
        return tuple(_shown(GRIDS[kind], row, judge, names) for row in rows)


def _shown(kind: _Kind, row: Entity, judge: Judge, names: dict[tuple[str, int], str]) -> Shown:
    company = names.get(("company", getattr(row, "company_id", None) or 0), "")
    profile = names.get(("sip_profile", getattr(row, "profile_id", None) or 0), "")
    try:
        state = kind.judge(judge, row)
    except ValueError:
        # Another program wrote something that no form lets through: one such row must not hide the others.
        state = State("damaged", "warning", "danger", "What is stored here cannot be read: edit it and save.", "edit")
    return Shown(row, company, state, profile)


def _names(link: sqlite3.Connection, rows: tuple[Any, ...]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for table, attribute in (("company", "company_id"), ("sip_profile", "profile_id")):
        wanted = sorted({key for row in rows if (key := getattr(row, attribute, None))})
        if wanted:
            marks = ",".join("?" * len(wanted))
            statement = f"SELECT id, name FROM {table} WHERE id IN ({marks})"  # noqa: S608
            found.update({(table, key): name for key, name in link.execute(statement, wanted)})
    return found
