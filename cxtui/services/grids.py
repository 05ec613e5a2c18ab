"""The lists of the console: a window of rows, each with its state and whose it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cxtui.models.fields import Entity
from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.store import listings
from cxtui.store.names import table_of
from cxtui.store.windows import Listing, Window

from . import registrations
from .audit_filter import narrow
from .context import Context
from .states import Judge
from .usual_state import State

if TYPE_CHECKING:
    from .presence import Editor


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a list: the entity, the name of its company, its state, and what else stands in its columns.

    ``more`` is the profile of a SIP user or the edge of a registration. ``editors`` are those who are editing it,
    ``contacts`` where a SIP user is or lately was registered.
    """

    row: Any
    company: str
    state: State
    more: str = ""
    editors: tuple[Editor, ...] = ()
    contacts: tuple[Registration, ...] = ()


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
    "registrations": _Kind(listings.REGISTRATIONS, Judge.registration, narrow=registrations.narrow),
    "blocks": _Kind(listings.BLOCKS, Judge.block),
    "audit": _Kind(listings.AUDIT, Judge.audit, scoped=False, narrow=narrow),
}
_NAMED = (("company", "company_id"), ("sip_profile", "profile_id"), ("edge", "edge_id"))


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
            rows = _all_shown(self._kind, link, self._context.now(), part.rows)
        return GridPart(part.offset, rows, part.total, part.capped)

    def first(self, limit: int) -> GridPart:
        """The first rows, at most ``limit``, without counting the others; ``capped`` when there may be more."""
        rows = self.after(None, limit)
        return GridPart(0, rows, len(rows), len(rows) == limit)

    def after(self, last: Shown | None, limit: int) -> tuple[Shown, ...]:
        """The rows that follow ``last`` (None: the first ones), at most ``limit``, for those who want all of them."""
        with self._context.database.snapshot() as link:
            rows = self._window.after(link, last.row if last else None, limit)
            return _all_shown(self._kind, link, self._context.now(), rows)


def show(context: Context, kind: str, rows: Sequence[Entity]) -> tuple[Shown, ...]:
    """Rows of one list as that list would show them."""
    with context.database.snapshot() as link:
        return _all_shown(GRIDS[kind], link, context.now(), rows)


def _all_shown(kind: _Kind, link: sqlite3.Connection, now: float, rows: Sequence[Entity]) -> tuple[Shown, ...]:
    judge, names, editing = Judge(link, now, rows), _names(link, rows), _editing(link, now, rows)
    return tuple(_shown(kind, row, judge, names, editing.get(row.id, ())) for row in rows)


def _shown(
    kind: _Kind, row: Entity, judge: Judge, names: dict[tuple[str, int], str], editors: tuple[Editor, ...]
) -> Shown:
    company = names.get(("company", getattr(row, "company_id", None) or 0), "")
    profile = names.get(("sip_profile", getattr(row, "profile_id", None) or 0), "")
    edge = names.get(("edge", getattr(row, "edge_id", None) or 0), "")
    try:
        state = kind.judge(judge, row)
    except ValueError:
        # Another program wrote something that no form lets through: one such row must not hide the others.
        state = State("damaged", "warning", "danger", "What is stored here cannot be read: edit it and save.", "edit")
    contacts = judge.contacts.get(row.id, ()) if isinstance(row, SipUser) else ()
    return Shown(row, company, state, profile or edge, editors, contacts)


def _editing(link: sqlite3.Connection, now: float, rows: Sequence[Entity]) -> Mapping[int, tuple[Editor, ...]]:
    """Who is editing which of the rows, all of one kind; mostly nobody."""
    if not rows or link.execute("SELECT 1 FROM presence LIMIT 1").fetchone() is None:
        return {}
    from .presence import editing

    return editing(link, table_of(type(rows[0])), now)


def _names(link: sqlite3.Connection, rows: Sequence[Any]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for table, attribute in _NAMED:
        wanted = sorted({key for row in rows if (key := getattr(row, attribute, None))})
        if wanted:
            marks = ",".join("?" * len(wanted))
            statement = f"SELECT id, name FROM {table} WHERE id IN ({marks})"  # noqa: S608
            found.update({(table, key): name for key, name in link.execute(statement, wanted)})
    return found
