"""Who is registered at a switch, kept true in the database: by its events, and by reading all of it now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import time

from cxtui.models.registration import Registration
from cxtui.models.sip_user import Ping, SipUser
from cxtui.services import edge_reports
from cxtui.store.rows import first

from .contacts import Contact, contacts, of_record, ruid
from .control import Event, Refused
from .pings import Pings
from .station import Station

_FLUSH = 0.2
_FEW = 1_000
"""Above so many users at once, all are read in one answer."""

_AT_ONCE = 50
_TIMEOUT = 60.0
_UNSET = ("<null>", "[not set]", "n/a", "")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What only the REGISTER itself tells."""

    place: str
    via: str
    transport: str
    nat: bool
    at: float


_Key = tuple[str, str, int]
"""A REGISTER by its user, Call-ID and CSeq, which the switch keeps with the contact (RFC 3261 §10.2)."""

_Calls = Mapping[_Key, _Heard]


class Registrations:
    """The registrations of one switch."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._touched: set[str] = set()
        self._asked: set[str] = set()
        self._meanwhile: set[str] = set()
        self._reading = asyncio.Lock()
        self._heard: dict[_Key, _Heard] = {}
        self._stir = asyncio.Event()
        self._pings = Pings(station.post.ping_interval)

    def hear(self, event: Event) -> None:
        """A REGISTER was accepted, or a contact expired."""
        user = str(event.get("user", ""))[:64]
        if event["event"] == "registered":
            self._heard[user, str(event.get("call", ""))[:255], _number(event, "cseq")] = _Heard(
                place(str(event.get("source", "")), event.get("port")),
                _text(event, "via")[:160],
                str(event.get("transport", ""))[:8],
                bool(event.get("nat")),
                _moment(event),
            )
        self._touched.add(user)
        self._meanwhile.add(user)
        self._stir.set()

    async def follow(self) -> None:
        """Write down what events told, several at once; runs until it is cancelled."""
        while True:
            await self._stir.wait()
            self._stir.clear()
            users, self._touched = self._touched, set()
            heard, self._heard = self._heard, {}
            if len(users) > _FEW:
                await self.read_all(heard=heard)
            else:
                await self._read_touched(users, heard)
            await asyncio.sleep(_FLUSH)

    async def poll(self) -> None:
        """Read all of it once a ping interval, after the switch has pinged; runs until it is cancelled."""
        while True:
            await asyncio.sleep(self._station.post.ping_interval)
            await self.read_all(pinged=True)

    async def read_all(self, *, pinged: bool = False, heard: _Calls | None = None) -> None:
        """Take over all that the switch holds. ``pinged`` counts a ping round as over."""
        async with self._reading:
            # Of a user that is heard of while the switch tells, its event knows better.
            self._meanwhile = {*self._touched, *self._asked}
            told = list(contacts(await self._station.ask("ul.dump", timeout=_TIMEOUT)))
            known = await self._known()
            aside = self._meanwhile
            self._heard = {key: one for key, one in (heard or {}).items() if key[0] in aside} | self._heard
            await self._write(
                [row for row in known if row.username not in aside],
                [(user, contact) for user, contact in told if user not in aside],
                heard or {},
                pinged=pinged,
            )
        if pinged:
            self._pings.forget({ruid(contact) for _, contact in told})

    async def find(self, username: str, ruid: str) -> Contact | None:
        """A contact as the switch holds it now, None where it does not."""
        return next((row for _, row in await self._of(username) if row.get("Ruid") == ruid), None)

    async def remove(self, username: str, ruid: str) -> bool:
        """Remove one contact at the switch; True once it is no longer there."""
        contact = await self.find(username, ruid)
        if contact is not None:
            try:
                await self._station.ask("ul.rm_contact", "location", username, str(contact.get("Address", "")))
            except Refused as refusal:
                if not _is_missing(refusal):
                    raise
        gone = await self.find(username, ruid) is None
        await self._read({username}, {})
        return gone

    async def _known(self, names: Sequence[str] | None = None) -> list[Registration]:
        station = self._station
        return await station.store(edge_reports.known_registrations, station.context, station.edge_id, names)

    async def _read_touched(self, users: set[str], heard: _Calls) -> None:
        self._asked = users
        try:
            await self._read(users, heard)
        finally:
            self._asked = set()

    async def _read(self, users: Iterable[str], heard: _Calls) -> None:
        names = sorted(users)
        known = await self._known(names)
        found = []
        for start in range(0, len(names), _AT_ONCE):
            answers = await asyncio.gather(*map(self._of, names[start : start + _AT_ONCE]))
            found += [contact for answer in answers for contact in answer]
        await self._write(known, found, heard)

    async def _of(self, username: str) -> list[tuple[str, Contact]]:
        try:
            said = await self._station.ask("ul.lookup", "location", username)
        except Refused as refusal:
            if not _is_missing(refusal):
                raise
            return []
        return list(of_record(said))

    async def _write(
        self, known: list[Registration], found: Sequence[tuple[str, Contact]], heard: _Calls, *, pinged: bool = False
    ) -> None:
        before = {row.ruid: row for row in known}
        changed, seen = [], set()
        for username, contact in found:
            old = before.get(ruid(contact))
            seen.add(ruid(contact))
            now = self._row(username, contact, old, heard)
            if pinged:
                now = self._pings.judge(now, contact, time())
            if now != old:
                changed.append(now)
        gone = [row.id for row in known if row.ruid not in seen]
        if changed or gone:
            await self._station.store(edge_reports.registered, self._station.context, changed, gone)
        if pinged:
            await self._end_silent(changed)

    def _row(self, username: str, contact: Contact, old: Registration | None, heard: _Calls) -> Registration:
        received, modified = _host_and_port(_text(contact, "Received")), float(contact.get("Last-Modified", 0) or 0)
        newest = heard.get((username, str(contact.get("Call-ID", "")), _number(contact, "CSeq")))
        if old is None:
            edge_id = self._station.edge_id
            old = Registration(edge_id=edge_id, username=username, ruid=ruid(contact), nat=bool(received))
        if newest is not None:
            old = replace(old, via=newest.via, transport=newest.transport, nat=newest.nat, registered_at=newest.at)
            received = newest.place
        received = received or old.received or _host_and_port(_text(contact, "Address"))
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
                await self.remove(row.username, row.ruid)

    def _times_out(self, username: str) -> bool:
        with self._station.context.database.reading() as link:
            user = first(link, SipUser, "username = ?", (username,))
        return user is not None and user.nat_ping == Ping.TIMEOUT


def place(host: str, port: object) -> str:
    """An address with its port: IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_missing(refusal: Refused) -> bool:
    return "not found" in refusal.said.lower()


def _text(contact: Contact | Event, name: str) -> str:
    text = str(contact.get(name, ""))
    return "" if text in _UNSET else text.encode("utf-8", "replace").decode()


def _number(contact: Contact | Event, name: str) -> int:
    value = contact.get(name)
    return value if isinstance(value, int) else -1


def _host_and_port(uri: str) -> str:
    """Host and port of a SIP URI."""
    return uri.removeprefix("sip:").removeprefix("sips:").rpartition("@")[2].split(";")[0]


def _expiry(contact: Contact, old: Registration) -> float:
    """When it expires. The switch counts whole seconds, so a difference of one is none."""
    ends = time() + int(contact.get("Expires", 0))
    return old.expires_at if abs(ends - old.expires_at) < 2 else ends


def _moment(event: Event) -> float:
    try:
        return float(event.get("at", 0))
    except (TypeError, ValueError):
        return time()
