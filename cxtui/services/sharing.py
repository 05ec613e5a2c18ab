"""Companies on one address, told apart by the caller's number: who shares it, whose a call is, one save for all.

The edge looks at the source first and then at the caller's number; both have to be one company's (W-007, S-045).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from cxtui.models.company import MAY_CALL, Company
from cxtui.models.fields import form_specs
from cxtui.models.findings import Finding, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.addresses import AddressError, parse_network
from cxtui.rules.cli_lists import FIELD, CliList, Decision, deciding, parse
from cxtui.rules.cli_overlaps import overlaps
from cxtui.rules.values import read
from cxtui.store.rows import by_id

from .claims import rivals
from .cli_lists import elsewhere
from .context import Context
from .labels import several
from .outcome import Change, Gone, Refused, ServiceError, refuse
from .writing import Writer, writing

MOST_SHARERS = 20
"""Companies on one address or network; more of them are looked at by narrower entries."""

MOST_TRIED = 500
"""Callers' numbers that are tried at once."""

_SPEC = form_specs(Company)[FIELD]
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Sharer:
    """A company, and its enabled entries from which it sends calls to us on the shared address."""

    company: Company
    entries: tuple[IpAuth, ...]

    @property
    def lacking(self) -> tuple[IpAuth, ...]:
        """The entries without CLI Authentication."""
        return tuple(entry for entry in self.entries if not entry.cli_authentication)


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who sends from an address or network, on one port, as it was read; by the companies' names.

    ``pairs`` are the companies that meet on some address: inside a network not all of them have to.
    """

    address: str
    first: bytes
    last: bytes
    port: int
    sharers: tuple[Sharer, ...]
    pairs: tuple[tuple[str, str], ...]

    @property
    def shared(self) -> bool:
        """Whether more than one company is there."""
        return len(self.sharers) > 1

    @property
    def lists(self) -> dict[int, str]:
        """The CLI allow lists as stored, by the companies' ids."""
        return {sharer.company.id: sharer.company.cli_allow_list for sharer in self.sharers}

    @property
    def lacking(self) -> tuple[IpAuth, ...]:
        """The entries that need CLI Authentication and have it not (W-008)."""
        return tuple(entry for sharer in self.sharers for entry in sharer.lacking) if self.shared else ()

    @property
    def deed(self) -> str:
        """What saving does, in a sentence."""
        if not self.shared:
            whose = self.sharers[0].company.name if self.sharers else "Nobody"
            return f"Only {whose} sends from {self.address}; saving writes its CLI allow list."
        count = sum(len(sharer.entries) for sharer in self.sharers)
        where = f"{count} entries of {len(self.sharers)} companies"
        if self.lacking:
            return f"Saving sets CLI Authentication on {where}, and their lists."
        return f"Saving writes the lists of {len(self.sharers)} companies; CLI Authentication is set already."

    def with_company(self, company: Company) -> Sharing:
        """The same with a company as it was read again."""
        renewed = (replace(s, company=company) if s.company.id == company.id else s for s in self.sharers)
        return replace(self, sharers=tuple(renewed))


@dataclass(frozen=True, slots=True)
class Tried:
    """A caller's number, whose call it makes it in words, and why; ``settled`` if that is exactly one company."""

    cli: str
    companies: tuple[str, ...]
    words: str
    why: str
    settled: bool


def sharers(context: Context, entry: IpAuth) -> Sharing:
    """Who sends from the addresses of an entry, on its port. Raises ``ServiceError`` where they are too many."""
    with context.database.reading() as link:
        return _sharing(link, entry.address, entry.first, entry.last, entry.port)


def at(context: Context, address: str, port: int | None = None) -> Sharing:
    """Who sends from an address or network as typed; ``port`` may be left out where all use one. Raises ``Refused``."""
    try:
        network = parse_network(address)
    except AddressError as problem:
        raise refuse("address", str(problem), "S-020") from None
    with context.database.reading() as link:
        ports = sorted({entry.port for entry in rivals(link, network.text, network.first, network.last)})
        if port is None and len(ports) > 1:
            raise refuse("port", f"{network.text} sends on the ports {', '.join(map(str, ports))}: choose one")
        if not ports or port not in (None, *ports):
            where = f"{network.text} on port {port}" if ports else network.text
            raise refuse("address", f"no enabled entry says that anybody sends from {where}")
        return _sharing(link, network.text, network.first, network.last, ports[0] if port is None else port)


def check(context: Context, sharing: Sharing, lists: Mapping[int, str]) -> tuple[Finding, ...]:
    """What the rules say of the lists as typed, by company id; the ``field`` of a finding is the company's name."""
    with context.database.reading() as link:
        return _judge(link, sharing, lists)


def preview(sharing: Sharing, lists: Mapping[int, str], clis: str) -> tuple[Tried, ...]:
    """Whose call each of the callers' numbers would be with the lists as typed, once they are saved.

    ``clis`` are numbers with blanks, commas or new lines between them; at most MOST_TRIED of them are tried.
    """
    parsed = _parsed(sharing, lists)
    numbers = list(dict.fromkeys(filter(None, _SEPARATORS.split(clis))))[:MOST_TRIED]
    return tuple(_told(sharing, deciding(parsed, cli)) for cli in numbers)


def explain(context: Context, entry: IpAuth, cli: str) -> Tried:
    """Whose call a caller's number makes it from an entry's addresses as things are stored, and by which line."""
    return explained(sharers(context, entry), [cli])[0]


def explained(sharing: Sharing, clis: Sequence[str]) -> list[Tried]:
    """The same for several numbers and a sharing that was read."""
    parsed = _parsed(sharing, {})
    told = [_told(sharing, deciding(parsed, cli)) for cli in clis]
    if not sharing.lacking:
        return told
    missing = ", ".join(sharer.company.name for sharer in sharing.sharers if sharer.lacking)
    words = f"not told apart: CLI Authentication is missing on {missing}"
    why = "the first entry that matches the source is taken"
    return [replace(row, words=words, why=why, settled=False) for row in told]


def save(context: Context, sharing: Sharing, lists: Mapping[int, str], *, reason: str = "") -> Change:
    """Set CLI Authentication on all entries of all sharers and store the lists, in one transaction (W-008).

    ``sharing`` is as the operator saw it. Raises ``Refused``, ``Conflict`` where somebody changed one of these lists in
    the meantime, and ``Gone`` where the sharers are others by now.
    """
    with writing(context, reason=reason) as writer:
        now = _sharing(writer.link, sharing.address, sharing.first, sharing.last, sharing.port)
        _refuse_others(sharing, now)
        texts = {key: lists[key] for key, text in sharing.lists.items() if lists.get(key, text) != text}
        findings = _judge(writer.link, now, texts)
        if errors(findings):
            raise Refused(findings)
        bases = (sharer.company for sharer in sharing.sharers if sharer.company.id in texts)
        rows = [row for base in bases if (row := _store(writer, base, texts[base.id]))]
        flagged = [writer.update(entry, {"cli_authentication": True}) for entry in now.lacking]
        done = [several(found) for found in (rows, flagged) if found]
        words = (
            f"Saved CLI authentication on {sharing.address}: {' and '.join(done)}."
            if done
            else "There was nothing to change."
        )
        return writer.change(words, *rows, *flagged, warnings=findings)


def _sharing(link: sqlite3.Connection, address: str, first: bytes, last: bytes, port: int) -> Sharing:
    entries: dict[int, list[IpAuth]] = {}
    for entry in rivals(link, address, first, last):
        if entry.port == port:
            entries.setdefault(entry.company_id, []).append(entry)
    if len(entries) > MOST_SHARERS:
        raise ServiceError(f"{len(entries)} companies send from {address}: open an entry with fewer addresses.")
    found = [Sharer(company, tuple(entries[key])) for key in entries if (company := by_id(link, Company, key))]
    found.sort(key=lambda sharer: sharer.company.name.lower())
    pairs = tuple((a.company.name, b.company.name) for a, b in combinations(found, 2) if _meet(a, b))
    return Sharing(address, first, last, port, tuple(found), pairs)


def _meet(one: Sharer, other: Sharer) -> bool:
    return any(a.first <= b.last and b.first <= a.last for a in one.entries for b in other.entries)


def _parsed(sharing: Sharing, lists: Mapping[int, str]) -> dict[str, CliList]:
    companies = [sharer.company for sharer in sharing.sharers if sharer.company.status in MAY_CALL]
    return {row.name: parse(lists.get(row.id, row.cli_allow_list)).list for row in companies}


def _told(sharing: Sharing, decision: Decision) -> Tried:
    takers = tuple(decision.takers)
    apart = len(takers) > 1 and not any({*pair} <= {*takers} for pair in sharing.pairs)
    words = f"by address: {', '.join(takers)}" if apart else decision.words
    return Tried(decision.cli, takers, words, decision.why, settled=decision.settled or apart)


def _judge(link: sqlite3.Connection, sharing: Sharing, lists: Mapping[int, str]) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    allowed: dict[str, CliList] = {}
    for company in (sharer.company for sharer in sharing.sharers):
        text = lists.get(company.id, company.cli_allow_list)
        typed = read(Company, {FIELD: text})
        findings += [replace(finding, field=company.name) for finding in typed.findings]
        if len(text) <= _SPEC.max_length:
            allowed[company.name] = parse(text).list
        if typed.values.get(FIELD, company.cli_allow_list) != company.cli_allow_list:
            changed = replace(company, cli_allow_list=typed.values[FIELD])
            findings += elsewhere(link, changed, sharing.lists.keys())
    findings += overlaps(allowed, [pair for pair in sharing.pairs if {*pair} <= allowed.keys()])
    return tuple(dict.fromkeys(findings))


def _refuse_others(then: Sharing, now: Sharing) -> None:
    """Raise where the sharers are not those whom the operator saw."""
    before, after = ({entry.id: s.company.name for s in seen.sharers for entry in s.entries} for seen in (then, now))
    added = sorted({after[key] for key in after.keys() - before.keys()})
    gone = sorted({before[key] for key in before.keys() - after.keys()})
    if added:
        raise Gone(f"{', '.join(added)} sends from {then.address} now as well; nothing was written.")
    if gone:
        raise Gone(f"{', '.join(gone)} does not send from {then.address} any more; nothing was written.")


def _store(writer: Writer, base: Company, text: str) -> Company | None:
    theirs, wanted = writer.merge(base, {FIELD: parse(text).list.text})
    return writer.update(theirs, wanted) if wanted else None
