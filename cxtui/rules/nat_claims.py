"""What stands against the address a SIP user is registered from: its allow list, IP authentication (C-13, S-084)."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.models.findings import Finding, error, warning
from cxtui.rules.addresses import Line, split_many
from cxtui.rules.conflicts import EGRESS, MOST_SHOWN, NEVER_CHALLENGED, Claim
from cxtui.rules.nat_endpoints import parse_address
from cxtui.rules.networks import pack


def registration_conflict(allow_list: str, received: str) -> list[Finding]:
    """A warning where ``allow_list`` shuts out ``received``, the address the user is registered from (C-13, W-015).

    Nothing is said where the address cannot be read.
    """
    if not excluded(split_many(allow_list), received):
        return []
    words = (
        f"the user is registered from {parse_address(received)}, which is not on this list: "
        "its next registration and its calls from there will be refused"
    )
    return [warning("allow_list", words, "C-13")]


def covered_by_ip_entry(received: str, claims: Sequence[Claim]) -> list[Finding]:
    """An error for each enabled sending entry that holds ``received``, where a user is registered from (C-13, S-084).

    At most MOST_SHOWN findings, then one that counts the rest; nothing where the address cannot be read.
    """
    address = parse_address(received)
    if address is None:
        return []
    packed = pack(str(address))
    covering = [
        claim for claim in claims if claim.enabled and claim.direction == EGRESS and claim.first <= packed <= claim.last
    ]
    found = [
        error(
            "address",
            f"{claim.address} of {claim.company} ({_entry(claim)}) holds {address}, where a SIP user registers from: "
            f"{NEVER_CHALLENGED}",
            "C-13",
        )
        for claim in covering[:MOST_SHOWN]
    ]
    if len(covering) > MOST_SHOWN:
        found.append(error("address", f"and {len(covering) - MOST_SHOWN} more like these", "C-13"))
    return found


def excluded(lines: Sequence[Line], received: str) -> bool | None:
    """Whether an allow list of ``lines`` shuts ``received`` out; None where the address or a line cannot be read."""
    if not lines:
        return False
    address = parse_address(received)
    if address is None:
        return None
    packed = pack(str(address))
    if any(line.network and line.network.first <= packed <= line.network.last for line in lines):
        return False
    return None if any(line.error for line in lines) else True


def _entry(claim: Claim) -> str:
    return "this entry" if claim.id is None else f"entry {claim.id}"
