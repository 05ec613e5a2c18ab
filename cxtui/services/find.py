"""The search from anywhere: an address (what covers it, who registers from it), a network, a SIP user, a company."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cxtui.models.block import Block
from cxtui.models.ip_auth import IpAuth, direction_words
from cxtui.models.registration import Registration
from cxtui.models.sip_user import AllowedRange, SipUser
from cxtui.rules.addresses import AddressError, Network, covering_firsts, parse_network
from cxtui.store import listings
from cxtui.store.probes import covers, overlapping
from cxtui.store.rows import E, all_where, by_id
from cxtui.store.windows import Listing, Window

from .claims import company_name
from .context import Context
from .registrations import source

MOST = 20
"""How many hits of each kind are listed."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: ``grid`` is the list it stands in, ``id`` its row there."""

    grid: str
    id: int
    company_id: int | None
    title: str
    detail: str


def find(context: Context, text: str) -> list[Hit]:
    """What ``text`` may mean, the likeliest first; at most ``MOST`` of each kind. An empty text finds nothing."""
    wanted = text.strip()
    if not wanted:
        return []
    with context.database.snapshot() as link:
        try:
            network = parse_network(wanted)
        except AddressError:
            return _by_text(link, wanted)
        named = (hit for hit in _by_text(link, wanted) if hit.grid != "ip_auth")
        return [*_by_address(link, network, context.now()), *named]


def _by_address(link: sqlite3.Connection, network: Network, now: float) -> list[Hit]:
    probes = covering_firsts(network)
    # The narrowest network first; of two entries of one, the way in: that is where calls are let in or blocked.
    around = sorted(covers(link, IpAuth, network.last, probes), key=_narrowness)
    seen = {entry.id for entry in around}
    inside = overlapping(link, IpAuth, network.first, network.last, (), most_inside=MOST + len(around))
    entries = [*around, *(entry for entry in inside if entry.id not in seen)][: 2 * MOST]
    hits = [_ip_hit(link, entry, _relation(entry, network)) for entry in entries]
    blocked = "lifted_at IS NULL AND packed BETWEEN ? AND ? ORDER BY packed LIMIT ?"
    rows = link.execute(f"SELECT id FROM block WHERE {blocked}", (network.first, network.last, MOST))  # noqa: S608
    hits += [_block_hit(link, key) for (key,) in rows]
    hits += _registered(link, network, now)
    for item in overlapping(link, AllowedRange, network.first, network.last, probes, most_inside=MOST)[:MOST]:
        user = by_id(link, SipUser, item.sip_user_id)
        if user is not None:
            hits.append(_sip_hit(link, user, f"allow list holds {item.address}"))
    return hits


def _registered(link: sqlite3.Connection, network: Network, now: float) -> list[Hit]:
    """The users whose devices are registered from the network, each once."""
    where = "packed BETWEEN ? AND ? AND expires_at > ? ORDER BY packed, username LIMIT ?"
    contacts = all_where(link, Registration, where, (network.first, network.last, now, MOST))
    users = {row.sip_user_id: row for row in reversed(contacts) if row.sip_user_id}
    found = ((by_id(link, SipUser, key), row) for key, row in reversed(users.items()))
    return [_sip_hit(link, user, f"registered from {source(row)}, SIP user") for user, row in found if user is not None]


def _narrowness(entry: IpAuth) -> tuple[int, str]:
    return int.from_bytes(entry.last) - int.from_bytes(entry.first), entry.direction


def _by_text(link: sqlite3.Connection, text: str) -> list[Hit]:
    companies = (
        Hit("companies", company.id, company.id, company.name, f"{company.kind}, {company.status}")
        for company in _search(link, listings.COMPANIES, text)
    )
    users = (_sip_hit(link, user, "SIP user") for user in _search(link, listings.SIP_USERS, text))
    entries = (
        _ip_hit(link, entry, direction_words(entry.direction)) for entry in _search(link, listings.IP_AUTH, text)
    )
    hits = [*companies, *users, *entries]
    exact = text.lower()
    return sorted(hits, key=lambda hit: (hit.title.lower() != exact, not hit.title.lower().startswith(exact)))


def _search(link: sqlite3.Connection, listing: Listing[E], text: str) -> tuple[E, ...]:
    window = Window(listing, needle=text)
    window.count(link)
    return window.read(link, 0, MOST).rows


def _relation(entry: IpAuth, network: Network) -> str:
    words = direction_words(entry.direction)
    if (entry.first, entry.last) == (network.first, network.last):
        return words
    if entry.first <= network.first and entry.last >= network.last:
        return f"covers {network.text}, {words}"
    return f"inside {network.text}, {words}"


def _ip_hit(link: sqlite3.Connection, entry: IpAuth, detail: str) -> Hit:
    name = company_name(link, entry.company_id)
    return Hit("ip_auth", entry.id, entry.company_id, entry.address, f"IP entry of {name}: {detail}")


def _sip_hit(link: sqlite3.Connection, user: SipUser, detail: str) -> Hit:
    return Hit(
        "sip_users", user.id, user.company_id, user.username, f"{detail} of {company_name(link, user.company_id)}"
    )


def _block_hit(link: sqlite3.Connection, key: int) -> Hit:
    block = by_id(link, Block, key)
    assert block is not None
    name = company_name(link, block.company_id)
    return Hit(
        "blocks", key, block.company_id, block.address, f"BLOCKED: {block.reason}" + (f", {name}" if name else "")
    )
