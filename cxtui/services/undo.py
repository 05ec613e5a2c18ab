"""Taking back the operator's last change: the inverse change, through the same door, audited like any other."""

from __future__ import annotations

from cxtui.models.audit import AuditEntry
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.store.names import ENTITY_OF
from cxtui.store.rows import all_where, by_id, first

from .context import Context
from .credentials import retire, unretire
from .labels import label
from .outcome import Change, ServiceError
from .ownership import refresh_owners
from .sip_users import store_ranges
from .writing import Writer, restore, writing

_PAST = {"CREATE": "added", "UPDATE": "changed", "DELETE": "deleted", "BLOCK": "set", "UNBLOCK": "lifted"}


def last(context: Context) -> str:
    """The id of the operator's last change that was not taken back, empty where there is none."""
    with context.database.reading() as link:
        found = link.execute(
            "SELECT change_id FROM audit AS a WHERE operator = ? AND undoes = ''"
            " AND NOT EXISTS (SELECT 1 FROM audit AS b WHERE b.undoes = a.change_id) ORDER BY id DESC LIMIT 1",
            (context.actor.operator,),
        ).fetchone()
    return str(found[0]) if found else ""


def undo(context: Context, change_id: str = "") -> Change:
    """Take back a change of the operator, the last one unless named. Raises ``ServiceError`` where that is no longer
    possible, because somebody changed the same fields since or something now depends on it.
    """
    change_id = change_id or last(context)
    if not change_id:
        raise ServiceError("There is nothing to undo.")
    with writing(context, reason="undo", undoes=change_id) as writer:
        entries = all_where(writer.link, AuditEntry, "change_id = ? ORDER BY id DESC", (change_id,))
        if not entries:
            raise ServiceError("That change is not in the audit log.")
        if first(writer.link, AuditEntry, "undoes = ?", (change_id,)) is not None:
            raise ServiceError("That change was taken back already.")
        rows = [_invert(writer, entry) for entry in entries]
        more = f" and {len(entries) - 1} more rows" if len(entries) > 1 else ""
        sentence = f"Undone: {entries[0].label} {_PAST.get(entries[0].action, '')}".rstrip()
        return writer.change(f"{sentence}{more}.", *filter(None, rows))


def _invert(writer: Writer, entry: AuditEntry) -> Entity | None:
    entity = ENTITY_OF[entry.entity]
    before, after = restore(entity, entry.before), restore(entity, entry.after)
    stored = by_id(writer.link, entity, entry.entity_id)
    if not before and not after:
        return _invert_password(writer, entry, stored)
    if not before:
        _take_away(writer, entry, stored)
        return None
    if not after:
        if stored is not None:
            raise ServiceError(f"{entry.label} is there again already.")
        return _settle(writer, writer.add(entity(id=entry.entity_id, **before)), entry)
    if stored is None:
        raise ServiceError(f"{entry.label} was deleted since; it cannot be set back.")
    changed = [name for name, value in after.items() if getattr(stored, name) != value]
    if changed:
        raise ServiceError(f"{entry.label}: {', '.join(changed)} was changed again since; it cannot be set back.")
    return _settle(writer, writer.update(stored, before), entry)


def _take_away(writer: Writer, entry: AuditEntry, stored: Entity | None) -> None:
    if stored is None:
        raise ServiceError(f"{entry.label} was deleted since.")
    if isinstance(stored, SipUser):
        retire(writer, "sip_user", stored.id)
        writer.link.execute("DELETE FROM allowed_range WHERE sip_user_id = ?", (stored.id,))
    if isinstance(stored, IpAuth):
        retire(writer, "ip_auth", stored.id)
    for table, column in (("ip_auth", "company_id"), ("sip_user", "company_id"), ("sip_user", "profile_id")):
        _refuse_dependants(writer, entry, table, column)
    writer.link.execute("DELETE FROM hold WHERE block_id = ?", (stored.id if entry.entity == "block" else 0,))
    writer.delete(stored)
    if isinstance(stored, IpAuth):
        refresh_owners(writer.link, stored.first, stored.last)


def _refuse_dependants(writer: Writer, entry: AuditEntry, table: str, column: str) -> None:
    if f"{entry.entity}_id" != column and not (entry.entity == "sip_profile" and column == "profile_id"):
        return
    statement = f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1"  # noqa: S608
    if writer.link.execute(statement, (entry.entity_id,)).fetchone():
        raise ServiceError(f"{entry.label} is in use now; it cannot be taken away.")


def _settle(writer: Writer, row: Entity, entry: AuditEntry) -> Entity:
    """Bring what is derived from a row into line with it."""
    if isinstance(row, IpAuth):
        refresh_owners(writer.link, row.first, row.last)
        unretire(writer, "ip_auth", row.id, entry.change_id)
    if isinstance(row, SipUser):
        store_ranges(writer, row)
        restored = unretire(writer, "sip_user", row.id, entry.change_id) if _lost_password(writer, entry) else True
        if not restored:
            row = writer.update(row, {"password_set_at": None})
    return row


def _lost_password(writer: Writer, entry: AuditEntry) -> bool:
    found = writer.link.execute("SELECT 1 FROM credential WHERE retired_by = ? LIMIT 1", (entry.change_id,)).fetchone()
    return found is not None


def _invert_password(writer: Writer, entry: AuditEntry, stored: Entity | None) -> Entity | None:
    if stored is None or not isinstance(stored, SipUser | IpAuth):
        raise ServiceError(f"{entry.label}: this cannot be taken back.")
    owner = "sip_user" if isinstance(stored, SipUser) else "ip_auth"
    restored = unretire(writer, owner, stored.id, entry.change_id)
    if isinstance(stored, SipUser):
        stored = writer.update(stored, {"password_set_at": writer.now if restored else None}, audited=False)
    words = "put back" if restored else "removed; it had none before"
    writer.note("UPDATE", stored, f"password of {label(stored)} {words}")
    return stored
