"""IP entries judged by the rules of their form, all rows of a batch together (S-020…S-045, W-001…W-010, C-12, C-13)."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from cxtui.models.findings import Finding, error, warning
from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.protocols import PROTOCOLS, usual_port
from cxtui.rules.addresses import Line, name_range, special, split_many
from cxtui.rules.conflicts import Claim, check_ip_against_allow_lists, check_ip_claims
from cxtui.rules.ip_entries import check_entry
from cxtui.rules.values import networks_line
from cxtui.services.codecs import known_codecs
from cxtui.services.context import Context
from cxtui.services.registered import any_registered, beneath

from . import facts, ip_keys
from .columns import COMPANY
from .drafts import Companies, Draft, Reader, missing_company, ticked
from .facts import Names
from .overlaps import among, with_stored
from .plan import Batch, Mode, Progress

EntryDraft: TypeAlias = Draft[IpAuth]

_MOST_RIVALS = 50
DEFAULT_PROTOCOL = PROTOCOLS[0].value


def judge(
    context: Context, link: sqlite3.Connection, batch: Batch, names: Names, progress: Progress | None
) -> tuple[list[EntryDraft], list[Finding]]:
    """Every row of a batch with what the rules say of it; there is nothing to say of all together."""
    reading = _Reading(context, link, batch, names)
    rows = ticked(range(len(batch.rows)), len(batch.rows), progress)
    drafts = [reading.edited(place) if batch.mode is Mode.EDIT else reading.named(place) for place in rows]
    together(link, drafts, names)
    return drafts, []


def together(link: sqlite3.Connection, drafts: Sequence[EntryDraft], names: Names) -> None:
    """Add to each draft what all entries, stored and drafted, and the allow lists of SIP users have against it."""
    touched = [draft for draft in drafts if draft.touched]
    changed = {draft.base.id for draft in touched if draft.base}
    _judge_claims(link, _once([draft for draft in touched if draft.row.enabled]), changed, names)


class _Reading:
    """Takes the rows one by one."""

    def __init__(self, context: Context, link: sqlite3.Connection, batch: Batch, names: Names) -> None:
        self._batch = batch
        self._names = names
        self._reader = Reader(batch, names, known_codecs(context))
        self._by_id = facts.by_ids(link, IpAuth, batch.ids)
        self._named: list[ip_keys.Named] = []
        if batch.mode is not Mode.EDIT:
            companies = Companies(batch, names)
            self._named = [self._key(place, companies) for place in range(len(batch.rows))]
            ip_keys.find(link, self._named, names)

    def edited(self, place: int) -> EntryDraft:
        """A row that is meant by its id."""
        line, cells = self._batch.rows[place]
        base = self._by_id.get(self._batch.ids[place])
        if base is None:
            gone = error("address", "was deleted in the meantime")
            return Draft(line, IpAuth(address=""), findings=[gone], known=False)
        return self._over(line, cells, base)

    def named(self, place: int) -> EntryDraft:
        """A row that is meant by its company, address and direction."""
        line, cells = self._batch.rows[place]
        named = self._named[place]
        if line in self._batch.problems:
            return Draft(line, IpAuth(address=""), findings=[self._batch.problems[line]], known=False)
        if named.base is not None and not named.said:
            return self._over(line, cells, named.base)
        return self._new(line, cells, named)

    def _key(self, place: int, companies: Companies) -> ip_keys.Named:
        line, cells = self._batch.rows[place]
        text, way, port = (self._reader.cell(name, cells) for name in ("address", "direction", "port"))
        company, said = companies.of(self._reader.cell(COMPANY, cells))
        found = self._reader.one("port", port)[0].get("port") if port and port.strip() else None
        return ip_keys.Named(line, text or "", ip_keys.direction_of(way or ""), company, found, list(said))

    def _over(self, line: int, cells: Sequence[str], base: IpAuth) -> EntryDraft:
        values, findings = self._reader.read(cells, base)
        way = values.pop("direction", base.direction)
        entry = replace(base, **values, direction=way)
        follows = self._batch.mode is Mode.EDIT and self._reader.cell("port", cells) is None
        if follows and base.port == usual_port(base.protocol):
            # As the form does: the usual port of the new protocol (S-037).
            entry = replace(entry, port=usual_port(entry.protocol))
        if entry == base and not findings:
            return Draft(line, base, base)
        findings += _alone(entry)
        lines = split_many(base.address, names_allowed=way == Direction.INGRESS)
        return Draft(line, entry, base, [*findings, *_placed(lines)[1]])

    def _new(self, line: int, cells: Sequence[str], named: ip_keys.Named) -> EntryDraft:
        values, findings = self._reader.read(cells, None)
        findings = [*named.said, *findings]
        company = named.company or 0
        if not named.said and company not in self._names.owners:
            findings.append(missing_company())
        if not (self._reader.cell("port", cells) or "").strip():
            values["port"] = usual_port(values.get("protocol", DEFAULT_PROTOCOL))
        address, faults = _placed(named.lines)
        way = named.direction
        values |= address or {"address": networks_line(named.text.strip())}
        entry = IpAuth(company_id=company, direction=way or Direction.EGRESS.value, **values)
        if way:
            findings += _alone(entry)
        else:
            words = "write egress (they send to us) or ingress (they receive from us), one in a row"
            findings.append(error("direction", words, code="S-022"))
        known = bool(address) and bool(way) and company in self._names.owners and not named.said
        return Draft(line, entry, findings=[*findings, *faults], known=known)


def _alone(entry: IpAuth) -> list[Finding]:
    """What the fields of an entry say against each other."""
    return check_entry({name: getattr(entry, name) for name in IpAuth.__dataclass_fields__})


def _placed(lines: Sequence[Line]) -> tuple[dict[str, Any], list[Finding]]:
    """The address of an entry with its bounds, empty where it cannot be one, and what is to be said of it."""
    faults = [
        error("address", f"{networks_line(line.raw)}: {line.error}", code="S-020") for line in lines if line.error
    ]
    good = [line for line in lines if line.network or line.fqdn]
    if not lines:
        faults.append(error("address", "an address is required", code="W-001"))
    if len(lines) > 1:
        faults.append(error("address", "one address here; add the others as new entries", code="W-001"))
    if len(lines) != 1 or not good:
        return {}, faults
    word = special(good[0].network) if good[0].network else ""
    return _bounds(good[0]), [*faults, *([warning("address", word)] if word else [])]


def _bounds(line: Line) -> dict[str, Any]:
    if line.network:
        return {"address": line.network.text, "first": line.network.first, "last": line.network.last}
    first, last = name_range(line.fqdn or "")
    return {"address": line.fqdn, "first": first, "last": last}


def _once(drafts: Sequence[EntryDraft]) -> list[EntryDraft]:
    """Those that stand in the file once; the others are refused, and told on which lines they are."""
    rows: defaultdict[tuple[object, ...], list[EntryDraft]] = defaultdict(list)
    for draft in drafts:
        entry = draft.row
        rows[entry.company_id, entry.first, entry.last, entry.direction, entry.port].append(draft)
    for several in rows.values():
        if len(several) > 1:
            words = ip_keys.repeated(several[0].row.address, [draft.line for draft in several])
            for draft in several:
                draft.findings.append(error("address", words, "W-010"))
    return [several[0] for several in rows.values() if len(several) == 1]


def _judge_claims(
    link: sqlite3.Connection, drafts: Sequence[EntryDraft], changed: Collection[int], names: Names
) -> None:
    """Compare entries with each other, with the stored ones but the ``changed``, and with users' allow lists."""
    places = [(draft.row.first, draft.row.last) for draft in drafts]
    met = with_stored(link, "ip_auth", places)
    listed = with_stored(link, "allowed_range", places)
    beside = among(places)
    stored = facts.claims(link, (key for keys in met.values() for key in keys if key not in changed), names)
    allow = facts.allowed(link, (key for keys in listed.values() for key in keys), names)
    mine = [_claim(draft.row, names) for draft in drafts]
    for place in sorted({*met, *listed, *beside}):
        claim = mine[place]
        others = [stored[key] for key in met.get(place, ()) if key in stored]
        others += [mine[other] for other in beside.get(place, ())]
        rivals = [other for other in others if other.direction == claim.direction]
        drafts[place].findings += check_ip_claims(claim, _most(claim, rivals))
        lists = [allow[key] for key in listed.get(place, ()) if key in allow]
        drafts[place].findings += check_ip_against_allow_lists(claim, lists)
    if any_registered(link):
        for draft, claim in zip(drafts, mine, strict=True):
            draft.findings += beneath(link, claim, draft.base)


def _claim(entry: IpAuth, names: Names) -> Claim:
    return Claim(
        id=entry.id or None,
        company_id=entry.company_id,
        company=names.name_of(entry.company_id),
        address=entry.address,
        first=entry.first,
        last=entry.last,
        direction=entry.direction,
        port=entry.port,
        cli_authentication=entry.cli_authentication,
        enabled=entry.enabled,
    )


def _most(claim: Claim, rivals: Sequence[Claim]) -> list[Claim]:
    """The rivals that are looked at; where they are very many, those that make errors come first."""
    if len(rivals) <= _MOST_RIVALS:
        return list(rivals)
    own = [rival for rival in rivals if rival.company_id == claim.company_id]
    foreign = [rival for rival in rivals if rival.company_id != claim.company_id]
    own.sort(key=lambda rival: ((rival.first, rival.last) != (claim.first, claim.last), rival.cli_authentication))
    foreign.sort(key=lambda rival: rival.cli_authentication)
    return [*own[:_MOST_RIVALS], *foreign[:_MOST_RIVALS]]
