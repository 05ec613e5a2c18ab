"""Deleting voicemail messages so that an undo brings them back byte for byte (S-113).

Two stores take part. Ours commits last: its rows say what may be brought back, and without them a deletion in the trash
is one that a crash cut short, which is put back by the next one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress

from cxtui.models.deleted_message import DeletedMessage
from cxtui.models.errors import SentenceError
from cxtui.models.sip_user import SipUser
from cxtui.models.voicemail import Message
from cxtui.store.probes import exists
from cxtui.store.rows import all_where, by_id
from cxtui.voicemail.freeswitch import FreeSwitchStore

from .context import Context
from .labels import label
from .outcome import Change, ServiceError
from .voicemail import counted, domain_of, store_of
from .writing import Writer, writing

CRASHED_AFTER = 600.0
"""Seconds after which a deletion that no row tells of is taken for one that was cut short."""

_DAY = 86_400.0


def delete(context: Context, user: SipUser, uuids: Sequence[str], *, reason: str = "") -> Change:
    """Delete messages of a SIP user, those that are still there; an undo brings them back for ``voicemail_keep_days``.

    What was deleted before that is forgotten for good. Raises ``ServiceError`` or ``VoicemailError``.
    """
    store, domain = store_of(context), domain_of(context)
    trash = ""
    try:
        with writing(context, reason=reason) as writer:
            stored = writer.fresh(user)
            wanted = f"{_tag(writer.link)}-{writer.change_id}"
            gone = store.delete(domain, stored.username, uuids, wanted, writer.now)
            trash = wanted
            for message in gone:
                writer.add(deleted_message(stored, message, trash, writer.now), action="DELETE")
            writer.note("DELETE", stored, f"{counted(len(gone))} of {label(stored)}")
            expired = _forget(writer, _oldest(context, writer.now))
            change = writer.change(f"Deleted {counted(len(gone))} of {label(stored)}.", stored)
    except BaseException:
        if trash:
            with suppress(SentenceError):
                _put_back(store, _unknown(context, [trash]))
        raise
    with suppress(SentenceError):
        _tidy(context, store, expired=expired)
    return change


def deleted_message(user: SipUser, message: Message, trash: str = "", at: float = 0.0) -> DeletedMessage:
    """What is kept of a message that is deleted."""
    return DeletedMessage(
        sip_user_id=user.id,
        username=message.username,
        trash=trash,
        caller_name=message.caller_name,
        caller_number=message.caller_number,
        created=float(message.created),
        duration=message.duration,
        deleted_at=at,
    )


def put_back(writer: Writer, trash: str) -> None:
    """Bring back all that was deleted at once. It has to be the last deed of a transaction: the other store commits
    first, and nothing takes that back.

    Raises ``ServiceError`` or ``VoicemailError`` where it was put back or purged already.
    """
    rows = all_where(writer.link, DeletedMessage, "trash = ?", (trash,))
    if not rows:
        raise ServiceError("These voicemail messages were put back already, or deleted too long ago.")
    for row in rows:
        writer.delete(row, audited=False)
    user = by_id(writer.link, SipUser, rows[0].sip_user_id)
    whose = label(user) if user else f"{rows[0].username}, who was deleted since"
    writer.note("RESTORE", user or rows[0], f"{counted(len(rows))} of {whose} put back")
    store_of(writer.context).put_back(trash)


def _tidy(context: Context, store: FreeSwitchStore, *, expired: bool) -> None:
    """Purge what is too old, and put back what a crash left: what no row tells of and is not older than a day, because
    no row tells of what is too old either, nor of what was deleted since a copy of this database was made.

    The trash is only read through where something of it is ``expired`` or unknown: it may hold thousands.
    """
    now = context.now()
    with context.database.reading() as link:
        mine = f"{_tag(link)}-"
    # Another database may use the same voicemail server; what is in the trash for it is none of ours.
    unknown = _unknown(context, [found for found in store.orphans() if found.startswith(mine)])
    if expired or unknown:
        store.purge(_oldest(context, now), mine)
    if unknown:
        crashed = {*store.orphans(now - CRASHED_AFTER)} - {*store.orphans(now - _DAY)}
        _put_back(store, unknown & crashed)


def _unknown(context: Context, trashes: Sequence[str]) -> set[str]:
    """Those of which our rows do not tell."""
    with context.database.reading() as link:
        return {trash for trash in trashes if not exists(link, DeletedMessage, "trash = ?", (trash,))}


def _put_back(store: FreeSwitchStore, trashes: Iterable[str]) -> None:
    for trash in trashes:
        with suppress(SentenceError):
            store.put_back(trash)


def _forget(writer: Writer, before: float) -> bool:
    """Forget the rows of what was deleted before a moment; says whether there were any."""
    rows = all_where(writer.link, DeletedMessage, "deleted_at < ?", (before,))
    for row in rows:
        writer.delete(row, audited=False)
    return bool(rows)


def _oldest(context: Context, now: float) -> float:
    """When that was deleted which is only just kept."""
    return now - context.settings.voicemail_keep_days * _DAY


def _tag(link: sqlite3.Connection) -> str:
    """What tells this database from others: how its audit log begins."""
    found = link.execute("SELECT chain FROM audit ORDER BY id LIMIT 1").fetchone()
    return str(found[0])[:8] if found else "new"
