"""A company's CLI allow list beside those of the companies with which it shares addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import replace

from cxtui.models.company import Company
from cxtui.models.findings import Finding
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.cli_lists import FIELD, stored
from cxtui.rules.cli_overlaps import overlaps
from cxtui.store.neighbours import Neighbours
from cxtui.store.rows import all_where, by_id

from .claims import rivals

_TOLD_APART = "company_id = ? AND enabled AND direction = 'egress' AND cli_authentication"


def stands_against(link: sqlite3.Connection, company: Company) -> list[Finding]:
    """What stands against the CLI allow list of a company wherever it shares addresses with others (W-007)."""
    return [replace(finding, field=FIELD) for finding in elsewhere(link, company, ())]


def elsewhere(link: sqlite3.Connection, company: Company, beside: Collection[int]) -> list[Finding]:
    """The same, but for the companies ``beside``; the ``field`` of a finding is the company's name.

    Only entries with CLI Authentication are looked at: on others the list decides nothing yet.
    """
    others = [other for key in _sharers(link, company.id) - {*beside} if (other := by_id(link, Company, key))]
    lists = {row.name: stored(row.cli_allow_list) for row in (company, *others)}
    found = overlaps(lists, [(company.name, other.name) for other in others])
    return [finding for finding in found if finding.field == company.name]


def _sharers(link: sqlite3.Connection, company_id: int) -> set[int]:
    entries = all_where(link, IpAuth, _TOLD_APART, (company_id,))
    near = Neighbours(link, [(entry.first, entry.last) for entry in entries])
    return {
        rival.company_id
        for entry in entries
        if near.shared((entry.first, entry.last))
        for rival in rivals(link, entry.address, entry.first, entry.last)
        if rival.cli_authentication and rival.port == entry.port and rival.company_id != company_id
    }
