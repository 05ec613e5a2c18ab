"""Taking back a bulk change: its rows together, as fast as they were written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from cxtui.models.audit import AuditEntry
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import many
from cxtui.services.audit_trail import restore
from cxtui.services.labels import label
from cxtui.services.outcome import ServiceError
from cxtui.services.writing import Writer
from cxtui.store.names import entity_of

from . import facts, ip_judging, sip_judging
from .drafts import Draft
from .facts import Names
from .storing import own_again, store_ranges

Row: TypeAlias = IpAuth | SipUser
Check: TypeAlias = Callable[[AuditEntry, Any, dict[str, Any]], None]

_KINDS = ("ip_auth", "sip_user")
_WRITTEN = ("CREATE", "UPDATE")
_ONE_BY_ONE = frozenset(
    {"company_id", "username", "address", "first", "last", "uac_username", "uac_realm", "password_set_at"}
)
"""Fields on which more depends than the row they stand in."""

_REWRITTEN = (
    "SELECT owner_id FROM rewrite_rule WHERE owner = ?1 AND owner_id IN (SELECT value FROM json_each(?2)) UNION ALL"
    " SELECT owner_id FROM rewrite_test WHERE owner = ?1 AND owner_id IN (SELECT value FROM json_each(?2)) LIMIT 1"
)
_RETIRE = (
    "UPDATE credential SET retired_by = ?, version = version + 1 WHERE owner = ? AND retired_by = ''"
    " AND owner_id IN (SELECT value FROM json_each(?))"
)


def covers(entries: Sequence[AuditEntry]) -> bool:
    """Whether the rows of a change can be taken back together: new or changed ones of one list, each once."""
    kinds = {entry.entity for entry in entries}
    once = len({entry.entity_id for entry in entries}) == len(entries)
    if len(kinds) != 1 or not kinds <= {*_KINDS} or not once:
        return False
    return all(entry.action in _WRITTEN and entry.after and not _ONE_BY_ONE & _names(entry.before) for entry in entries)


def take_back(writer: Writer, entries: Sequence[AuditEntry], refuse_changed: Check) -> list[Row]:
    """Delete what was created and set back what was changed; returns the rows that are left, as they are stored then.

    ``refuse_changed`` raises where a row is not as the change left it. Raises ``ServiceError``.
    """
    entity: Any = entity_of(entries[0].entity)
    stored = facts.by_ids(writer.link, entity, (entry.entity_id for entry in entries))
    created: list[tuple[AuditEntry, Row]] = []
    changed: list[tuple[Row, dict[str, Any]]] = []
    for entry in entries:
        row = stored.get(entry.entity_id)
        if row is None:
            raise ServiceError(f"{entry.label} was deleted since; it cannot be set back.")
        refuse_changed(entry, row, restore(entity, entry.after))
        if entry.before:
            changed.append((row, restore(entity, entry.before)))
        else:
            created.append((entry, row))
    _take_away(writer, created)
    return _set_back(writer, changed)


def _take_away(writer: Writer, created: Sequence[tuple[AuditEntry, Row]]) -> None:
    if not created:
        return
    table, rows = created[0][0].entity, [row for _, row in created]
    ids = json.dumps([row.id for row in rows])
    rewritten = writer.link.execute(_REWRITTEN, (table, ids)).fetchone()
    if rewritten:
        which = next(row for row in rows if row.id == rewritten[0])
        raise ServiceError(f"{label(which)} has rewrite rules or test numbers now; it cannot be taken away.")
    writer.past_the_orm().execute(_RETIRE, (writer.change_id, table, ids))
    store_ranges(writer, [], [replace(row, allow_list="") for row in rows if isinstance(row, SipUser)])
    many.delete(writer, rows)
    own_again(writer, [(row.first, row.last) for row in rows if isinstance(row, IpAuth)])


def _set_back(writer: Writer, changed: Sequence[tuple[Row, Mapping[str, Any]]]) -> list[Row]:
    _refuse_broken_rules(writer, changed)
    rows = many.update(writer, changed)
    listed = [row for row, (_, before) in zip(rows, changed, strict=True) if "allow_list" in before]
    store_ranges(writer, [], [row for row in listed if isinstance(row, SipUser)])
    return rows


def _refuse_broken_rules(writer: Writer, changed: Sequence[tuple[Row, Mapping[str, Any]]]) -> None:
    """Raise where the rows as they were break a rule now."""
    names = Names(writer.link)
    users = [Draft(0, replace(row, **before), row) for row, before in changed if isinstance(row, SipUser)]
    entries = [Draft(0, replace(row, **before), row) for row, before in changed if isinstance(row, IpAuth)]
    sip_judging.together(writer.link, users, names)
    ip_judging.together(writer.link, entries, names)
    judged = [*((draft.row, draft.findings) for draft in users), *((draft.row, draft.findings) for draft in entries)]
    for row, findings in judged:
        for finding in errors(findings):
            raise ServiceError(f"{label(row)} cannot be set back: {finding.text}")


def _names(image: str) -> frozenset[str]:
    return frozenset(json.loads(image)) if image else frozenset()
