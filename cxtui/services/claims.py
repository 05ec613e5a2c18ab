"""IP entries and allow lists as the claims that the conflict rules compare."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import AllowedRange, SipUser
from cxtui.rules.conflicts import AllowClaim, Claim
from cxtui.store.probes import overlapping
from cxtui.store.rows import by_id

from .ranges import covering


def company_name(link: sqlite3.Connection, company_id: int | None) -> str:
    """The name of a company, empty where there is none."""
    company = by_id(link, Company, company_id) if company_id else None
    return company.name if company else ""


def claim(link: sqlite3.Connection, entry: IpAuth) -> Claim:
    """An IP entry, stored or not."""
    return Claim(
        id=entry.id or None,
        company_id=entry.company_id,
        company=company_name(link, entry.company_id),
        address=entry.address,
        first=entry.first,
        last=entry.last,
        direction=entry.direction,
        port=entry.port,
        cli_authentication=entry.cli_authentication,
        enabled=entry.enabled,
    )


class Together:
    """Claims that are saved at once; finds those that share an address without comparing each with each."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.claims = claims
        self._by_first: dict[bytes, list[Claim]] = {}
        for item in claims:
            self._by_first.setdefault(item.first, []).append(item)
        self._firsts = sorted(self._by_first)

    def beside(self, mine: Claim, covering: Iterable[bytes]) -> list[Claim]:
        """Those that lie inside ``mine`` or cover it, which begin at one of ``covering``; without itself."""
        inside = self._firsts[bisect_left(self._firsts, mine.first) : bisect_right(self._firsts, mine.last)]
        begins = dict.fromkeys([*covering, *inside])
        return [item for begin in begins for item in self._by_first.get(begin, ()) if item is not mine]


def rivals(
    link: sqlite3.Connection, address: str, first: bytes, last: bytes, direction: str = "egress"
) -> list[IpAuth]:
    """The enabled IP entries of a direction that share an address with the range."""
    return overlapping(link, IpAuth, first, last, covering(address, first), "enabled AND direction = ?", (direction,))


def allowed(link: sqlite3.Connection, address: str, first: bytes, last: bytes) -> list[AllowClaim]:
    """The allow lists of SIP users that share an address with the range."""
    found = []
    for item in overlapping(link, AllowedRange, first, last, covering(address, first)):
        user = by_id(link, SipUser, item.sip_user_id)
        if user is not None and user.enabled:
            found.append(allow_claim(link, user, item.address, item.first, item.last))
    return found


def allow_claim(link: sqlite3.Connection, user: SipUser, address: str, first: bytes, last: bytes) -> AllowClaim:
    """One network of a SIP user's allow list."""
    return AllowClaim(
        user.id or None, user.company_id, company_name(link, user.company_id), user.username, address, first, last
    )
