"""SIP profiles: check, add, save, delete, and the list to choose from."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxtui.models.fields import values
from cxtui.models.findings import error
from cxtui.models.sip_profile import SipProfile
from cxtui.rules.companies import check_profile
from cxtui.rules.roles import Role
from cxtui.rules.values import read
from cxtui.store.rows import all_where, first

from .context import Context
from .judging import Judged, accepted, merged
from .labels import label, several
from .outcome import Change, ServiceError
from .writing import writing


def check(context: Context, typed: Mapping[str, Any], row: SipProfile | None = None) -> Judged[SipProfile]:
    """What the rules say of the typed fields of a new profile, or of ``row`` being edited; nothing is written."""
    with context.database.reading() as link:
        return _judge(link, typed, row)


def add(context: Context, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Add a profile. Raises ``Refused``."""
    with writing(context, reason=reason, needs=Role.ADMIN) as writer:
        judged = accepted(_judge(writer.link, {"name": "", **typed}, None))
        stored = writer.add(judged.row)
        return writer.change(f"Added {label(stored)}.", stored, warnings=judged.findings)


def save(context: Context, base: SipProfile, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Save the typed fields over ``base``, the row as the operator saw it. Raises ``Refused`` or ``Conflict``."""
    with writing(context, reason=reason, needs=Role.ADMIN) as writer:
        theirs, wanted, warnings = merged(writer, _judge, base, typed)
        stored = writer.update(theirs, wanted)
        return writer.change(f"Saved {label(stored)}.", stored, warnings=warnings)


def delete(context: Context, rows: Sequence[SipProfile], *, reason: str = "") -> Change:
    """Delete profiles that no SIP user has, all or none."""
    with writing(context, reason=reason, needs=Role.ADMIN) as writer:
        for row in rows:
            stored = writer.unchanged(row)
            used = writer.link.execute("SELECT count(*) FROM sip_user WHERE profile_id = ?", (row.id,)).fetchone()[0]
            if used:
                raise ServiceError(f"{label(stored)} is used by {used} SIP users: give them another one first.")
            writer.delete(stored)
        return writer.change(f"Deleted {several(list(rows))}.")


def choices(context: Context) -> list[SipProfile]:
    """Every profile, by name."""
    with context.database.reading() as link:
        return all_where(link, SipProfile, "1 ORDER BY name")


def _judge(link: sqlite3.Connection, typed: Mapping[str, Any], row: SipProfile | None) -> Judged[SipProfile]:
    parsed = read(SipProfile, typed)
    profile = replace(row or SipProfile(), **parsed.values)
    findings = [*parsed.findings, *check_profile(values(profile))]
    if profile.name and first(link, SipProfile, "name = ? AND id <> ?", (profile.name, profile.id)) is not None:
        findings.append(error("name", "there is a profile of this name already", code="S-090"))
    return Judged(profile, tuple(findings))
