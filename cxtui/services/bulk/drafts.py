"""Rows on their way into a plan: cells read as values, each row alone, before the rows are judged together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar

from cxtui.models.fields import Choice, Kind, specs
from cxtui.models.findings import Finding, error, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.rules.values import read
from cxtui.services.codecs import FIELD as CODECS

from . import columns
from .columns import COMPANY, KEYS
from .facts import Names
from .plan import KINDS, Action, Batch, Mode, PlannedRow, Progress

E = TypeVar("E", IpAuth, SipUser)
T = TypeVar("T")
_Read: TypeAlias = tuple[Mapping[str, Any], tuple[Finding, ...]]

_EVERY = 500
_REMEMBERED = 4_096
_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?E[+-][0-9]{2,}\Z")
_NUMBERS = frozenset({"username", "cli_prefix", "tech_prefix", "force_from"})
_NEVER_EMPTY = frozenset({Kind.INTEGER, Kind.BOOLEAN, Kind.CHOICE})
_BY_A_SPREADSHEET = "a spreadsheet made this of a long number: format the column as text, then enter it again"


@dataclass(slots=True)
class Draft(Generic[E]):
    """A row of a plan in the making; ``known`` says that its key and its company could be made out."""

    line: int
    row: E
    base: E | None = None
    findings: list[Finding] = field(default_factory=list)
    password: bool = False
    known: bool = True

    @property
    def touched(self) -> bool:
        """Whether it has to be looked at beside others: it is another row than is stored now, or something is wrong."""
        return self.known and self.row is not self.base and (self.row != self.base or bool(self.findings))

    def planned(self, words: Mapping[tuple[str, int], str]) -> PlannedRow:
        """It as a row of the plan."""
        findings = tuple(dict.fromkeys(map(_harmless, self.findings)))
        return PlannedRow(self.line, self._action(findings), self.row, self.base, findings, self.password, words)

    def _action(self, findings: Sequence[Finding]) -> Action:
        if errors(findings):
            return Action.WRONG
        if self.base is None:
            return Action.CREATE
        return Action.CHANGE if self.password or self.row != self.base else Action.UNCHANGED


class Reader:
    """Reads the cells of a batch; what stands in many rows is read once."""

    def __init__(self, batch: Batch, names: Names, choices: Mapping[str, Sequence[Choice]]) -> None:
        self._entity = KINDS[batch.kind]
        self._specs = specs(self._entity)
        self._columns = [column.name for column in batch.columns]
        self._keys = frozenset({COMPANY, *KEYS[batch.kind]}) if batch.mode is not Mode.EDIT else frozenset({COMPANY})
        self._import = batch.mode is Mode.IMPORT
        self._names = names
        self._choices = choices
        self._known: dict[str, dict[str, _Read]] = {name: {} for name in self._columns}
        self._fields = [
            (place, name, self._known[name]) for place, name in enumerate(self._columns) if name not in self._keys
        ]

    def cell(self, name: str, cells: Sequence[str]) -> str | None:
        """The cell of a column, None where there is none."""
        return cells[self._columns.index(name)] if name in self._known else None

    def read(self, cells: Sequence[str], base: IpAuth | SipUser | None) -> tuple[dict[str, Any], list[Finding]]:
        """The values in the cells of a row, without its key and company, and what is wrong with them.

        In a file a cell that is as it is stored is not read, and an empty one leaves a number, a choice, or yes and no
        as they are.
        """
        values: dict[str, Any] = {}
        findings: list[Finding] = []
        for place, name, known in self._fields:
            text = cells[place]
            if (self._import and self._is_stored(name, text, base)) or (name == CODECS and _kept(text, base)):
                continue
            found, said = known.get(text) or self.one(name, text)
            values |= found
            findings += said
        return values, findings

    def one(self, name: str, text: str) -> _Read:
        """The value in one cell by its field, empty where it cannot be read, and what is to be said of it."""
        known = self._known.get(name, {})
        found = known.get(text) or self._read(name, text)
        if len(known) < _REMEMBERED and name not in self._keys:
            known[text] = found
        return found

    def _is_stored(self, name: str, text: str, base: IpAuth | SipUser | None) -> bool:
        blank = not text or text.isspace()
        if base is None:
            return blank
        spec = self._specs[name]
        if blank and spec.kind in _NEVER_EMPTY:
            return True
        return text == columns.text(spec, getattr(base, name), self._names.words)

    def _read(self, name: str, text: str) -> _Read:
        if self._import and _SCIENTIFIC.match(text.strip()) and self._is_number(name):
            return {}, (error(name, _BY_A_SPREADSHEET, "W-090"),)
        if self._import and name == "profile_id" and text.strip():
            profile = self._names.profile(text.strip())
            if profile is None:
                return {}, (error(name, f"there is no SIP profile {text.strip()}", "S-090"),)
            text = str(profile)
        parsed = read(self._entity, {name: text}, self._choices)
        return parsed.values, parsed.findings

    def _is_number(self, name: str) -> bool:
        return name in _NUMBERS or self._specs[name].kind is Kind.INTEGER


class Companies:
    """Whose a row is: by its own cell, or the company that the batch is for."""

    def __init__(self, batch: Batch, names: Names) -> None:
        self._names = names
        self._default = batch.company_id
        self._known: dict[str, tuple[int | None, tuple[Finding, ...]]] = {}

    def of(self, cell: str | None) -> tuple[int | None, tuple[Finding, ...]]:
        """The id of a row's company, None where it is not known, and what is to be said of it."""
        text = (cell or "").strip()
        if not text:
            return self._default, ()
        if text not in self._known:
            found = self._names.company(text)
            # The search for what was meant takes some milliseconds.
            near = self._names.near(text) if found is None and len(self._known) < _REMEMBERED // 100 else ""
            words = f"there is no company {text}{f'; did you mean {near}?' if near else ''}"
            self._known[text] = (found, () if found else (error(COMPANY, words),))
        return self._known[text]


def _kept(text: str, base: IpAuth | SipUser | None) -> bool:
    """Whether codecs are left as they are: the settings may name others since."""
    return base is not None and text == base.restricted_codecs


def _harmless(finding: Finding) -> Finding:
    """It without what a file could steer a terminal with."""
    text = clean(finding.text)
    return finding if text == finding.text else replace(finding, text=text)


def missing_company() -> Finding:
    """A new row that says nothing of its company."""
    return error(COMPANY, "whose is it? Name the company")


def ticked(items: Iterable[T], total: int, progress: Progress | None, done: int = 0) -> Iterator[T]:
    """The ``items``, saying now and then how many of ``total`` are done; ``done`` were before."""
    if progress is None:
        yield from items
        return
    for count, item in enumerate(items, start=done):
        if count % _EVERY == 0:
            progress(count, total)
        yield item
