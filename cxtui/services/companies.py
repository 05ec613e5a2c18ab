"""Customers and carriers: check, add, save, delete, and the numbers that stand in the status line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxtui.models.company import Company
from cxtui.models.edge import Account
from cxtui.models.fields import form_specs, values
from cxtui.models.findings import Finding, error
from cxtui.rules.capacity import check_sum
from cxtui.rules.companies import block_of, check_company
from cxtui.rules.roles import Role
from cxtui.rules.usernames import NumberBlock, next_block
from cxtui.rules.values import read
from cxtui.store.listings import COMPANIES
from cxtui.store.rows import by_id, first
from cxtui.store.windows import Window

from .channels import channels_in_use
from .context import Context
from .judging import Judged, accepted, merged
from .labels import label, several
from .outcome import Change, ServiceError
from .ownership import forget_company
from .writing import require, writing


def check(context: Context, typed: Mapping[str, Any], row: Company | None = None) -> Judged[Company]:
    """What the rules say of the typed fields of a new company, or of ``row`` being edited; nothing is written."""
    with context.database.reading() as link:
        return _judge(link, typed, row)


def add(context: Context, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Add a customer or carrier. Raises ``Refused``."""
    with writing(context, reason=reason, needs=Role.ADMIN) as writer:
        judged = accepted(_judge(writer.link, {"name": "", **typed}, None))
        stored = writer.add(judged.row)
        return writer.change(f"Added {label(stored)}.", stored, warnings=judged.findings)


def save(context: Context, base: Company, typed: Mapping[str, Any], *, reason: str = "") -> Change:
    """Save the typed fields over ``base``, the row as the operator saw it. Raises ``Refused`` or ``Conflict``.

    The CLI allow list is an operator's to change, all else takes an admin: ``Denied``.
    """
    with writing(context, reason=reason) as writer:
        theirs, wanted, warnings = merged(writer, _judge, base, typed)
        if wanted.keys() - {"cli_allow_list"}:
            require(context, Role.ADMIN)
        stored = writer.update(theirs, wanted)
        return writer.change(f"Saved {label(stored)}.", stored, warnings=warnings)


def delete(context: Context, rows: Sequence[Company], *, reason: str = "") -> Change:
    """Delete companies that have neither IP entries nor SIP users, all or none."""
    with writing(context, reason=reason, needs=Role.ADMIN) as writer:
        for row in rows:
            stored = writer.unchanged(row)
            entries, users = _belongings(writer.link, row.id)
            if entries or users:
                raise ServiceError(
                    f"{label(stored)} still has {entries} IP entries and {users} SIP users: delete those first, "
                    "or set its status to Inactive."
                )
            forget_company(writer.link, stored.id)
            writer.delete(stored)
        return writer.change(f"Deleted {several(list(rows))}.")


def judge_stored(link: sqlite3.Connection, row: Company) -> tuple[Finding, ...]:
    """What the rules say of a company as it is stored; that it has no CLI list is no fault of its own."""
    from .cli_lists import stands_against

    judged = _judge(link, {name: getattr(row, name) for name in form_specs(Company)}, row)
    return (*judged.findings, *(finding for finding in stands_against(link, row) if finding.code == "W-007"))


def names(context: Context, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of companies by id."""
    wanted = sorted({key for key in ids if key is not None})
    if not wanted:
        return {}
    marks = ",".join("?" * len(wanted))
    with context.database.reading() as link:
        return dict(link.execute(f"SELECT id, name FROM company WHERE id IN ({marks})", wanted).fetchall())  # noqa: S608


def find_by_name(context: Context, text: str) -> Company | None:
    """The company with this name or id, written as an operator would on the command line."""
    with context.database.reading() as link:
        found = first(link, Company, "name = ?", (text,)) or first(link, Company, "lower(name) = lower(?)", (text,))
        if found is None and text.isascii() and text.isdigit() and len(text) < 19:
            found = by_id(link, Company, int(text))
        return found


def meant_by(context: Context, text: str) -> Company | None:
    """The company with this name or id, or the only one whose name holds the text."""
    exact = find_by_name(context, text)
    if exact is not None:
        return exact
    with context.database.reading() as link:
        found = Window(COMPANIES, needle=text).after(link, None, 2)
    return found[0] if len(found) == 1 else None


def free_block(context: Context) -> NumberBlock:
    """The next free Internal Number Block of the account (W-070)."""
    with context.database.reading() as link:
        account = first(link, Account, "id = 1")
        used = link.execute(
            "SELECT number_block_start, number_block_size FROM company"
            " WHERE number_block_start > 0 AND number_block_size > 0"
        ).fetchall()
    start, size = (account.number_range_start, account.number_block_size) if account else (1000, 1000)
    return next_block(start, size, [NumberBlock(*block) for block in used])


def _judge(link: sqlite3.Connection, typed: Mapping[str, Any], row: Company | None) -> Judged[Company]:
    parsed = read(Company, typed)
    company = replace(row or Company(), **parsed.values)
    findings = [*parsed.findings, *check_company(values(company))]
    if company.name and first(link, Company, "name = ? AND id <> ?", (company.name, company.id)) is not None:
        findings.append(error("name", "there is a company of this name already"))
    findings += _block(link, company)
    if row is not None and company.channels != row.channels:
        findings += check_sum(company.channels, channels_in_use(link, row.id))
    if row is not None and company.cli_allow_list != row.cli_allow_list:
        from .cli_lists import stands_against

        findings += stands_against(link, company)
    return Judged(company, tuple(findings))


def _block(link: sqlite3.Connection, company: Company) -> list[Finding]:
    block = block_of(values(company))
    if block is None:
        return []
    others = link.execute(
        "SELECT name, number_block_start, number_block_size FROM company"
        " WHERE id <> ? AND number_block_start > 0 AND number_block_size > 0",
        (company.id,),
    )
    for name, start, size in others:
        if block.overlaps(NumberBlock(start, size)):
            words = f"overlaps the block {NumberBlock(start, size)} of {name}"
            return [error("number_block_start", words, code="W-070")]
    return []


def _belongings(link: sqlite3.Connection, company_id: int) -> tuple[int, int]:
    entries = link.execute("SELECT count(*) FROM ip_auth WHERE company_id = ?", (company_id,)).fetchone()[0]
    users = link.execute("SELECT count(*) FROM sip_user WHERE company_id = ?", (company_id,)).fetchone()[0]
    return entries, users
