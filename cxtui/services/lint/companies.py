"""What is wrong or doubtful about a company itself (W-009, W-011, W-070, W-105)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from cxtui.models.company import Company
from cxtui.models.fields import values
from cxtui.models.findings import Finding, warning
from cxtui.rules.capacity import check_sum
from cxtui.rules.cli_lists import FIELD
from cxtui.rules.companies import block_of, check_company
from cxtui.rules.usernames import NumberBlock
from cxtui.rules.values import read
from cxtui.services import companies
from cxtui.services.channels import channels_in_use
from cxtui.services.cli_lists import stands_against
from cxtui.store.doubts import doubtful

from .problems import Problem, having, judged, problems_of

_BLOCKS = (
    "SELECT id, number_block_start, number_block_start + number_block_size - 1 FROM company"
    " WHERE number_block_start > 0 AND number_block_size > 0 ORDER BY number_block_start"
)
_TOLD_APART = (
    "SELECT 1 FROM ip_auth WHERE company_id = ? AND enabled AND direction = 'egress' AND cli_authentication LIMIT 1"
)
_ENABLED = "SELECT count(*) FROM {} WHERE company_id = ? AND enabled"


@dataclass(frozen=True, slots=True)
class Limits:
    """A company as far as its SIP users depend on it; ``channels`` 0 is unlimited, ``used`` are those of all users."""

    company: str
    channels: int
    used: int
    block: NumberBlock | None


def limits(link: sqlite3.Connection, company: Company) -> Limits:
    """The limits of a company, none where what is stored cannot be read."""
    used = channels_in_use(link, company.id)
    try:
        return Limits(company.name, max(company.channels, 0), used, block_of(values(company)))
    except (TypeError, ValueError):
        return Limits(company.name, 0, used, None)


def overlapping_blocks(link: sqlite3.Connection) -> set[int]:
    """The ids of the companies whose number block has extensions in common with another one's."""
    found: set[int] = set()
    furthest, whose = -1, 0
    for key, first, last in link.execute(_BLOCKS):
        if first <= furthest:
            found |= {key, whose}
        if last > furthest:
            furthest, whose = last, key
    return found


def company_problems(link: sqlite3.Connection, company: Company, used: int, overlapping: set[int]) -> Iterator[Problem]:
    """The problems of a company whose SIP users have ``used`` channels together."""
    findings = judged(company, partial(_findings, link, company, used, overlapping))
    yield from problems_of(company, company.name, [*findings, *_asleep(link, company)])


def _findings(link: sqlite3.Connection, company: Company, used: int, overlapping: set[int]) -> Iterator[Finding]:
    if company.id in overlapping or having(link, Company, doubtful(Company), [company]):
        yield from companies.judge_stored(link, company)
    else:
        yield from check_company(values(company))
    if company.cli_allow_list:
        yield from read(Company, {FIELD: company.cli_allow_list}).findings
    if link.execute(_TOLD_APART, (company.id,)).fetchone():
        yield from stands_against(link, company)
    yield from check_sum(company.channels, used)


def _asleep(link: sqlite3.Connection, company: Company) -> Iterator[Finding]:
    if company.status != "inactive":
        return
    entries, users = (
        link.execute(_ENABLED.format(table), (company.id,)).fetchone()[0] for table in ("ip_auth", "sip_user")
    )
    if entries or users:
        words = f"it is inactive, and {entries} IP entries and {users} SIP users of it are still enabled"
        yield warning("status", words, "W-105")
