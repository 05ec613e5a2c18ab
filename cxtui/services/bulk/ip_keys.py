"""Which IP entry a row of a file means: by company, address and direction, and by the port where there are several."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cxtui.models.findings import Finding, error
from cxtui.models.ip_auth import DIRECTIONS, Direction, IpAuth
from cxtui.rules.addresses import Line, split_many
from cxtui.rules.values import networks_line

from . import facts
from .facts import Names

_WAYS = {
    **{way.value: way.value for way in Direction},
    **{choice.label.lower(): choice.value for choice in DIRECTIONS},
    **{way.words: way.value for way in Direction},
}


@dataclass
class Named:
    """What a row of a file says of the entry it means.

    ``text`` is the address as it stands on the ``line``; ``direction`` and ``company`` are empty or None where they
    cannot be told, ``port`` is None where the row has none. ``base`` is the stored entry that is meant, ``said`` why
    none can be.
    """

    line: int
    text: str
    direction: str
    company: int | None
    port: int | None
    said: list[Finding]
    base: IpAuth | None = None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The addresses in the text; there should be one."""
        return split_many(self.text, names_allowed=self.direction == Direction.INGRESS)

    @property
    def canonical(self) -> str:
        """The address as it is stored, the text itself where it is none."""
        found = self.lines[0] if len(self.lines) == 1 else None
        return (found.network.text if found.network else found.fqdn or self.text) if found else self.text


def direction_of(cell: str) -> str:
    """The direction that a cell means, empty where it means none or both."""
    return _WAYS.get(cell.strip().lower(), "")


def find(link: sqlite3.Connection, rows: Sequence[Named], names: Names) -> None:
    """Give each of ``rows`` the entry it means, if there is one, or say that several may be meant."""
    asked: defaultdict[tuple[int | None, str, str], list[Named]] = defaultdict(list)
    for row in rows:
        if row.company in names.owners and row.direction:
            asked[row.company, row.canonical, row.direction].append(row)
    stored: defaultdict[tuple[int | None, str, str], list[IpAuth]] = defaultdict(list)
    for entry in facts.having(link, IpAuth, facts.ADDRESS, (address for _, address, _ in asked)):
        stored[entry.company_id, entry.address, entry.direction].append(entry)
    for key, entries in stored.items():
        if key in asked:
            _pair(asked[key], sorted(entries, key=lambda entry: entry.id), names)


def repeated(address: str, numbers: Sequence[int]) -> str:
    """That one and the same entry stands on several lines."""
    return f"{address} stands on the {facts.lines(numbers)} for the same company, direction and port"


def _pair(rows: Sequence[Named], entries: Sequence[IpAuth], names: Names) -> None:
    if len(rows) == len(entries) == 1:
        rows[0].base = entries[0]
        return
    ports = dict.fromkeys(row.port for row in rows)
    if None in ports and len(ports) > 1:
        _refuse(rows, entries, names)
        return
    for port in ports:
        mine = [row for row in rows if row.port == port]
        same = [entry for entry in entries if port in (None, entry.port)]
        if len(mine) == len(same):
            # As an export lists them: entries that are alike but for what the file does not name stand by their ids.
            for row, entry in zip(mine, same, strict=True):
                row.base = entry
        elif same:
            _refuse(mine, same, names)


def _refuse(rows: Sequence[Named], entries: Sequence[IpAuth], names: Names) -> None:
    if len(rows) > 1:
        words = repeated(networks_line(rows[0].text.strip()), [row.line for row in rows])
    else:
        ids = ", ".join(f"id {entry.id} on port {entry.port}" for entry in entries[:5])
        words = f"{names.name_of(entries[0].company_id)} has this address {len(entries)} times: {ids}; name the port"
    for row in rows:
        row.said.append(error("address", words, "W-010"))
