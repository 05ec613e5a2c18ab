"""What stands beside an address, as far as it is looked at: one wide network may hold a hundred thousand others."""

from __future__ import annotations

import sqlite3

from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.rules.conflicts import AllowClaim, Claim
from cxtui.services.bulk.facts import Names, allowed, claims
from cxtui.services.ranges import covering

MOST = 40
"""So many beside one range are compared, those that hold it first; each of the others is judged as well."""

_INSIDE = "first BETWEEN ? AND ? AND typeof(last) = 'blob'"


def rivals(link: sqlite3.Connection, entry: IpAuth, names: Names) -> list[Claim]:
    """The other enabled entries of its direction and port; those inside that make errors first."""
    same = "enabled AND direction = ? AND port = ? AND id <> ?"
    found = _meeting(
        link, "ip_auth", entry.address, entry.first, entry.last, same, (entry.direction, entry.port, entry.id)
    )
    return [*claims(link, found, names).values()]


def lists(link: sqlite3.Connection, entry: IpAuth, names: Names) -> list[AllowClaim]:
    """The networks of SIP users' allow lists."""
    found = _meeting(link, "allowed_range", entry.address, entry.first, entry.last, "1", ())
    return [*allowed(link, found, names).values()]


def sending(link: sqlite3.Connection, address: str, first: bytes, last: bytes, names: Names) -> list[Claim]:
    """The enabled entries that send to us."""
    found = _meeting(link, "ip_auth", address, first, last, "enabled AND direction = ?", (Direction.EGRESS.value,))
    return [*claims(link, found, names).values()]


def claim(entry: IpAuth, company: str) -> Claim:
    """A stored entry as the conflict rules compare it."""
    return Claim(
        id=entry.id,
        company_id=entry.company_id,
        company=company,
        address=entry.address,
        first=entry.first,
        last=entry.last,
        direction=entry.direction,
        port=entry.port,
        cli_authentication=entry.cli_authentication,
        enabled=entry.enabled,
    )


def _meeting(
    link: sqlite3.Connection,
    table: str,
    address: str,
    first: bytes,
    last: bytes,
    where: str,
    values: tuple[object, ...],
) -> list[int]:
    probes = covering(address, first)
    marks = ",".join("?" * len(probes))
    order = " ORDER BY cli_authentication" if table == "ip_auth" else ""
    around = f"SELECT id FROM {table} WHERE first IN ({marks}) AND last >= ? AND {where} LIMIT {MOST}"  # noqa: S608
    inside = f"SELECT id FROM {table} WHERE {_INSIDE} AND {where}{order} LIMIT {MOST}"  # noqa: S608
    found = [key for (key,) in link.execute(around, (*probes, last, *values))]
    found += [key for (key,) in link.execute(inside, (first, last, *values))]
    return list(dict.fromkeys(found))
