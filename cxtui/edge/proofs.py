"""The rows that changed, asked for at the switch as a call would meet them."""

from __future__ import annotations

from ipaddress import ip_network

from cxtui.models.audit import AuditEntry
from cxtui.models.company import MAY_CALL, Company
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.sip_user import Credential, SipUser
from cxtui.rules.addresses import AddressError, pack, unpack
from cxtui.services.context import Context
from cxtui.services.labels import label
from cxtui.store.probes import exists
from cxtui.store.rows import all_where, by_id

from .station import Station

_MOST = 20
"""So many rows of one change are probed; of a larger one the generation and a sample speak for all."""

_GROUPS = ("1", "3", "2")
_SINCE = "entity = ? AND entity_id = ? AND id > ?"


def newest_audit(context: Context) -> int:
    """The id of the newest row of the audit log."""
    with context.database.reading() as link:
        return int(link.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0])


def changed_since(context: Context, audited: int, until: int) -> list[Entity]:
    """Rows that changed last between two rows of the audit log and that a switch must know now, at most ``_MOST``."""
    with context.database.snapshot() as link:
        where = "id > ? AND id <= ? AND entity IN ('ip_auth', 'sip_user') ORDER BY id DESC LIMIT ?"
        entries = all_where(link, AuditEntry, where, (audited, until, 5 * _MOST))
        found: dict[tuple[str, int], Entity] = {}
        for entry in entries:
            if exists(link, AuditEntry, _SINCE, (entry.entity, entry.entity_id, until)):
                continue
            kind: type[Entity] = IpAuth if entry.entity == "ip_auth" else SipUser
            row = by_id(link, kind, entry.entity_id)
            company = by_id(link, Company, getattr(row, "company_id", 0)) if row else None
            if row is None or company is None or company.status not in MAY_CALL:
                continue
            if isinstance(row, IpAuth) and not (row.enabled and row.direction == Direction.EGRESS and _is_sound(row)):
                continue
            in_use = "owner = 'sip_user' AND owner_id = ? AND retired_by = ''"
            if isinstance(row, SipUser) and not exists(link, Credential, in_use, (row.id,)):
                continue
            found[(entry.entity, entry.entity_id)] = row
        return list(found.values())[:_MOST]


def _is_sound(entry: IpAuth) -> bool:
    """Whether the views show the entry: not what another program wrote with an address that is none."""
    try:
        return pack(str(ip_network(entry.address, strict=False).network_address)) == entry.first
    except (ValueError, AddressError):
        return False


async def unproven(station: Station, rows: list[Entity]) -> str:
    """What the switch does not show of ``rows``, as a sentence; empty when it shows all."""
    for row in rows:
        shown = await _shows_entry(station, row) if isinstance(row, IpAuth) else await _shows_user(station, row)
        if not shown:
            return f"after the reload the switch does not show {label(row)}"
    return ""


async def _shows_entry(station: Station, entry: IpAuth) -> bool:
    for group in _GROUPS:
        read = await station.ask("cxtui.address", group, unpack(entry.first), str(entry.port))
        # Another entry of the same address may stand before it; that one is shown then.
        if isinstance(read, dict) and read.get("tag"):
            tag = str(read["tag"])
            if not tag.startswith(f"e={entry.id};") or f";v={entry.version};" in tag:
                return True
    return False


async def _shows_user(station: Station, user: Entity) -> bool:
    read = await station.ask("cxtui.user", str(user.id))
    return isinstance(read, dict) and read.get("v") == user.version
