"""Who is registered at a switch, kept true in the database: by its events, and by reading all of it now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Any

from cxtui.models.registration import MOST_PINGS, Registration
from cxtui.models.sip_user import Ping, SipUser
from cxtui.services import edge_reports
from cxtui.store.rows import first

from .control import Event, Refused
from .station import Station

_FLUSH = 0.2
_FEW = 40
"""Above so many users at once, all are read in one answer."""

_TIMEOUT = 60.0
_PINGED_FLAG = 1 << 6
_UNSET = ("<null>", "[not set]", "")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What only the REGISTER itself tells."""

    via: str
    transport: str
    nat: bool
    at: float


class Registrations:
    """The registrations of one switch."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._touched: set[str] = set()
        self._heard: dict[tuple[str, str], _Heard] = {}
        self._stir = asyncio.Event()

    def hear(self, event: Event) -> None:
        """A REGISTER was accepted, or a contact expired."""
        user = str(event.get("user", ""))[:64]
        if event["event"] == "registered":
            place = f"{event.get('source', '')}:{event.get('port', '')}"
            transport = str(event.get("transport", ""))[:8]
            heard = _Heard(str(event.get("via", ""))[:160], transport, bool(event.get("nat")), _moment(event))
            self._heard[user, place] = heard
        self._touched.add(user)
        self._stir.set()

    async def follow(self) -> None:
        """Write down what events told, several at once; runs until it is cancelled."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            users, self._touched = self._touched, set()
            if len(users) > _FEW:
                await self.read_all()
            else:
                await self._read(users)
            await asyncio.sleep(_FLUSH)

    async def poll(self) -> None:
        """Read all of it once a ping interval, after the switch has pinged; runs until it is cancelled."""
        while True:
            await asyncio.sleep(self._station.post.ping_interval)
            await self.read_all(pinged=True)

    async def read_all(self, *, pinged: bool = False) -> None:
        """Take over all that the switch holds. ``pinged`` counts a ping round as over."""
        said = await self._station.ask("ul.dump", timeout=_TIMEOUT)
        known = await self._station.store(
            edge_reports.known_registrations, self._station.context, self._station.edge_id
        )
        await self._write(known, list(_contacts(said)), pinged=pinged)

    async def remove(self, username: str, contact: str) -> bool:
        """Remove one contact at the switch; True once it is no longer there."""
        try:
            await self._station.ask("ul.rm_contact", "location", username, contact)
        except Refused as refusal:
            if "not found" not in refusal.said.lower():
                raise
        left = await self._of(username)
        await self._read({username})
        return all(row.get("Address") != contact for _, row in left)

    async def _read(self, users: Iterable[str]) -> None:
        names = sorted(users)
        known = await self._station.store(
            edge_reports.known_registrations, self._station.context, self._station.edge_id, names
        )
        found = [contact for name in names for contact in await self._of(name)]
        await self._write(known, found)

    async def _of(self, username: str) -> list[tuple[str, Mapping[str, Any]]]:
        try:
            said = await self._station.ask("ul.lookup", "location", username)
        except Refused:
            return []
        return list(_of_record(said))

    async def _write(
        self, known: list[Registration], found: list[tuple[str, Mapping[str, Any]]], *, pinged: bool = False
    ) -> None:
        before, changed, seen = {row.ruid: row for row in known}, [], set()
        for username, contact in found:
            ruid = str(contact.get("Ruid", ""))[:64]
            seen.add(ruid)
            now = self._row(username, contact, before.get(ruid))
            if pinged:
                now = _after_ping(now, contact, self._station.post.ping_interval)
            if now != before.get(ruid):
                changed.append(now)
        gone = [row.id for row in known if row.ruid not in seen]
        if changed or gone:
            await self._station.store(edge_reports.registered, self._station.context, changed, gone)
        if pinged:
            await self._end_silent(changed)

    def _row(self, username: str, contact: Mapping[str, Any], old: Registration | None) -> Registration:
        received = _place(_text(contact, "Received")) or _place(_text(contact, "Address"))
        heard = self._heard.pop((username, received), None)
        old = old or Registration(edge_id=self._station.edge_id, username=username, ruid=_text(contact, "Ruid")[:64])
        if heard is not None:
            old = replace(old, via=heard.via, transport=heard.transport, nat=heard.nat, registered_at=heard.at)
        modified = float(contact.get("Last-Modified", 0) or 0)
        return replace(
            old,
            contact=_text(contact, "Address")[:512],
            received=received[:80],
            transport=old.transport or _text(contact, "Socket").partition(":")[0][:8],
            socket=_text(contact, "Socket")[:80],
            user_agent=_text(contact, "User-Agent")[:300],
            registered_at=max(old.registered_at, modified),
            expires_at=_expiry(contact, old),
        )

    async def _end_silent(self, rows: Iterable[Registration]) -> None:
        """Remove what did not answer, where the user's mode says so (S-102, W-018)."""
        for row in rows:
            if row.missed >= self._station.post.missed_pings and await self._station.store(
                self._times_out, row.username
            ):
                await self.remove(row.username, row.contact)

    def _times_out(self, username: str) -> bool:
        with self._station.context.database.reading() as link:
            user = first(link, SipUser, "username = ?", (username,))
        return user is not None and user.nat_ping == Ping.TIMEOUT


def _after_ping(row: Registration, contact: Mapping[str, Any], interval: float) -> Registration:
    """The registration after a round of pings, if the switch pings it at all."""
    if not int(contact.get("CFlags", 0) or 0) & _PINGED_FLAG:
        return row
    answered, trip, now = float(contact.get("Last-Keepalive", 0) or 0), int(contact.get("KA-Roundtrip", 0) or 0), time()
    if now - row.registered_at < interval:
        # The first round may not have reached it yet.
        return row
    if trip and now - answered <= 1.5 * interval:
        return replace(row, last_ping_at=answered, round_trip=trip, missed=0, pings=remember(row.pings, answered, trip))
    return replace(row, round_trip=None, missed=row.missed + 1, pings=remember(row.pings, now, None))


def remember(pings: str, at: float, trip: int | None) -> str:
    """The history of pings with one more; the oldest leave it."""
    one = f"{int(at)}:{'-' if trip is None else trip}"
    kept = pings.split()
    return pings if kept and kept[-1] == one else " ".join([*kept, one][-MOST_PINGS:])


def _contacts(said: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for domain in _list(said, "Domains"):
        for record in _list(domain.get("Domain", {}), "AoRs"):
            yield from _of_record(record.get("Info", {}))


def _of_record(record: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    username = str(record.get("AoR", "")) if isinstance(record, dict) else ""
    for one in _list(record, "Contacts"):
        contact = one.get("Contact")
        if isinstance(contact, dict) and username:
            yield username[:64], contact


def _list(said: Any, name: str) -> list[dict[str, Any]]:
    found = said.get(name) if isinstance(said, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(contact: Mapping[str, Any], name: str) -> str:
    text = str(contact.get(name, ""))
    return "" if text in _UNSET else text.encode("utf-8", "replace").decode()


def _place(uri: str) -> str:
    """Host and port of a SIP URI."""
    return uri.removeprefix("sip:").removeprefix("sips:").rpartition("@")[2].split(";")[0]


def _expiry(contact: Mapping[str, Any], old: Registration) -> float:
    """When it expires. The switch counts whole seconds, so a difference of one is none."""
    left = contact.get("Expires", 0)
    if not isinstance(left, int):
        return 0.0
    ends = time() + left
    return old.expires_at if abs(ends - old.expires_at) < 2 else ends


def _moment(event: Event) -> float:
    try:
        return float(event.get("at", 0))
    except (TypeError, ValueError):
        return time()
