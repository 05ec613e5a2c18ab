"""Blocks: what an operator wants blocked and unblocked, and what the edges report of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cxtui.models.block import BY_HAND, Block, Hold, Wanted
from cxtui.models.findings import Finding, error, warning
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.addresses import AddressError, pack, parse_host
from cxtui.rules.durations import parse_duration
from cxtui.rules.values import read
from cxtui.store.probes import exists
from cxtui.store.rows import all_where, first

from .claims import company_name
from .context import Context
from .ip_auth import insert
from .labels import label, several
from .outcome import Change, NeedsConfirmation, Refused, ServiceError
from .ownership import owner_of
from .ranges import allow_networks
from .registered import silenced
from .writing import Writer, writing

MOST_AT_ONCE = 10_000
"""How many blocks are taken up from a range at once."""


def block(context: Context, typed: Mapping[str, Any], *, confirmed: str = "", reason: str = "") -> Change:
    """Block one address (W-030). ``typed`` has ``address``, ``notes`` and ``expires`` (such as "2 h"; empty: never).

    An address that belongs to a company, or that a user is registered from, is only blocked when ``confirmed`` is that
    address typed once more; until then ``NeedsConfirmation`` is raised. Raises ``Refused`` for what is no single
    address, or is blocked already.
    """
    wanted = _wanted(context, typed)
    with writing(context, reason=reason) as writer:
        known = first(writer.link, Block, "packed = ? AND lifted_at IS NULL", (wanted.packed,))
        if known is not None and known.wanted == Wanted.BLOCKED and not _over(writer, known):
            raise Refused([error("address", "this address is blocked already")])
        owner = owner_of(writer.link, wanted.packed)
        stopping = _stopping(writer.link, wanted.packed, owner)
        if stopping and confirmed.strip() != wanted.address:
            told = "; ".join(finding.text for finding in stopping)
            raise NeedsConfirmation(f"{wanted.address} {told}.", wanted.address)
        if known is not None:
            changes = {"wanted": Wanted.BLOCKED.value, "notes": wanted.notes, "expires_at": wanted.expires_at}
            stored = writer.update(known, changes, action="BLOCK")
        else:
            stored = writer.add(replace(wanted, company_id=owner, ours=int(owner is not None)), action="BLOCK")
        return writer.change(f"Blocked {stored.address}: {_way(writer)}.", stored)


def unblock(context: Context, rows: Sequence[Block], *, reason: str = "") -> Change:
    """Let addresses through again, all or none. The edges that hold them are told; without one it is recorded."""
    with writing(context, reason=reason) as writer:
        stored = [lift(writer, row) for row in rows]
        return writer.change(f"Unblocked {_addresses(stored)}: {_way(writer)}.", *stored)


def authorise(
    context: Context, row: Block, company_id: int, typed: Mapping[str, Any], *, share: bool = False, reason: str = ""
) -> Change:
    """Add the blocked address as an IP entry of a company and unblock it, in one change."""
    with writing(context, reason=reason) as writer:
        stored, warnings = insert(writer, company_id, {"address": row.address, **typed}, share=share)
        lifted = lift(writer, row)
        sentence = f"Authorised {several(stored)} and unblocked {lifted.address}: {_way(writer)}."
        return writer.change(sentence, *stored, lifted, warnings=warnings)


def ranges_of(row: IpAuth | SipUser) -> list[tuple[bytes, bytes]]:
    """The packed ranges that belong to a row: an entry's own, or those of a SIP user's allow list."""
    if isinstance(row, IpAuth):
        return [(row.first, row.last)]
    return [(network.first, network.last) for network in allow_networks(row.allow_list)]


def inside(context: Context, ranges: Sequence[tuple[bytes, bytes]]) -> list[Block]:
    """The blocks in force within the packed ranges, at most ``MOST_AT_ONCE``."""
    found: dict[int, Block] = {}
    with context.database.reading() as link:
        for low, high in ranges:
            where = "lifted_at IS NULL AND wanted = ? AND packed BETWEEN ? AND ? ORDER BY packed LIMIT ?"
            rows = all_where(link, Block, where, (Wanted.BLOCKED.value, low, high, MOST_AT_ONCE))
            found.update((row.id, row) for row in rows)
    return list(found.values())[:MOST_AT_ONCE]


def find_live(context: Context, address: str) -> Block | None:
    """The block of an address that is in force or on its way, None where there is none. Raises ``Refused``."""
    try:
        packed = pack(parse_host(address).text)
    except AddressError as problem:
        raise Refused([error("address", str(problem))]) from problem
    with context.database.reading() as link:
        return first(link, Block, "packed = ? AND lifted_at IS NULL", (packed,))


def check(context: Context, typed: Mapping[str, Any]) -> Sequence[Finding]:
    """What the rules say of the typed fields of a new block; nothing is written."""
    try:
        wanted = _wanted(context, typed)
    except Refused as refused:
        return refused.findings
    with context.database.reading() as link:
        return _stopping(link, wanted.packed, owner_of(link, wanted.packed))


def _stopping(link: sqlite3.Connection, packed: bytes, owner: int | None) -> list[Finding]:
    """What stops with a block: the calls of the company it belongs to, and the phones registered from it (W-031)."""
    devices = silenced(link, packed)
    if owner is None:
        return devices
    return [warning("address", f"belongs to {company_name(link, owner)}: their calls will stop"), *devices]


def _wanted(context: Context, typed: Mapping[str, Any]) -> Block:
    parsed = read(Block, {"address": typed.get("address", ""), "notes": typed.get("notes", "")})
    findings = [finding for finding in parsed.findings if finding.field != "address"]
    address, expires = "", None
    try:
        address = parse_host(str(typed.get("address", ""))).text
    except AddressError as problem:
        findings.append(error("address", str(problem), code="W-030"))
    try:
        expires = parse_duration(str(typed.get("expires", "")))
    except ValueError as problem:
        findings.append(error("expires", str(problem)))
    if findings:
        raise Refused(findings)
    now = context.now()
    return Block(
        address=address,
        packed=pack(address),
        notes=parsed.values["notes"],
        expires_at=now + expires if expires else None,
        since=now,
        last_seen=now,
        reason=BY_HAND,
        source=context.actor.operator[:40],
    )


def lift(writer: Writer, row: Block) -> Block:
    """Want an address let through, within a transaction that may do more; over at once where no edge holds it."""
    stored = writer.fresh(row)
    if stored.lifted_at is not None:
        raise ServiceError(f"{label(stored)} is not in force any more.")
    held = exists(writer.link, Hold, "block_id = ?", (stored.id,))
    changes = {"wanted": Wanted.UNBLOCKED.value, "lifted_at": None if held else writer.now}
    return writer.update(stored, changes, action="UNBLOCK")


def _over(writer: Writer, block: Block) -> bool:
    """Whether its time is up and no edge holds it any more."""
    over = block.expires_at is not None and block.expires_at <= writer.now
    return over and not exists(writer.link, Hold, "block_id = ?", (block.id,))


def _addresses(rows: Sequence[Block]) -> str:
    return rows[0].address if len(rows) == 1 else f"{len(rows)} addresses"


def _way(writer: Writer) -> str:
    edges = writer.link.execute("SELECT count(*) FROM edge WHERE heartbeat_at > ?", (writer.now - 15,)).fetchone()[0]
    return f"on its way to {edges} edge{'s' if edges != 1 else ''}" if edges else "recorded, no edge attached"
