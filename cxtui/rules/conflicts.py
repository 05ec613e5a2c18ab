"""Who else claims an address: duplicates, overlaps, IP against SIP authentication (C-12, C-13, W-008, W-010).

The edge looks for the very address first and for networks after it, both in an order nobody defines, and never
challenges a source that it finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxtui.models.findings import Finding, Severity, error, errors, warning

EGRESS = "egress"
INGRESS = "ingress"
SHARE = "share"
MOST_SHOWN = 20
FIRST_MATCH = "the first match wins at the edge and the order is not defined"
NEVER_CHALLENGED = (
    "a source that matches IP authentication is never challenged, so the username and password would not be asked for"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An IP authentication entry as far as conflicts go.

    `id` is None for an entry that is not saved yet; `first` and `last` as in `rules.networks`; `direction` is "egress"
    (they send to us) or "ingress" (they receive from us).
    """

    id: int | None
    company_id: int
    company: str
    address: str
    first: bytes
    last: bytes
    direction: str
    port: int
    cli_authentication: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class AllowClaim:
    """One network of a SIP user's allow list."""

    sip_user_id: int | None
    company_id: int
    company: str
    username: str
    address: str
    first: bytes
    last: bytes


def check_ip_claims(mine: Claim, others: Sequence[Claim]) -> list[Finding]:
    """What stands against saving `mine` beside the other enabled entries of its direction and port.

    Egress: an own duplicate is an error, an own overlap a warning; another company's is a warning when every sharer of
    the common addresses has CLI Authentication, else an error with the fix "share". Ingress: duplicates are warnings.
    A disabled entry conflicts with nothing. At most MOST_SHOWN findings, then one that counts the rest.
    """
    if not mine.enabled:
        return []
    rivals = [other for other in others if _rivals(mine, other)]
    if mine.direction == INGRESS:
        return _shorten([_ingress_duplicate(mine, other) for other in rivals if _same_range(mine, other)])
    found = [
        _own(mine, other) if other.company_id == mine.company_id else _foreign(mine, other, rivals) for other in rivals
    ]
    return _shorten(found)


def check_ip_against_allow_lists(mine: Claim, allow: Sequence[AllowClaim]) -> list[Finding]:
    """The SIP users that an enabled sending entry would let in without their password (C-13, S-084)."""
    if not mine.enabled or mine.direction != EGRESS:
        return []
    return _shorten(
        [
            error(
                "address",
                f"{mine.address} meets {claim.address} on the allow list of SIP user {claim.username} "
                f"({claim.company}): {NEVER_CHALLENGED}",
                "C-13",
            )
            for claim in allow
            if _overlap(mine, claim)
        ]
    )


def check_allow_against_ips(allow_claims: Iterable[AllowClaim], ip_claims: Sequence[Claim]) -> list[Finding]:
    """The enabled sending entries that would let a SIP user in without its password (C-13, S-084)."""
    sending = [claim for claim in ip_claims if claim.enabled and claim.direction == EGRESS]
    return _shorten(
        [
            error(
                "allow_list",
                f"{allowed.address} meets the IP authentication {_named(claim)}: {NEVER_CHALLENGED}",
                "C-13",
            )
            for allowed in allow_claims
            for claim in sending
            if _overlap(allowed, claim)
        ]
    )


def coexistence_note(has_ip: bool, has_sip: bool) -> str:
    """The standing note on a company that has both kinds without overlap, "" for the others (S-084)."""
    if not (has_ip and has_sip):
        return ""
    return (
        "Both kinds are in use: calls from the addresses under IP authentication are let in without a password; "
        "calls from anywhere else are challenged (407) and need a SIP user."
    )


def _rivals(mine: Claim, other: Claim) -> bool:
    if not other.enabled or (other.id is not None and other.id == mine.id):
        return False
    return other.direction == mine.direction and other.port == mine.port and _overlap(mine, other)


def _overlap(a: Claim | AllowClaim, b: Claim | AllowClaim) -> bool:
    return a.first <= b.last and b.first <= a.last


def _same_range(a: Claim, b: Claim) -> bool:
    return (a.first, a.last) == (b.first, b.last)


def _own(mine: Claim, other: Claim) -> Finding:
    if _same_range(mine, other):
        return error("address", f"{mine.address} is already entered: {_entry(other)}", "W-010")
    words = (
        f"{_relation(mine, other)} {other.address} ({_entry(other)}) of the same company: {_who_wins(mine, other)}, "
    )
    return warning("address", f"{words}and only that entry's limits apply", "W-010")


def _foreign(mine: Claim, other: Claim, rivals: Sequence[Claim]) -> Finding:
    words = f"{_relation(mine, other)} {_named(other)}: {_who_wins(mine, other)}"
    lacking = [claim for claim in _sharers(mine, other, rivals) if not claim.cli_authentication]
    if not lacking:
        words += ". All sharers have CLI Authentication, so the caller's number tells them apart"
        return warning("address", words, "W-008")
    missing = ", ".join("this entry" if claim is mine else _named(claim) for claim in lacking[:3])
    more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
    words += f"; calls could be taken for the wrong company's. Set CLI Authentication on: {missing}{more}"
    return error("address", words, "C-12", SHARE)


def _who_wins(mine: Claim, other: Claim) -> str:
    """Which of two claims the edge takes for an address they have in common."""
    if (mine.first, mine.last) == (other.first, other.last):
        return FIRST_MATCH
    winner = mine if other.first <= mine.first and mine.last <= other.last else other
    entry = "this entry" if winner is mine else _entry(other)
    whose = entry if mine.company_id == other.company_id else winner.company
    return f"the edge takes the narrower of two, so calls from {winner.address} are {whose}'s"


def _sharers(mine: Claim, other: Claim, rivals: Sequence[Claim]) -> list[Claim]:
    """All entries, of any company, that claim some address which `mine` and `other` have in common."""
    first, last = max(mine.first, other.first), min(mine.last, other.last)
    return [mine, *(claim for claim in rivals if claim.first <= last and first <= claim.last)]


def _ingress_duplicate(mine: Claim, other: Claim) -> Finding:
    whose = "this company" if other.company_id == mine.company_id else other.company
    words = f"{mine.address} is already a receiving switch of {whose}: {_entry(other)}"
    return warning("address", words, "W-010")


def _relation(mine: Claim, other: Claim) -> str:
    if _same_range(mine, other):
        return f"{mine.address} is also claimed as"
    if mine.first <= other.first and other.last <= mine.last:
        return f"{mine.address} covers"
    return f"{mine.address} lies inside"


def _entry(claim: Claim) -> str:
    return "another line of this list" if claim.id is None else f"entry {claim.id}"


def _named(claim: Claim) -> str:
    return f"{claim.company} {claim.address} ({_entry(claim)})"


def _shorten(findings: list[Finding]) -> list[Finding]:
    """Errors first; beyond MOST_SHOWN one finding counts the rest, an error if any of them is one."""
    ordered = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    shown, rest = ordered[:MOST_SHOWN], ordered[MOST_SHOWN:]
    if rest:
        say = error if errors(rest) else warning
        shown.append(say(rest[0].field, f"and {len(rest)} more like these", rest[0].code, rest[0].fix))
    return shown
