"""What is wrong or doubtful about SIP users, a window of one company's at a time (S-090…S-125, W-011, C-13)."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from cxtui.models.fields import form_specs
from cxtui.models.findings import Finding, error
from cxtui.models.sip_user import SipUser
from cxtui.rules.addresses import AddressError
from cxtui.rules.capacity import check_capacity
from cxtui.rules.codecs import none_left
from cxtui.rules.conflicts import AllowClaim, check_allow_against_ips
from cxtui.rules.special_ranges import never_a_source
from cxtui.rules.usernames import check_username
from cxtui.rules.values import read
from cxtui.rules.voicemail import check_email
from cxtui.services.codecs import FIELD
from cxtui.services.ranges import allow_networks
from cxtui.store.doubts import doubtful

from . import near
from .companies import Limits
from .problems import DAMAGED, Ground, Problem, having, judged, no_password, problems_of
from .rewriting import rewriting_problems, with_rewriting

Range: TypeAlias = tuple[bytes, bytes]
Ranges: TypeAlias = Mapping[int, set[Range]]
"""The packed ranges of users' allow lists, by their ids."""

_LOGS_IN = (
    "EXISTS (SELECT 1 FROM credential WHERE owner = 'sip_user' AND owner_id = sip_user.id AND retired_by = ''"
    " AND credential.realm = (SELECT realm FROM account WHERE id = 1))"
)
_NO_LOGIN = f"sip_user.enabled AND (sip_user.password_set_at IS NULL OR NOT {_LOGS_IN})"
_REWRITES = (
    "EXISTS (SELECT 1 FROM rewrite_rule WHERE owner = 'sip_user' AND owner_id = sip_user.id)"
    " OR EXISTS (SELECT 1 FROM rewrite_test WHERE owner = 'sip_user' AND owner_id = sip_user.id)"
)
_ODD_NAME = "sip_user.username GLOB '*[^A-Za-z0-9._+-]*'"
_OUTSIDE = (
    "sip_user.username <> CAST(CAST(sip_user.username AS INTEGER) AS TEXT)"
    " OR CAST(sip_user.username AS INTEGER) NOT BETWEEN {} AND {}"
)
_WITH_LISTS = "sip_user.restricted_codecs <> '' OR sip_user.allow_list <> '' OR sip_user.voicemail_email <> ''"
_RANGES = "SELECT sip_user_id, first, last FROM allowed_range WHERE sip_user_id IN (SELECT value FROM json_each(?))"

_NEVER_SET = "it has no password and cannot register"
_OTHER_REALM = "its password is missing, or bound to another realm, so it cannot register: set a new one"
_UNLISTED = "the edge knows other addresses than stand here: edit it and save"
_NEVER_MATCHES = "no call ever comes from any of these addresses, so it is always refused"


def worth_a_look(limits: Limits) -> str:
    """The SQL condition for users of a company about whom there may be something to say."""
    doubts = [doubtful(SipUser), _NO_LOGIN, _REWRITES, _ODD_NAME, _WITH_LISTS]
    if limits.block is not None:
        doubts.append(_OUTSIDE.format(limits.block.first, limits.block.last))
    if limits.channels:
        doubts.append("sip_user.channels = 0")
    return "(" + " OR ".join(doubts) + ")"


def user_problems(
    link: sqlite3.Connection, rows: Sequence[SipUser], limits: Limits, ground: Ground
) -> Iterator[Problem]:
    """The problems of one company's users, in their order."""
    no_login = having(link, SipUser, _NO_LOGIN, rows)
    rewriting = with_rewriting(link, rows)
    ranges = _ranges(link, [row for row in rows if row.allow_list])
    for row in rows:
        findings = judged(row, partial(_findings, link, row, limits, ranges, ground))
        if row.id in no_login:
            findings.append(no_password("password_set_at", _OTHER_REALM if row.password_set_at else _NEVER_SET))
        yield from problems_of(row, limits.company, findings)
        if row.id in rewriting:
            yield from rewriting_problems(link, row, limits.company)


def _findings(
    link: sqlite3.Connection, row: SipUser, limits: Limits, ranges: Ranges, ground: Ground
) -> Iterator[Finding]:
    typed = {name: getattr(row, name) for name in form_specs(SipUser) if name not in (FIELD, "username")}
    yield from read(SipUser, typed).findings
    yield from check_username(row.username, limits.block)
    if row.profile_id is not None and row.profile_id not in ground.names.profiles:
        yield error("profile_id", "there is no such profile", code="S-090")
    if limits.channels and not row.channels:
        yield from check_capacity(limits.channels, limits.used, row.channels)
    yield from check_email(row.voicemail_email)
    if row.allow_list:
        yield from _allow_list(link, row, limits.company, ranges.get(row.id, set()), ground)
    none = none_left(FIELD, row.restricted_codecs, ground.codecs) if row.restricted_codecs else None
    if none is not None and row.enabled:
        yield none


def _allow_list(
    link: sqlite3.Connection, row: SipUser, company: str, stored: set[Range], ground: Ground
) -> Iterator[Finding]:
    try:
        networks = list(allow_networks(row.allow_list))
    except AddressError:
        # Reading the field has said so.
        return
    if stored != {(network.first, network.last) for network in networks}:
        yield error("allow_list", _UNLISTED, DAMAGED)
    if not row.enabled:
        return
    if networks and all(map(never_a_source, networks)):
        yield error("allow_list", f"{networks[0].text}: {_NEVER_MATCHES}", "S-098")
    for network in networks if row.id in ground.crossings.users else ():
        first, last = network.first, network.last
        mine = AllowClaim(row.id, row.company_id, company, row.username, network.text, first, last)
        others = near.sending(link, network.text, first, last, ground.names)
        yield from check_allow_against_ips([mine], others)


def _ranges(link: sqlite3.Connection, rows: Sequence[SipUser]) -> Ranges:
    found: defaultdict[int, set[Range]] = defaultdict(set)
    for key, first, last in link.execute(_RANGES, (json.dumps([row.id for row in rows]),)):
        found[key].add((first, last))
    return found
