"""What follows from a row that an undo brought back: passwords, ranges, owners, links, and the rules of today."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxtui.models.audit import AuditEntry
from cxtui.models.block import Block, Hold, Wanted
from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.findings import Finding, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule, RewriteTest
from cxtui.models.sip_user import SipUser
from cxtui.store.probes import exists
from cxtui.store.rows import by_id

from . import companies, ip_auth, rewrite_tests, rewrites, sip_users
from .audit_trail import restore
from .claims import rivals
from .credentials import UNDO_SECONDS, active, retire, retired_by, unretire
from .labels import label, several
from .moments import moment_words
from .outcome import NeedsConfirmation, ServiceError
from .ownership import refresh_owners
from .writing import Writer


@dataclass(frozen=True, slots=True)
class Ousted:
    """A password that an undo takes out of use: whose, since when, who set it, and whether an earlier one follows."""

    row: SipUser | IpAuth
    set_at: float
    by: str
    earlier: bool

    @property
    def name(self) -> str:
        """Such as "password of SIP user 1001"."""
        return f"{'' if isinstance(self.row, SipUser) else 'outbound '}password of {label(self.row)}"


_WITH_PASSWORDS: dict[str, type[SipUser] | type[IpAuth]] = {"sip_user": SipUser, "ip_auth": IpAuth}


def settle(writer: Writer, row: Entity, change_id: str) -> Entity:
    """Bring what is derived from a row into line with it, once all rows of the change are back."""
    row = writer.fresh(row)
    if isinstance(row, Block):
        if row.wanted == Wanted.UNBLOCKED and row.lifted_at is None and not _held(writer.link, row):
            return writer.update(row, {"lifted_at": writer.now}, audited=False)
        return row
    if isinstance(row, RewriteRule):
        return rewrites.settle(writer, row)
    if not isinstance(row, SipUser | IpAuth):
        return row
    old = retired_by(writer.link, *_owner(row), change_id)
    if old is not None:
        unretire(writer, old)
    if isinstance(row, IpAuth):
        refresh_owners(writer.link, row.first, row.last)
        return _link_again(writer, row)
    sip_users.store_ranges(writer, row)
    if row.password_set_at is not None and active(writer.link, *_owner(row)) is None:
        return writer.update(row, {"password_set_at": None}, audited=False)
    return row


def put_back_password(writer: Writer, entry: AuditEntry, stored: Entity | None) -> Entity:
    """Take back the setting of a password: the one before is in use again, or none if there was none."""
    if stored is None or not isinstance(stored, SipUser | IpAuth):
        raise ServiceError(f"{entry.label}: this cannot be taken back.")
    present = active(writer.link, *_owner(stored))
    if present is None or present.set_at != entry.at:
        raise ServiceError(f"{entry.label}: it was changed again since; it cannot be set back.")
    if entry.at < writer.now - UNDO_SECONDS:
        raise ServiceError(f"{entry.label} more than a day ago: the one before it is not kept any more.")
    old = retired_by(writer.link, *_owner(stored), entry.change_id)
    if old is not None:
        unretire(writer, old)
    else:
        retire(writer, *_owner(stored))
    if isinstance(stored, SipUser):
        stored = writer.update(stored, {"password_set_at": old.set_at if old else None}, audited=False)
    words = "put back" if old else "removed; it had none before"
    writer.note("UPDATE", stored, f"password of {label(stored)} {words}")
    return stored


def ousted(link: sqlite3.Connection, entries: Iterable[AuditEntry]) -> list[Ousted]:
    """The passwords in use that taking back a change takes out of use, of rows that are still there then."""
    found = []
    for entry in entries:
        kind = _WITH_PASSWORDS.get(entry.entity)
        stored = by_id(link, kind, entry.entity_id) if kind and bool(entry.before) == bool(entry.after) else None
        present = active(link, entry.entity, entry.entity_id) if stored is not None else None
        if stored is None or present is None:
            continue
        earlier = retired_by(link, entry.entity, entry.entity_id, entry.change_id) is not None
        sets = not entry.after and present.set_at == entry.at
        if sets or (entry.after and earlier):
            found.append(Ousted(stored, present.set_at, entry.operator if sets else "", earlier))
    return found


def ask_first(writer: Writer, found: Sequence[Ousted], rows: int, word: str) -> None:
    """Raise ``NeedsConfirmation`` if passwords in use would stop working: whoever logs in with them is locked out.

    ``rows`` is how many rows the undo takes back in all.
    """
    if not found:
        return
    first = found[0]
    who = "you" if first.by == writer.context.actor.operator else first.by
    since = f"set {moment_words(first.set_at, writer.now)}{f' by {who}' if who else ''}"
    none = sum(not one.earlier for one in found)
    if len(found) > 1:
        words = f"Take back the passwords of {several([one.row for one in found])}?"
        stops = f"Those {since} stop working at once{f'; {none} of them had none before' if none else ''}."
    else:
        words = f"{'Take away the' if none else 'Put back the earlier'} {first.name}?"
        stops = f"{'It had none before: the' if none else 'The'} one {since} stops working at once."
    more = rows - len(found)
    others = f" {more} other {'row is' if more == 1 else 'rows are'} taken back with it." if more > 0 else ""
    raise NeedsConfirmation(f"{words} {stops}{others}", word, typed=False)


def tells_of_messages(entry: AuditEntry) -> bool:
    """Whether a row of the audit tells of deleted voicemail messages: of one, or how many they were."""
    return entry.entity == "deleted_message" or (entry.action == "DELETE" and not entry.before)


def put_back_messages(writer: Writer, entries: Iterable[AuditEntry]) -> None:
    """Bring back the voicemail messages that a change deleted. It has to be done last: their store commits first."""
    trashes = {json.loads(entry.after)["trash"] for entry in entries if entry.entity == "deleted_message"}
    if trashes:
        from . import voicemail_trash

        for trash in sorted(trashes):
            voicemail_trash.put_back(writer, trash)


def refuse_broken_rules(link: sqlite3.Connection, entry: AuditEntry, row: Entity) -> None:
    """Raise where a rule that the row met once is broken now: an address taken since, channels given away."""
    found = errors(_findings(link, entry, row))
    if found:
        raise ServiceError(f"{label(row)} cannot be set back: {found[0].text}")


def _findings(link: sqlite3.Connection, entry: AuditEntry, row: Entity) -> list[Finding]:
    match row:
        case IpAuth():
            found = ip_auth.judge_stored(link, row)
            return [item for item in found if item.code != "C-12" or not _was_so(link, entry, row)]
        case Company():
            return list(companies.judge_stored(link, row))
        case SipUser():
            after = restore(SipUser, entry.after).get("channels")
            return sip_users.stands_against(link, row, grown=not entry.after or sip_users.grew(row.channels, after))
        case RewriteRule():
            return rewrites.judge_stored(link, row)
        case RewriteTest():
            return rewrite_tests.judge_stored(link, row)
        case _:
            return []


def _was_so(link: sqlite3.Connection, entry: AuditEntry, row: IpAuth) -> bool:
    """Whether the change only gave CLI Authentication to an entry, and nothing that meets it was changed since."""
    if restore(IpAuth, entry.after) != {"cli_authentication": True}:
        return False
    others = rivals(link, row.address, row.first, row.last)
    since = "entity = 'ip_auth' AND entity_id = ? AND id > ? AND change_id <> ? AND undoes <> ?"
    change = entry.change_id
    return not any(exists(link, AuditEntry, since, (other.id, entry.id, change, change)) for other in others)


def _owner(row: SipUser | IpAuth) -> tuple[str, int]:
    return ("sip_user" if isinstance(row, SipUser) else "ip_auth"), row.id


def _held(link: sqlite3.Connection, block: Block) -> bool:
    return exists(link, Hold, "block_id = ?", (block.id,))


def _link_again(writer: Writer, row: IpAuth) -> IpAuth:
    if row.linked_id is None:
        return row
    partner = by_id(writer.link, IpAuth, row.linked_id)
    if partner is None:
        return writer.update(row, {"linked_id": None}, audited=False)
    if partner.linked_id is None:
        writer.update(partner, {"linked_id": row.id}, audited=False)
    return row
