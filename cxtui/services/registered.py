"""Addresses that SIP users are registered from, beside IP entries and allow lists (C-13, S-084)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from cxtui.models.findings import Finding, Severity, warning
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.conflicts import Claim

_MOST = 5
_LIVE = "expires_at > CAST(strftime('%s', 'now') AS REAL)"
_WITHIN = f"SELECT DISTINCT received FROM registration WHERE packed BETWEEN ? AND ? AND {_LIVE} LIMIT {_MOST}"  # noqa: S608
_AT = f"SELECT DISTINCT username FROM registration WHERE packed = ? AND {_LIVE} ORDER BY username LIMIT {_MOST}"  # noqa: S608
_OF_USER = f"SELECT received FROM registration WHERE sip_user_id = ? AND {_LIVE} LIMIT {_MOST}"  # noqa: S608


def any_registered(link: sqlite3.Connection) -> bool:
    """Whether anybody is registered at all."""
    return link.execute("SELECT 1 FROM registration LIMIT 1").fetchone() is not None


def beneath(link: sqlite3.Connection, claim: Claim, stored: IpAuth | None) -> Iterable[Finding]:
    """What stands against an entry under which users register: they would never be asked for a password again.

    For an entry that is stored with the same range and in force it is a warning: that is so already.
    """
    if not (claim.enabled and claim.direction == Direction.EGRESS):
        return
    same = stored is not None and stored.enabled and stored.direction == claim.direction
    same = same and stored is not None and (stored.first, stored.last) == (claim.first, claim.last)
    found = link.execute(_WITHIN, (claim.first, claim.last)).fetchall()
    if not found:
        return
    from cxtui.rules.nat_claims import covered_by_ip_entry

    for (received,) in found:
        for finding in covered_by_ip_entry(_host(received), [claim]):
            yield replace(finding, severity=Severity.WARNING) if same else finding


def silenced(link: sqlite3.Connection, packed: bytes) -> list[Finding]:
    """A warning for each user, of a few, that is registered from an address that is about to be blocked (S-011)."""
    rows = link.execute(_AT, (packed,)).fetchall()
    return [warning("address", f"{name} is registered from it: its phone will not be heard") for (name,) in rows]


def shut_out(link: sqlite3.Connection, user: SipUser) -> list[Finding]:
    """A warning for each address that a user is registered from and that its allow list leaves out."""
    if not user.id or not user.allow_list:
        return []
    rows = link.execute(_OF_USER, (user.id,)).fetchall()
    if not rows:
        return []
    from cxtui.rules.nat_claims import registration_conflict

    return [finding for (received,) in rows for finding in registration_conflict(user.allow_list, _host(received))]


def _host(received: str) -> str:
    return received.rpartition(":")[0].strip("[]")
