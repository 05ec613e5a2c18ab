"""SIP users: check, add, save, delete, and the next free username."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxtui.models.company import Company
from cxtui.models.fields import Choice, values
from cxtui.models.findings import Finding, error, warning
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import AllowedRange, SipUser
from cxtui.rules.capacity import check_capacity
from cxtui.rules.companies import block_of
from cxtui.rules.conflicts import check_allow_against_ips
from cxtui.rules.usernames import DUPLICATE_USER, check_username, free
from cxtui.rules.values import read
from cxtui.rules.voicemail import check_email, parse_email
from cxtui.store.rows import by_id, first

from .channels import channels_in_use
from .claims import allow_claim, claim, rivals
from .codecs import known_codecs, without_kept_codecs
from .context import Context
from .credentials import retire
from .judging import Judged, accepted, merged
from .labels import label, several
from .outcome import Change, ServiceError
from .ownership import refresh_owners
from .ranges import allow_networks
from .registered import shut_out
from .rewrite_tests import forget_all
from .subjects import Subject
from .writing import Writer, writing


def check(context: Context, company_id: int, typed: Mapping[str, Any], row: SipUser | None = None) -> Judged[SipUser]:
    """What the rules say of the typed fields of a new user, or of ``row`` being edited; nothing is written."""
    with context.database.reading() as link:
        return _judge(link, company_id, typed, row, known_codecs(context))


def add(context: Context, company_id: int, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Add a SIP user. It has no password yet and cannot register. Raises ``Refused``."""
    with writing(context, reason=reason) as writer:
        if by_id(writer.link, Company, company_id) is None:
            raise ServiceError("Choose a company first.")
        judged = accepted(_judge(writer.link, company_id, {"username": "", **typed}, None, known_codecs(context)))
        stored = writer.add(judged.row)
        store_ranges(writer, stored)
        return writer.change(f"Added {label(stored)}.", stored, warnings=judged.findings)


def save(context: Context, base: SipUser, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Save the typed fields over ``base``, the row as the operator saw it. Raises ``Refused`` or ``Conflict``."""
    with writing(context, reason=reason) as writer:

        def judge(link: sqlite3.Connection, fields: Mapping[str, Any], row: SipUser | None) -> Judged[SipUser]:
            return _judge(link, base.company_id, fields, row, known_codecs(context))

        theirs, wanted, warnings = merged(writer, judge, base, typed)
        if "username" in wanted:
            retire(writer, "sip_user", theirs.id)
            wanted["password_set_at"] = None
        stored = writer.update(theirs, wanted)
        if "allow_list" in wanted:
            store_ranges(writer, stored)
        return writer.change(f"Saved {label(stored)}.", stored, warnings=warnings)


def delete(context: Context, rows: Sequence[SipUser], *, reason: str = "") -> Change:
    """Delete SIP users, all or none. Their passwords stop working at once."""
    with writing(context, reason=reason) as writer:
        for row in rows:
            stored = writer.unchanged(row)
            forget_ranges(writer, stored)
            retire(writer, "sip_user", row.id)
            forget_all(writer, Subject("sip_user", row.id))
            writer.delete(stored)
        return writer.change(f"Deleted {several(list(rows))}.")


def next_username(context: Context, company_id: int) -> str:
    """The next free extension of the company's number block, empty where it has no block or it is full (S-092)."""
    with context.database.reading() as link:
        company = by_id(link, Company, company_id)
        block = block_of(values(company)) if company else None
        if block is None:
            return ""
        taken = (row[0] for row in link.execute("SELECT username FROM sip_user WHERE company_id = ?", (company_id,)))
        others = {*taken}
        while names := free(block, others, 500):
            # The username is unique on the account, so another company may have taken it before there was a block.
            for name in names:
                if first(link, SipUser, "username = ?", (name,)) is None:
                    return name
            others.update(names)
        return ""


def store_ranges(writer: Writer, user: SipUser) -> None:
    """Make the packed ranges of the user's allow list anew."""
    old = writer.link.execute("SELECT first, last FROM allowed_range WHERE sip_user_id = ?", (user.id,)).fetchall()
    writer.link.execute("DELETE FROM allowed_range WHERE sip_user_id = ?", (user.id,))
    networks = list(allow_networks(user.allow_list))
    for network in networks:
        item = AllowedRange(sip_user_id=user.id, address=network.text, first=network.first, last=network.last)
        writer.add(item, audited=False)
    for low, high in [*old, *((network.first, network.last) for network in networks)]:
        refresh_owners(writer.link, low, high)


def forget_ranges(writer: Writer, user: SipUser) -> None:
    """Remove the packed ranges of a user that is about to be deleted."""
    store_ranges(writer, replace(user, allow_list=""))


def _judge(
    link: sqlite3.Connection,
    company_id: int,
    typed: Mapping[str, Any],
    row: SipUser | None,
    codecs: Mapping[str, Sequence[Choice]],
) -> Judged[SipUser]:
    parsed = read(SipUser, without_kept_codecs(typed, row), codecs)
    findings = list(parsed.findings)
    user = replace(row or SipUser(company_id=company_id), **parsed.values)
    company = by_id(link, Company, company_id)
    if company is not None and ("username" in parsed.values and (row is None or row.username != user.username)):
        findings += _username(link, user, company, row)
    if user.profile_id is not None and by_id(link, SipProfile, user.profile_id) is None:
        findings.append(error("profile_id", "there is no such profile", code="S-090"))
    if user.voicemail_email and (row is None or row.voicemail_email != user.voicemail_email):
        wrong = check_email(user.voicemail_email)
        findings += wrong
        user = user if wrong else replace(user, voicemail_email=parse_email(user.voicemail_email))
    findings += stands_against(link, user, grown=row is None or grew(user.channels, row.channels))
    return Judged(user, tuple(findings))


def stands_against(link: sqlite3.Connection, user: SipUser, *, grown: bool) -> list[Finding]:
    """What other rows have against a user; its channels only where they have ``grown`` (W-011, C-13).

    An account that was cut below what its users have must not stand in the way of giving channels back.
    """
    company = by_id(link, Company, user.company_id)
    findings: list[Finding] = []
    if company is not None and grown:
        findings += check_capacity(company.channels, channels_in_use(link, company.id, user.id), user.channels)
    if user.enabled:
        findings += [*_allow_list(link, user), *shut_out(link, user)]
    return findings


def grew(channels: int, before: int | None) -> bool:
    """Whether channels are more than they were; 0 is unlimited, None unchanged."""
    if before is None or channels == before:
        return False
    return channels == 0 or 0 < before < channels


def _username(link: sqlite3.Connection, user: SipUser, company: Company, row: SipUser | None) -> list[Finding]:
    findings = check_username(user.username, block_of(values(company)))
    taken = first(link, SipUser, "username = ? AND id <> ?", (user.username, user.id))
    if taken is not None:
        findings.append(error("username", DUPLICATE_USER, code="S-093"))
    if row is not None and row.password_set_at:
        words = "the password is bound to the username: set a new one after saving"
        findings.append(warning("username", words, code="C-05"))
    return findings


def _allow_list(link: sqlite3.Connection, user: SipUser) -> list[Finding]:
    found: list[Finding] = []
    for network in allow_networks(user.allow_list):
        mine = allow_claim(link, user, network.text, network.first, network.last)
        others = [claim(link, entry) for entry in rivals(link, network.text, network.first, network.last)]
        found += check_allow_against_ips([mine], others)
    return found
