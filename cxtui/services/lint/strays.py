"""What belongs to no company: SIP profiles, blocks, and rows whose owner is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cxtui.models.block import Block
from cxtui.models.fields import Entity, form_specs, values
from cxtui.models.findings import Finding, error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule, RewriteTest
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.companies import check_profile
from cxtui.rules.values import read
from cxtui.services.context import Context
from cxtui.store.doubts import doubtful
from cxtui.store.rows import all_where

from .problems import DAMAGED, Problem, problems_of, unreadable
from .views import view

_AT_ONCE = 500
_NO_COMPANY = "NOT EXISTS (SELECT 1 FROM company WHERE company.id = company_id)"
_NO_OWNER = (
    "NOT (owner = 'ip_auth' AND EXISTS (SELECT 1 FROM ip_auth WHERE id = owner_id))"
    " AND NOT (owner = 'sip_user' AND EXISTS (SELECT 1 FROM sip_user WHERE id = owner_id))"
)
_OWNED: tuple[tuple[type[Entity], str, str, str], ...] = (
    (IpAuth, _NO_COMPANY, "company_id", "its company is gone"),
    (SipUser, _NO_COMPANY, "company_id", "its company is gone"),
    (RewriteRule, _NO_OWNER, "owner_id", "the entry or user that it was for is gone"),
    (RewriteTest, _NO_OWNER, "owner_id", "the entry or user that it was for is gone"),
)


def stray_problems(context: Context) -> Iterator[Problem]:
    """The problems of rows that belong to no company."""
    yield from _each(context, SipProfile, "1", _profile)
    for entity, where, field, words in _OWNED:
        yield from _each(context, entity, where, partial(_orphan, field, words))
    yield from _each(context, Block, f"{doubtful(Block)} OR length(packed) <> 16", _block)


def _each(
    context: Context, entity: type[Entity], where: str, judge: Callable[[Entity], list[Finding]]
) -> Iterator[Problem]:
    last = 0
    while True:
        with view(context) as link:
            rows = all_where(link, entity, f"id > ? AND ({where}) ORDER BY id LIMIT ?", (last, _AT_ONCE))
        for row in rows:
            yield from problems_of(row, "", judge(row))
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _profile(row: Entity) -> list[Finding]:
    typed = {name: getattr(row, name) for name in form_specs(SipProfile)}
    return unreadable(row) or [*read(SipProfile, typed).findings, *check_profile(values(row))]


def _block(row: Entity) -> list[Finding]:
    found = unreadable(row)
    if not found and isinstance(row, Block) and len(row.packed) != 16:
        found.append(error("packed", "the firewall cannot read its address: unblock it and block it again", DAMAGED))
    return found


def _orphan(field: str, words: str, row: Entity) -> list[Finding]:
    return [error(field, words, DAMAGED)]
