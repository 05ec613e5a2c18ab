"""What a row is called in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth, direction_words
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser


def label(row: Entity) -> str:
    """A short name of ``row``, such as "IP entry 203.0.113.10 (they send)"."""
    match row:
        case Company():
            return f"{row.kind} {row.name}"
        case SipProfile():
            return f"SIP profile {row.name}"
        case IpAuth():
            return f"IP entry {row.address} ({direction_words(row.direction)})"
        case SipUser():
            return f"SIP user {row.username}"
        case Block():
            return f"block of {row.address}"
        case _:
            return f"{type(row).__name__} {row.id}"


def several(rows: Sequence[Entity]) -> str:
    """One name, or a count: "SIP user 1001", "3 SIP users"."""
    if len(rows) == 1:
        return label(rows[0])
    words = {
        IpAuth: "IP entries",
        SipUser: "SIP users",
        Company: "companies",
        Block: "blocks",
        SipProfile: "SIP profiles",
    }
    return f"{len(rows)} {words.get(type(rows[0]), 'rows') if rows else 'rows'}"
