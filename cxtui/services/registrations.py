"""Where SIP users are registered, as the edges hold it, and how their devices answer pings (S-101, W-020, W-023)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import NamedTuple, TypeAlias

from cxtui.models.registration import MOST_PINGS, Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.durations import since
from cxtui.rules.nat_endpoints import parse_address
from cxtui.rules.nat_paths import contact_of
from cxtui.rules.networks import pack
from cxtui.rules.printable import clean
from cxtui.store import filters
from cxtui.store.rows import all_where
from cxtui.store.windows import Listing

from .context import Context

Ping: TypeAlias = tuple[float, int | None]
"""When a ping was sent, in seconds since the epoch, and its round trip in µs; None where no answer came."""

_LONGEST_TRIP = 2**31
_WORDS = 48
"""Characters of a stranger's text that stand in one of our sentences."""

_MOST_WORDS = 8
_MOST_HOMES = 100
_SEARCHED = ("username", "received", "user_agent", "contact")


class Standing(NamedTuple):
    """How a user's registrations stand: the word, glyph, tone and reason of a state."""

    word: str
    glyph: str
    tone: str
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """The pings that are remembered of a contact, oldest first; the round trips are in µs, None without an answer."""

    pings: tuple[Ping, ...]
    lost: int
    least: int | None
    median: int | None
    most: int | None


def of_users(link: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[Registration, ...]]:
    """The contacts of each of the users, the one registered last first, those that have expired among them."""
    found: dict[int, list[Registration]] = {}
    where = "sip_user_id IN (SELECT value FROM json_each(?)) ORDER BY registered_at DESC, id DESC"
    for row in all_where(link, Registration, where, (json.dumps([*ids]),)) if ids else ():
        found.setdefault(row.sip_user_id or 0, []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def of_user(context: Context, user: SipUser) -> tuple[Registration, ...]:
    """The contacts of one user, in the same order."""
    with context.database.reading() as link:
        return of_users(link, [user.id]).get(user.id, ())


def sources(context: Context, ids: Iterable[int | None]) -> dict[int | None, str]:
    """Where each of some contacts (ids) registered from; those that are gone meanwhile are left out."""
    with context.database.reading() as link:
        found = all_where(link, Registration, "id IN (SELECT value FROM json_each(?))", (json.dumps([*ids]),))
    return {row.id: source(row) for row in found}


def hosts(contacts: Iterable[Registration]) -> list[str]:
    """The addresses that contacts registered from, each once, in their order, as far as they can be read."""
    sources = dict.fromkeys(parse_address(contact_of(row).received) for row in contacts)
    return [str(source) for source in sources if source is not None]


def addresses(contacts: Iterable[Registration]) -> list[bytes]:
    """The same, packed."""
    return [*map(pack, hosts(contacts))]


def home(link: sqlite3.Connection, username: str, now: float) -> tuple[str, ...]:
    """The addresses that a user is registered from now, the one of the last REGISTER first."""
    where = "username = ? AND expires_at > ? ORDER BY registered_at DESC, id DESC LIMIT ?"
    return tuple(hosts(all_where(link, Registration, where, (username, now, _MOST_HOMES))))


def addresses_of(context: Context, users: Iterable[SipUser]) -> list[bytes]:
    """The packed addresses that users are registered from now."""
    now = context.now()
    with context.database.reading() as link:
        theirs = of_users(link, [user.id for user in users])
    return addresses(row for rows in theirs.values() for row in rows if live(row, now))


def count(link: sqlite3.Connection, now: float, company_id: int | None = None) -> int:
    """How many contacts are registered, of a company or in all."""
    mine, values = ("", (now,)) if company_id is None else (" AND company_id = ?", (now, company_id))
    statement = f"SELECT count(*) FROM registration WHERE expires_at > ?{mine}"  # noqa: S608
    return int(link.execute(statement, values).fetchone()[0])


def live(row: Registration, now: float) -> bool:
    """Whether it is in force still."""
    return row.expires_at > now


def pings(row: Registration) -> tuple[Ping, ...]:
    """The pings that are remembered, oldest first; what cannot be read of them is left out."""
    found = (_ping(word) for word in row.pings.split()[-MOST_PINGS:])
    return tuple(ping for ping in found if ping is not None)


def history(row: Registration) -> History:
    """The pings that are remembered, with what they have in common."""
    known = pings(row)
    trips = sorted(trip for _, trip in known if trip is not None)
    if not trips:
        return History(known, len(known), None, None, None)
    return History(known, len(known) - len(trips), trips[0], trips[len(trips) // 2], trips[-1])


def seen_at(row: Registration) -> float:
    """When something was last heard of the device: a REGISTER, or the answer to a ping."""
    return max(row.registered_at, row.last_ping_at or 0.0)


def lost(row: Registration) -> int:
    """How many pings in a row went unanswered since the device was last heard of."""
    unanswered = 0
    for word in reversed(row.pings.split()):
        ping = _ping(word)
        if ping is None or ping[1] is not None or ping[0] <= row.registered_at:
            break
        unanswered += 1
    return max(row.missed, unanswered)


def standing(contacts: Sequence[Registration], now: float, unheard: Mapping[int, str]) -> Standing:
    """How a user with these contacts stands; ``unheard`` are the edges that vouch for nothing now, each with why."""
    known = [row for row in contacts if live(row, now)]
    if not known:
        ended = max((row.expires_at for row in contacts), default=None)
        last = f" The last registration ended {since(now - ended)}." if ended is not None else ""
        return Standing("offline", "offline", "muted", f"Not registered.{last}")
    heard = [row for row in known if row.edge_id not in unheard]
    if not heard:
        why = f"The edge that holds the registration: {unheard[known[0].edge_id]}."
        return Standing("edge silent", "warning", "warning", why)
    row, more = foremost(heard), f" {len(heard)} contacts." if len(heard) > 1 else ""
    device = f" by “{clip(row.user_agent)}”" if row.user_agent else ""
    if missed := lost(row):
        which = "the last ping was" if missed == 1 else f"the last {missed} pings were"
        why = f"Registered from {source(row)}{device}, but {which} not answered.{more}"
        return Standing("timeout", "timeout", "warning", why)
    trip = f", {latency(row.round_trip)}" if row.round_trip is not None else ""
    return Standing("online", "ok", "success", f"Registered from {source(row)}{device}{trip}.{more}")


def foremost(rows: Sequence[Registration]) -> Registration:
    """The contact that speaks for several: one that answers its pings before one that does not, then the newest."""
    return min(rows, key=lambda row: (lost(row) > 0, -row.registered_at))


def source(row: Registration) -> str:
    """The address and port that it registered from; what it claims as its contact where that is not known."""
    return clip(row.received or row.contact) or "an unknown address"


def latency(micros: int) -> str:
    """A round trip as it is read: "0.3 ms", "12 ms", "1.2 s"."""
    millis = micros / 1000
    if millis >= 999.5:
        return f"{millis / 1000:.1f} s"
    return f"{millis:.1f} ms" if millis < 9.95 else f"{millis:.0f} ms"


def clip(text: str, length: int = _WORDS) -> str:
    """A stranger's text, made printable, with as much of it as leaves room for our own words."""
    text = clean(text)
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def narrow(listing: Listing[Registration], text: str, now: float) -> tuple[Listing[Registration], str]:
    """The list of those that contain each word of a filter; no index is kept of what changes all the time."""
    words = filters.clean(text).lower().split()[:_MOST_WORDS]
    conditions = [listing.where, *(_contains(word) for word in words)]
    return replace(listing, where=" AND ".join(conditions)), ""


def _contains(word: str) -> str:
    literal = word.replace("'", "''")
    return "(" + " OR ".join(f"instr(lower(registration.{name}), '{literal}')" for name in _SEARCHED) + ")"


def _ping(word: str) -> Ping | None:
    at, _, trip = word.partition(":")
    try:
        when, micros = float(at), None if trip == "-" else int(trip)
    except ValueError:
        return None
    sound = isfinite(when) and when > 0 and (micros is None or 0 <= micros <= _LONGEST_TRIP)
    return (when, micros) if sound else None
