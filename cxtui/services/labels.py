"""What a row is called in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxtui.models.fields import Entity
from cxtui.models.ip_auth import direction_words
from cxtui.store.names import table_of

_MANY = {
    "ip_auth": "IP entries",
    "sip_user": "SIP users",
    "company": "companies",
    "block": "blocks",
    "sip_profile": "SIP profiles",
    "rewrite_rule": "rewrite rules",
    "rewrite_test": "test numbers",
    "deleted_message": "voicemail messages",
    "delayed_save": "delayed saves",
}


def label(row: Entity) -> str:
    """A short name of ``row``, such as "IP entry 203.0.113.10 (they send)"."""
    known: Any = row
    match table_of(type(row)):
        case "company":
            return f"{known.kind} {known.name}"
        case "sip_profile":
            return f"SIP profile {known.name}"
        case "ip_auth":
            return f"IP entry {known.address} ({direction_words(known.direction)})"
        case "sip_user":
            return f"SIP user {known.username}"
        case "block":
            return f"block of {known.address}"
        case "rewrite_rule":
            return f"rewrite rule {known.current} → {known.new or 'nothing'}"
        case "rewrite_test":
            return f"test number {known.number}"
        case "deleted_message":
            return f"voicemail for {known.username} from {known.caller_number or 'nobody'}"
        case "delayed_save":
            return f"delayed save of {known.title}"
        case _:
            return f"{type(row).__name__} {row.id}"


def several(rows: Sequence[Entity]) -> str:
    """One name, or a count: "SIP user 1001", "3 SIP users"."""
    if len(rows) == 1:
        return label(rows[0])
    return f"{len(rows)} {_MANY.get(table_of(type(rows[0])), 'rows') if rows else 'rows'}"
