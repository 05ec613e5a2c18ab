"""IP authentication entries: check, add, save, delete."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cxtui.models.company import Company
from cxtui.models.fields import Choice, form_specs
from cxtui.models.findings import Finding, error, errors, warning
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.protocols import usual_port
from cxtui.rules.addresses import Line, name_range, special, split_many
from cxtui.rules.conflicts import Claim, check_ip_against_allow_lists, check_ip_claims
from cxtui.rules.ip_entries import check_entry
from cxtui.rules.values import networks_line, read
from cxtui.store.rows import by_id

from .claims import Together, allowed, claim, rivals
from .codecs import known_codecs, without_kept_codecs
from .context import Context
from .credentials import retire
from .labels import label, several
from .outcome import Change, Refused, ServiceError
from .ownership import refresh_owners
from .ranges import covering
from .registered import beneath
from .rewrite_tests import forget_all
from .subjects import Subject
from .writing import Writer, writing

BOTH = "egress,ingress"
"""The value of the direction that adds one entry for each way (C-01)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What would be stored, and what the rules say of it."""

    entries: tuple[IpAuth, ...]
    findings: tuple[Finding, ...]


def check(
    context: Context, company_id: int, typed: Mapping[str, Any], row: IpAuth | None = None, *, share: bool = False
) -> Judged:
    """What the rules say of the typed fields of a new entry, or of ``row`` being edited; nothing is written.

    ``typed["address"]`` of a new entry may hold several addresses with any separators (W-001); its direction may be
    ``BOTH``. With ``share``, CLI Authentication counts as set on every sharer (C-12).
    """
    with context.database.reading() as link:
        return _judge(link, company_id, typed, row, share, known_codecs(context))


def add(
    context: Context, company_id: int, typed: Mapping[str, Any], *, share: bool = False, reason: str = ""
) -> Change:
    """Add an entry for every address and direction, all or none. Raises ``Refused``."""
    with writing(context, reason=reason) as writer:
        stored, warnings = insert(writer, company_id, typed, share=share)
        return writer.change(f"Added {several(stored)}.", *stored, warnings=warnings)


def insert(
    writer: Writer, company_id: int, typed: Mapping[str, Any], *, share: bool = False
) -> tuple[list[IpAuth], tuple[Finding, ...]]:
    """As ``add``, within a transaction that does more."""
    if by_id(writer.link, Company, company_id) is None:
        raise ServiceError("Choose a company first.")
    judged = _judge(writer.link, company_id, typed, None, share, known_codecs(writer.context))
    if errors(judged.findings):
        raise Refused(judged.findings)
    if share:
        _share(writer, judged.entries)
    stored = [writer.add(entry) for entry in judged.entries]
    stored = _linked(writer, stored)
    for entry in stored:
        refresh_owners(writer.link, entry.first, entry.last)
    return stored, judged.findings


def save(context: Context, base: IpAuth, typed: Mapping[str, Any], *, share: bool = False, reason: str = "") -> Change:
    """Save the typed fields over ``base``, the row as the operator saw it. Raises ``Refused`` or ``Conflict``."""
    with writing(context, reason=reason) as writer:
        codecs = known_codecs(context)
        judged = _judge(writer.link, base.company_id, typed, base, share, codecs)
        if errors(judged.findings):
            raise Refused(judged.findings)
        mine = judged.entries[0]
        names = dict.fromkeys([*typed, *(["cli_authentication"] if share else [])])
        theirs, wanted = writer.merge(base, {name: getattr(mine, name) for name in names})
        again = _judge(writer.link, base.company_id, {**_typed(theirs), **typed}, theirs, share, codecs)
        if errors(again.findings):
            raise Refused(again.findings)
        if "address" in wanted:
            wanted |= {"first": mine.first, "last": mine.last}
        if share:
            _share(writer, again.entries)
        stored = writer.update(theirs, wanted)
        if {"uac_username", "uac_realm"} & set(wanted):
            retire(writer, "ip_auth", stored.id)
        refresh_owners(writer.link, theirs.first, theirs.last)
        refresh_owners(writer.link, stored.first, stored.last)
        return writer.change(f"Saved {label(stored)}.", stored, warnings=judged.findings)


def delete(context: Context, rows: Sequence[IpAuth], *, reason: str = "") -> Change:
    """Delete entries, all or none."""
    with writing(context, reason=reason) as writer:
        for row in rows:
            stored = writer.unchanged(row)
            writer.link.execute("UPDATE ip_auth SET linked_id = NULL WHERE linked_id = ?", (row.id,))
            retire(writer, "ip_auth", row.id)
            forget_all(writer, Subject("ip_auth", row.id))
            writer.delete(stored)
            refresh_owners(writer.link, stored.first, stored.last)
        return writer.change(f"Deleted {several(list(rows))}.")


def judge_stored(link: sqlite3.Connection, row: IpAuth) -> tuple[Finding, ...]:
    """What the rules say of an entry as it is stored."""
    return _judge(link, row.company_id, _typed(row), row, False, {}).findings


def _judge(
    link: sqlite3.Connection,
    company_id: int,
    typed: Mapping[str, Any],
    row: IpAuth | None,
    share: bool,
    codecs: Mapping[str, Sequence[Choice]],
) -> Judged:
    directions = _directions(typed, row)
    plain = {name: value for name, value in typed.items() if name not in ("address", "direction")}
    parsed = read(IpAuth, without_kept_codecs(plain, row), codecs)
    findings = list(parsed.findings)
    if row is not None and len(directions) > 1:
        findings.append(error("direction", "one way here; add the other one as a new entry", code="C-01"))
    if not directions:
        findings.append(error("direction", "choose whether they send to us, receive from us, or both", code="S-022"))
    base = replace(row or IpAuth(address="", company_id=company_id), **parsed.values)
    if row is None and not plain.get("port"):
        base = replace(base, port=usual_port(base.protocol))
    if share:
        base = replace(base, cli_authentication=True)
    for direction in directions:
        whole = replace(base, direction=direction)
        findings += check_entry({name: getattr(whole, name) for name in IpAuth.__dataclass_fields__})
    text = str(typed.get("address", row.address if row else ""))
    lines, faults = _lines(text, directions, single=row is not None)
    findings += faults
    entries = tuple(_placed(base, line, direction) for line in lines for direction in directions)
    together = Together([claim(link, entry) for entry in entries])
    for entry, mine in zip(entries, together.claims, strict=True):
        findings += _meets(link, entry, mine, together.beside(mine, covering(entry.address, entry.first)), share)
        findings += beneath(link, mine, row)
    return Judged(entries, tuple(dict.fromkeys(findings)))


def _directions(typed: Mapping[str, Any], row: IpAuth | None) -> tuple[str, ...]:
    wanted = str(typed.get("direction", row.direction if row else Direction.EGRESS)).lower().replace(",", " ").split()
    if not {*wanted} <= {*Direction}:
        return ()
    return tuple(direction.value for direction in Direction if direction.value in wanted)


def _lines(text: str, directions: Sequence[str], *, single: bool) -> tuple[list[Line], list[Finding]]:
    lines = split_many(text, names_allowed=tuple(directions) == (Direction.INGRESS,))
    findings = [
        error("address", f"{networks_line(line.raw)}: {line.error}", code="S-020") for line in lines if line.error
    ]
    findings += [
        warning("address", f"{networks_line(line.raw)} stands twice; it is added once") for line in lines if line.repeat
    ]
    good = [line for line in lines if line.network or line.fqdn]
    if not lines:
        findings.append(error("address", "an address is required", code="W-001"))
    if single and len(good) > 1:
        findings.append(error("address", "one address here; add the others as new entries", code="W-001"))
    for line in good:
        word = special(line.network) if line.network else ""
        if word:
            findings.append(warning("address", word))
    return good, findings


def _placed(base: IpAuth, line: Line, direction: str) -> IpAuth:
    if line.network:
        network = line.network
        return replace(base, direction=direction, address=network.text, first=network.first, last=network.last)
    name = line.fqdn or ""
    first, last = name_range(name)
    return replace(base, direction=direction, address=name, first=first, last=last)


def _meets(link: sqlite3.Connection, entry: IpAuth, mine: Claim, new: Sequence[Claim], share: bool) -> list[Finding]:
    """What stands against ``entry`` in the database and among the entries that are saved together with it."""
    stored = [claim(link, other) for other in rivals(link, entry.address, entry.first, entry.last, entry.direction)]
    others = [*stored, *new]
    if share:
        others = [replace(other, cli_authentication=True) for other in others]
    allow = allowed(link, entry.address, entry.first, entry.last)
    return [*check_ip_claims(mine, others), *check_ip_against_allow_lists(mine, allow)]


def _share(writer: Writer, entries: Sequence[IpAuth]) -> None:
    for entry in entries:
        for other in rivals(writer.link, entry.address, entry.first, entry.last):
            if other.id != entry.id and other.port == entry.port and entry.direction == Direction.EGRESS:
                writer.update(writer.fresh(other), {"cli_authentication": True})


def _linked(writer: Writer, stored: Sequence[IpAuth]) -> list[IpAuth]:
    pairs: dict[str, list[IpAuth]] = {}
    for entry in stored:
        pairs.setdefault(entry.address, []).append(entry)
    result: list[IpAuth] = []
    for pair in pairs.values():
        if len(pair) == 1:
            result += pair
            continue
        one, two = pair
        result.append(writer.update(one, {"linked_id": two.id}, audited=False))
        result.append(writer.update(two, {"linked_id": one.id}, audited=False))
    return result


def _typed(row: IpAuth) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form_specs(IpAuth)}
