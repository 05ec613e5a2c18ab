"""Undo: the inverse of a change, through the same door and by the same rules, audited like any other."""

from __future__ import annotations

import json
from typing import Any

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block, Wanted
from cxtui.models.company import Company
from cxtui.models.fields import Entity, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.store.names import entity_of
from cxtui.store.probes import exists
from cxtui.store.rows import all_where, by_id, first

from .audit_trail import restore
from .blocks import lift
from .context import Context
from .credentials import retire
from .labels import label
from .outcome import Change, ServiceError
from .ownership import forget_company, refresh_owners
from .restoring import (
    Ousted,
    ask_first,
    ousted,
    put_back_messages,
    put_back_password,
    refuse_broken_rules,
    settle,
    tells_of_messages,
)
from .rewrite_tests import rules_of, tests_of
from .rewrites import EDGE_FORM
from .sip_users import forget_ranges
from .subjects import Subject
from .writing import Writer, require, writing

MANY = 50
"""Changes of more rows than these are taken back together, where that is possible."""

SHORT = 8
"""Characters of a change's id by which an operator names it."""

_MOVING: dict[type[Entity], frozenset[str]] = {
    IpAuth: frozenset({"linked_id"}),
    Block: frozenset({"company_id", "ours", "hits", "last_seen", "usernames", "user_agent"}),
    RewriteRule: frozenset(EDGE_FORM),
}
"""Fields that change without an operator; they do not stand against an undo."""

_SETTINGS = ("GENERATE", "UPDATE")

_DEPENDANTS: dict[type[Entity], tuple[tuple[type[Entity], str], ...]] = {
    Company: ((IpAuth, "company_id"), (SipUser, "company_id")),
    SipProfile: ((SipUser, "profile_id"),),
}

FINAL = (
    *("READ", "UNREAD", "EXPORT", "PASSWORD", "SEND", "RESTORE", "DELAY", "CANCEL", "REFUSE"),
    *("UNREGISTER", "PROBE", "RECONCILE", "COMPARE", "FORGET"),
)
"""Actions that nothing takes back: what they did, they did outside of this database, or it is still to be done."""


def last(context: Context) -> str:
    """The id of the operator's last change that can be and was not taken back, empty where there is none."""
    with context.database.reading() as link:
        found = link.execute(
            "SELECT change_id FROM audit AS a WHERE operator = ? AND undoes = ''"
            " AND action NOT IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM audit AS b WHERE b.undoes = a.change_id) ORDER BY id DESC LIMIT 1",
            (context.actor.operator, json.dumps(FINAL)),
        ).fetchone()
    return str(found[0]) if found else ""


def sets_password(entry: AuditEntry) -> bool:
    """Whether a row of the log tells that a password was set or put back, of which it has a sentence and no fields."""
    return not entry.before and not entry.after and entry.action in _SETTINGS


def words(entry: AuditEntry) -> str:
    """What a row of the log tells of: "update of SIP user 1001", "password of SIP user 1001 set"."""
    return entry.label if sets_password(entry) else f"{entry.action.lower()} of {entry.label}"


def undo(context: Context, change_id: str = "", *, confirmed: str = "") -> Change:
    """Take back a change of the operator, the last one unless named. Raises ``ServiceError`` where that is no longer
    possible, because somebody changed the same fields since, something now depends on it, or a rule forbids it now;
    ``Denied`` for a change of somebody else, which takes an admin; ``NeedsConfirmation`` where a password in use stops
    working (S-126), until ``confirmed`` is the word it wants: the beginning of the change's id.
    """
    change_id = change_id or last(context)
    if not change_id:
        raise ServiceError("There is nothing to undo.")
    if confirmed and confirmed[:SHORT] != change_id[:SHORT]:
        raise ServiceError("This is not the change that was asked about; nothing was taken back.")
    with writing(context, reason="undo", undoes=change_id) as writer:
        entries = _entries(writer, change_id)
        if len(entries) > MANY:
            from .bulk import undoing

            if undoing.covers(entries):
                rows = undoing.take_back(writer, entries, _refuse_changed)
                return writer.change(_sentence(entries, [], []), *rows)
        ours = [entry for entry in entries if not tells_of_messages(entry)]
        stopping = ousted(writer.link, ours)
        inverted = [(entry, row) for entry in ours if (row := _invert(writer, entry)) is not None]
        settled = [(entry, settle(writer, row, change_id)) for entry, row in inverted]
        for entry, row in settled:
            refuse_broken_rules(writer.link, entry, row)
        if not confirmed:
            ask_first(writer, stopping, len(ours), change_id[:SHORT])
        put_back_messages(writer, entries)
        return writer.change(_sentence(entries, settled, stopping), *(row for _, row in settled))


def _entries(writer: Writer, change_id: str) -> list[AuditEntry]:
    """The rows of a change, newest first, if the operator may take it back."""
    entries = all_where(writer.link, AuditEntry, "change_id = ? ORDER BY id DESC", (change_id,))
    if not entries:
        raise ServiceError("That change is not in the audit log.")
    if first(writer.link, AuditEntry, "undoes = ?", (change_id,)) is not None:
        raise ServiceError("That change was taken back already.")
    actor = writer.context.actor
    if any(entry.operator != actor.operator or _is_an_admins(entry) for entry in entries):
        require(writer.context, Role.ADMIN)
    return entries


def _is_an_admins(entry: AuditEntry) -> bool:
    """Whether it takes an admin to do what a row of the log tells of: roles may have changed since."""
    if entry.entity == "company":
        return bool({*restore(Company, entry.before), *restore(Company, entry.after)} - {"cli_allow_list"})
    return entry.entity == "sip_profile"


def _sentence(entries: list[AuditEntry], settled: list[tuple[AuditEntry, Entity]], stopped: list[Ousted]) -> str:
    # Of voicemail messages one row tells how many they are.
    entries = [entry for entry in entries if entry.entity != "deleted_message"]
    newest = entries[0]
    if len(entries) > 1:
        said = f"Undone: {len(entries)} rows, the last one {newest.label}"
    elif stopped and not newest.after:
        now = f"the earlier {stopped[0].name} is in use again"
        said = f"Undone: {now if stopped[0].earlier else f'{label(stopped[0].row)} has no password, as before'}"
    else:
        said = f"Undone: {words(newest).replace(' of block of ', ' of ', 1)}"
    lost = [
        label(row)
        for entry, row in settled
        if isinstance(row, SipUser)
        and row.password_set_at is None
        and restore(SipUser, entry.before).get("password_set_at")
    ]
    return f"{said}; set a new password for {', '.join(lost)}." if lost else f"{said}."


def _invert(writer: Writer, entry: AuditEntry) -> Entity | None:
    if entry.action in FINAL:
        raise ServiceError(f"{entry.label}: this cannot be taken back.")
    entity = entity_of(entry.entity)
    before, after = restore(entity, entry.before), restore(entity, entry.after)
    stored = by_id(writer.link, entity, entry.entity_id)
    if not before and not after:
        return put_back_password(writer, entry, stored)
    if not after:
        if stored is not None:
            raise ServiceError(f"{entry.label} is there again already.")
        _refuse_impossible(writer, entry, entity, before)
        return writer.add(entity(id=entry.entity_id, **before))
    if stored is None:
        raise ServiceError(f"{entry.label} was deleted since; it cannot be set back.")
    _refuse_changed(entry, stored, after)
    if not before:
        return _take_away(writer, entry, stored)
    if isinstance(stored, Block):
        return _set_block_back(writer, entry, stored, before)
    _refuse_impossible(writer, entry, entity, before)
    if isinstance(stored, IpAuth):
        restored = writer.update(stored, before)
        refresh_owners(writer.link, stored.first, stored.last)
        return restored
    return writer.update(stored, before)


def _refuse_changed(entry: AuditEntry, stored: Entity, after: dict[str, Any]) -> None:
    known = specs(type(stored))
    ignored = _MOVING.get(type(stored), frozenset())
    if isinstance(stored, Block) and stored.wanted == Wanted.UNBLOCKED:
        # The agent says when the last edge has let go.
        ignored |= {"lifted_at"}
    changed = [
        known[name].label for name, value in after.items() if name not in ignored and getattr(stored, name) != value
    ]
    if changed:
        raise ServiceError(f"{entry.label}: {', '.join(changed)} was changed again since; it cannot be set back.")


def _refuse_impossible(writer: Writer, entry: AuditEntry, entity: type[Entity], before: dict[str, Any]) -> None:
    """What the database itself would refuse, in words: a name that is taken, a company that is gone."""
    for name, spec in specs(entity).items():
        value = before.get(name)
        if spec.unique and value and exists(writer.link, entity, f"{name} = ? AND id <> ?", (value, entry.entity_id)):
            raise ServiceError(f"{entry.label} cannot be set back: {value} is taken now.")
        if spec.refers_to and value and by_id(writer.link, entity_of(spec.refers_to), value) is None:
            raise ServiceError(f"{entry.label} cannot be set back: its {spec.label} was deleted since.")


def _take_away(writer: Writer, entry: AuditEntry, stored: Entity) -> Entity | None:
    """Delete what was added; a block is lifted instead, because edges may hold it already."""
    for entity, column in _DEPENDANTS.get(type(stored), ()):
        if exists(writer.link, entity, f"{column} = ?", (stored.id,)):
            raise ServiceError(f"{entry.label} is in use now; it cannot be taken away.")
    if isinstance(stored, Block):
        return lift(writer, stored)
    if isinstance(stored, Company):
        forget_company(writer.link, stored.id)
    if isinstance(stored, SipUser):
        forget_ranges(writer, stored)
    if isinstance(stored, SipUser | IpAuth):
        subject = Subject(entry.entity, stored.id)
        if rules_of(writer.link, subject) or tests_of(writer.link, subject):
            raise ServiceError(f"{entry.label} has rewrite rules or test numbers now; it cannot be taken away.")
        retire(writer, entry.entity, stored.id)
    writer.delete(stored)
    if isinstance(stored, IpAuth):
        refresh_owners(writer.link, stored.first, stored.last)
    return None


def _set_block_back(writer: Writer, entry: AuditEntry, stored: Block, before: dict[str, Any]) -> Block:
    if before.get("wanted") == Wanted.BLOCKED:
        others = "packed = ? AND lifted_at IS NULL AND id <> ?"
        if exists(writer.link, Block, others, (stored.packed, stored.id)):
            raise ServiceError(f"{entry.label} cannot be set back: it is blocked again already.")
        before = {**before, "lifted_at": None}
    return writer.update(stored, before)
