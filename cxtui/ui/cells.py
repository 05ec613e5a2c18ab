"""What stands in the columns of each list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import localtime, strftime

from cxtui.models.ip_auth import direction_words
from cxtui.models.protocols import PROTOCOLS
from cxtui.models.registration import Registration
from cxtui.models.sip_user import PINGS
from cxtui.rules.durations import ago
from cxtui.services.company_states import block_range
from cxtui.services.grids import Shown
from cxtui.services.registrations import foremost, latency, live, lost, seen_at, source
from cxtui.ui.glyphs import Glyphs
from cxtui.ui.widgets.rows import Cell

Cells = Mapping[str, Cell | str]
"""The cells of a row by the keys of their columns."""


def _limit(number: int) -> Cell | str:
    return str(number) if number else Cell("0", "muted")


def ip_auth(shown: Shown, _now: float, glyphs: Glyphs) -> Cells:
    """An IP entry."""
    entry = shown.row
    return {
        "address": entry.address,
        "direction": direction_words(entry.direction),
        "channels": _limit(entry.channels),
        "cps": _limit(entry.flow_speed),
        "protocol": _short_protocol(entry.protocol),
        "port": str(entry.port),
        "cli": "yes" if entry.cli_authentication else Cell(glyphs.none, "muted"),
        "switch": f"{entry.manufacturer} {entry.switch_version}".strip() or Cell(glyphs.none, "muted"),
    }


def sip_users(shown: Shown, now: float, glyphs: Glyphs) -> Cells:
    """A SIP user."""
    user = shown.row
    age = Cell(glyphs.none, "muted") if user.password_set_at is None else ago(max(0, now - user.password_set_at))
    networks = len(user.allow_list.split())
    return {
        "username": user.username,
        "profile": shown.more or Cell(glyphs.none, "muted"),
        "channels": _limit(user.channels),
        "cps": _limit(user.flow_speed),
        "ping": next((choice.label for choice in PINGS if choice.value == user.nat_ping), user.nat_ping),
        "protocol": _short_protocol(user.protocol),
        "password": age,
        "allow": str(networks) if networks else Cell("any", "muted"),
        **_registered(shown.contacts, now, glyphs),
    }


def _registered(contacts: Sequence[Registration], now: float, glyphs: Glyphs) -> Cells:
    """Where a SIP user is registered: the contact that speaks for it, and how many more there are."""
    none = Cell(glyphs.none, "muted")
    known = [row for row in contacts if live(row, now)]
    if not known:
        seen = ago(max(0.0, now - max(map(seen_at, contacts)))) if contacts else none
        return {"seen": seen, **dict.fromkeys(("trip", "received", "agent", "contact", "expires"), none)}
    row = foremost(known)
    return {
        "trip": trip_cell(row, glyphs),
        # What changes with every second would be painted anew with every commit.
        "seen": ago(max(0.0, now - seen_at(row))) if lost(row) else "now",
        "received": source(row) + (f" +{len(known) - 1}" if len(known) > 1 else ""),
        "agent": row.user_agent or none,
        "contact": row.contact,
        "expires": ago(max(0.0, row.expires_at - now)),
    }


def trip_cell(row: Registration, glyphs: Glyphs) -> Cell | str:
    """The round trip of the last ping of a contact, or how many went unanswered since."""
    if missed := lost(row):
        return Cell(f"lost {missed}", "warning")
    return Cell(glyphs.none, "muted") if row.round_trip is None else latency(row.round_trip)


def _short_protocol(protocol: str) -> str:
    return next((choice.label for choice in PROTOCOLS if choice.value == protocol), protocol)


def companies(shown: Shown, _now: float, glyphs: Glyphs) -> Cells:
    """A customer or carrier."""
    company = shown.row
    return {
        "name": company.name,
        "kind": company.kind,
        "channels": _limit(company.channels),
        "cps": _limit(company.flow_speed),
        "block": block_range(company) or Cell(glyphs.none, "muted"),
        "notes": company.notes.split("\n")[0],
    }


def profiles(shown: Shown, _now: float, glyphs: Glyphs) -> Cells:
    """A SIP profile."""
    profile = shown.row
    return {
        "name": profile.name,
        "capacity": _limit(profile.capacity),
        "flags": profile.flags,
        "barge": profile.barge_group or Cell(glyphs.none, "muted"),
    }


def blocks(shown: Shown, now: float, glyphs: Glyphs) -> Cells:
    """A blocked address."""
    block = shown.row
    return {
        "address": block.address,
        "since": ago(max(0, now - block.since)),
        "seen": ago(max(0, now - block.last_seen)),
        "hits": f"{block.hits:,}".replace(",", " "),
        "reason": block.reason,
        "users": block.usernames,
        "agent": block.user_agent,
        "source": block.source,
        "notes": block.notes.split("\n")[0],
        "expires": Cell(glyphs.none, "muted") if block.expires_at is None else ago(max(0, block.expires_at - now)),
        "company": shown.company or Cell(glyphs.none, "muted"),
    }


def audit(shown: Shown, _now: float, glyphs: Glyphs) -> Cells:
    """A row of the audit log."""
    entry = shown.row
    return {
        "at": strftime("%Y-%m-%d %H:%M:%S", localtime(entry.at)),
        "operator": entry.operator,
        "origin": entry.origin,
        "object": entry.label,
        "reason": entry.reason or Cell(glyphs.none, "muted"),
        "program": entry.program,
        "change": entry.change_id[:8],
    }
