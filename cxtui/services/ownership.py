"""Whose address is blocked: kept on the block, so that the list can put customers first."""

from __future__ import annotations

import sqlite3

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import AllowedRange
from cxtui.rules.addresses import covering_firsts, parse_network, unpack
from cxtui.store.probes import covers


def owner_of(link: sqlite3.Connection, packed: bytes) -> int | None:
    """The company that an address belongs to: by its narrowest IP entry, else by a SIP user's allow list."""
    probes = covering_firsts(parse_network(unpack(packed)))
    entries = covers(link, IpAuth, packed, probes)
    if entries:
        return min(entries, key=lambda entry: int.from_bytes(entry.last) - int.from_bytes(entry.first)).company_id
    for item in covers(link, AllowedRange, packed, probes):
        found = link.execute("SELECT company_id FROM sip_user WHERE id = ?", (item.sip_user_id,)).fetchone()
        if found:
            return int(found[0])
    return None


def refresh_owners(link: sqlite3.Connection, first: bytes, last: bytes) -> None:
    """Say anew whose the blocked addresses of a range are, after its entry was added, changed or deleted."""
    blocked = link.execute(
        "SELECT id, packed FROM block WHERE packed BETWEEN ? AND ? AND lifted_at IS NULL", (first, last)
    ).fetchall()
    owners = [(owner_of(link, packed), block_id) for block_id, packed in blocked]
    link.executemany(
        "UPDATE block SET company_id = ?1, ours = (?1 IS NOT NULL), version = version + 1"
        " WHERE id = ?2 AND company_id IS NOT ?1",
        owners,
    )


def forget_company(link: sqlite3.Connection, company_id: int) -> None:
    """Leave no block, lifted ones included, with a company that is about to be deleted."""
    link.execute(
        "UPDATE block SET company_id = NULL, ours = 0, version = version + 1 WHERE company_id = ?", (company_id,)
    )
