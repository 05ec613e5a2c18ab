"""The audit log: reading it, what a change changed, and whether nobody tampered with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cxtui.models.audit import AuditEntry
from cxtui.models.edge import Account
from cxtui.models.fields import Entity, specs
from cxtui.rules.values import show
from cxtui.store import listings
from cxtui.store.names import TABLES, entity_of, table_of
from cxtui.store.rows import all_where, first

from .audit_filter import narrow
from .audit_trail import chained, restore
from .context import Context

_AT_ONCE = 5_000
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a changed row, in the operator's words; empty where the row was not there."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds: how many rows were looked at, and the first that does not fit, 0 where all do."""

    rows: int
    broken: int
    sentence: str


def differences(entry: AuditEntry) -> list[Difference]:
    """What a row of the log changed, field by field; of a new row what differs from an empty form. Secrets never are in
    it.
    """
    if entry.entity not in TABLES:
        return []
    entity = entity_of(entry.entity)
    try:
        before, after = restore(entity, entry.before), restore(entity, entry.after)
    except (ValueError, TypeError, AttributeError, KeyError):
        # Another program wrote it; that it is not ours the chain says.
        return []
    known = specs(entity)
    found = [
        Difference(known[name].label, _shown(known[name], before, name), _shown(known[name], after, name))
        for name, spec in known.items()
        if (name in before or name in after)
        and not isinstance(before.get(name, after.get(name)), bytes)
        and (before or after[name] != spec.default)
    ]
    return [item for item in found if item.before != item.after]


def object_filter(table: str, key: int) -> str:
    """The filter that shows the history of one row."""
    return f"#{table}/{key}"


def object_filter_of(row: Entity) -> str:
    """The filter that shows the history of ``row``."""
    return object_filter(table_of(type(row)), row.id)


def verify(context: Context) -> Verdict:
    """Follow the chain from the first row to the newest."""
    chain, rows, newest = "", 0, 0
    with context.database.snapshot() as link:
        while part := all_where(link, AuditEntry, "id > ? ORDER BY id LIMIT ?", (newest, _AT_ONCE)):
            for entry in part:
                chain = chained(chain, entry)
                if chain != entry.chain:
                    words = f"Row {entry.id} of the audit log was altered, or a row before it was taken out."
                    return Verdict(rows, entry.id, words)
                rows, newest = rows + 1, entry.id
        account = first(link, Account, "id = 1")
    if account is not None and account.audit_head != chain:
        return Verdict(rows, newest + 1, f"Rows are missing at the end of the audit log, after row {newest}.")
    return Verdict(rows, 0, f"The audit log is whole: {rows} rows.")


def of_change(context: Context, change_id: str) -> list[AuditEntry]:
    """The rows of a change, oldest first; ``change_id`` may be cut as lists show it, to four characters or more."""
    if len(change_id) < _SHORTEST:
        return []
    with context.database.reading() as link:
        same = "change_id >= ? AND change_id < ? ORDER BY id"
        return all_where(link, AuditEntry, same, (change_id, change_id + "\U0010ffff"))


def entries(context: Context, text: str, limit: int) -> list[AuditEntry]:
    """The newest rows that a filter finds."""
    from cxtui.store.windows import Window

    listing, needle = narrow(listings.AUDIT, text, context.now())
    with context.database.snapshot() as link:
        return Window(listing, needle=needle).after(link, None, limit)


def _shown(spec: Any, named: dict[str, Any], name: str) -> str:
    return show(spec, named[name]) if name in named else ""
