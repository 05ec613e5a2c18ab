"""What is wrong or doubtful about IP entries, a window of one company's at a time (S-020…S-045, W-008, W-010, C-13)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial

from cxtui.models.fields import form_specs, values
from cxtui.models.findings import Finding, error, warning
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.rules.addresses import name_range, special, split_many
from cxtui.rules.codecs import none_left
from cxtui.rules.conflicts import check_ip_against_allow_lists, check_ip_claims
from cxtui.rules.ip_entries import check_entry
from cxtui.rules.values import networks_line, read
from cxtui.services.codecs import FIELD
from cxtui.store.doubts import doubtful

from . import near
from .problems import DAMAGED, SPECIAL_RANGE, Ground, Problem, having, judged, no_password, problems_of
from .rewriting import rewriting_problems, with_rewriting

_UNLINKED = (
    "linked_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM ip_auth AS partner WHERE partner.id = ip_auth.linked_id AND partner.linked_id = ip_auth.id)"
)
_NO_LOGIN = (
    "uac_username <> '' AND NOT EXISTS (SELECT 1 FROM credential WHERE owner = 'ip_auth' AND owner_id = ip_auth.id"
    " AND retired_by = '' AND credential.realm = uac_realm)"
)
_MISPLACED = "it is looked up under other addresses than it says: edit it and save"
_ALONE = "the entry of the other direction that was saved with it is gone"


def entry_problems(link: sqlite3.Connection, rows: Sequence[IpAuth], company: str, ground: Ground) -> Iterator[Problem]:
    """The problems of one company's entries, in their order."""
    doubted = having(link, IpAuth, doubtful(IpAuth), rows)
    unlinked, no_login = having(link, IpAuth, _UNLINKED, rows), having(link, IpAuth, _NO_LOGIN, rows)
    rewriting = with_rewriting(link, rows)
    for row in rows:
        findings = judged(row, partial(_findings, link, row, company, ground, doubted=row.id in doubted))
        if row.id in unlinked:
            findings.append(warning("linked_id", _ALONE, "C-01"))
        if row.id in no_login and row.enabled:
            words = "we have no password for it, so their switch refuses our calls"
            findings.append(no_password("uac_username", words))
        yield from problems_of(row, company, findings)
        if row.id in rewriting:
            yield from rewriting_problems(link, row, company)


def _findings(
    link: sqlite3.Connection, row: IpAuth, company: str, ground: Ground, *, doubted: bool
) -> Iterator[Finding]:
    yield from _alone(row, ground, doubted=doubted)
    yield from _beside(link, row, company, ground)


def _alone(row: IpAuth, ground: Ground, *, doubted: bool) -> Iterator[Finding]:
    if doubted:
        typed = {name: getattr(row, name) for name in form_specs(IpAuth) if name != FIELD}
        yield from read(IpAuth, typed).findings
    yield from check_entry(values(row))
    yield from _address(row)
    none = none_left(FIELD, row.restricted_codecs, ground.codecs) if row.restricted_codecs else None
    if none is not None and row.enabled:
        yield none


def _address(row: IpAuth) -> Iterator[Finding]:
    lines = split_many(row.address, names_allowed=row.direction == Direction.INGRESS)
    line = lines[0] if len(lines) == 1 else None
    if line is None or line.error:
        words = f"{networks_line(row.address)}: {line.error if line else 'is not one address'}"
        yield error("address", words, "S-021" if line and row.direction == Direction.EGRESS else "S-020")
        return
    bounds = (line.network.first, line.network.last) if line.network else name_range(line.fqdn or "")
    if bounds != (row.first, row.last):
        yield error("address", f"{row.address}: {_MISPLACED}", DAMAGED)
    words = special(line.network) if line.network else ""
    if words:
        yield warning("address", words, SPECIAL_RANGE)


def _beside(link: sqlite3.Connection, row: IpAuth, company: str, ground: Ground) -> Iterator[Finding]:
    if not row.enabled or row.id not in ground.crossings.entries:
        return
    mine = near.claim(row, company)
    yield from check_ip_claims(mine, near.rivals(link, row, ground.names))
    if row.direction == Direction.EGRESS:
        yield from check_ip_against_allow_lists(mine, near.lists(link, row, ground.names))
