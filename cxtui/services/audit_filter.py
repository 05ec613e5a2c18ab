"""What a filter of the audit log may say besides words: when, and of which row."""

from __future__ import annotations

import re
from dataclasses import replace

from cxtui.models.audit import AuditEntry
from cxtui.rules.durations import parse_duration
from cxtui.store.names import TABLES
from cxtui.store.windows import Listing

ACTIONS = frozenset(
    {
        "CREATE",
        "UPDATE",
        "DELETE",
        "GENERATE",
        "DELAY",
        "CANCEL",
        "REFUSE",
        "BLOCK",
        "UNBLOCK",
        "READ",
        "UNREAD",
        "EXPORT",
        "PASSWORD",
    }
    | {"SEND", "RESTORE", "UNREGISTER", "PROBE", "RECONCILE", "COMPARE"}
)
"""What the services say they did (W-027)."""

_OBJECT = re.compile(r"#([a-z_]+)/([0-9]{1,18})\Z")


def narrow(listing: Listing[AuditEntry], text: str, now: float) -> tuple[Listing[AuditEntry], str]:
    """The list and the rest of a filter whose words may say when and what: "2h" (the last two hours), "2026-11-23"
    (that day, local time), "#sip_user/7" (that row), "delete" (that action). Whatever is none of these is looked for as
    a word.
    """
    rest, conditions = [], [listing.where]
    for word in text.split():
        if (day := _day(word)) is not None:
            conditions.append(f"audit.at >= {day[0]:.0f} AND audit.at < {day[1]:.0f}")
        elif (span := _span(word)) is not None:
            conditions.append(f"audit.at >= {now - span:.0f}")
        elif (wanted := _OBJECT.match(word)) and wanted[1] in TABLES:
            conditions.append(f"audit.entity = '{wanted[1]}' AND audit.entity_id = {int(wanted[2])}")
        elif word.upper() in ACTIONS:
            conditions.append(f"audit.action = '{word.upper()}'")
        else:
            rest.append(word)
    return replace(listing, where=" AND ".join(conditions)), " ".join(rest)


def _day(word: str) -> tuple[float, float] | None:
    if not (word.isascii() and len(word) == len("2026-11-23") and word[:4].isdigit()):
        return None
    from datetime import date, datetime, time, timedelta

    try:
        start = datetime.combine(date.fromisoformat(word), time()).astimezone()
        return start.timestamp(), (start + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _span(word: str) -> float | None:
    try:
        return parse_duration(word)
    except ValueError:
        return None
