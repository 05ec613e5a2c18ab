"""What a bulk change would do, row by row, before anything is written.

Made by ``importing.plan_import``, ``user_ranges.plan_range`` and ``bulk_edit.plan_edit``; carried out by
``apply.apply``, which takes the same decisions again on what is stored then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from cxtui.models.fields import specs
from cxtui.models.findings import Finding, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.rules.values import show
from cxtui.services.audit import Difference
from cxtui.services.labels import label
from cxtui.services.outcome import Change

KINDS: dict[str, type[IpAuth] | type[SipUser]] = {"ip_auth": IpAuth, "sip_users": SipUser}
"""What can be changed in bulk, by the name of its list."""

_NAMES = {"ip_auth": ("IP entry", "IP entries"), "sip_users": ("SIP user", "SIP users")}

Progress: TypeAlias = Callable[[int, int], None]
"""Told now and then how much is done, and of how much; what it raises ends the work, with nothing written."""


class Action(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


class Mode(StrEnum):
    """How the rows that a batch names are found."""

    IMPORT = "import"
    """By their key: an existing row is changed, another one created."""
    CREATE = "create"
    """None of them exists yet."""
    EDIT = "edit"
    """By their id."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: the field it fills, and its heading as it stands there."""

    name: str
    head: str


class Secrets(dict[int, str]):
    """Passwords by the place of their row. Nothing that is printed, logged or compared shows them."""

    def __repr__(self) -> str:
        """How many there are."""
        return f"<{len(self)} passwords>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Batch:
    """What was asked for, as it was typed.

    ``rows`` are the line and the cells of each row, the cells under ``columns``. ``company_id`` is whose the rows are
    that do not say it themselves. ``ids`` are the rows to edit, one for each of ``rows``. ``problems`` are those of the
    lines that could not be taken apart.
    """

    kind: str
    mode: Mode
    columns: tuple[Column, ...]
    rows: list[tuple[int, tuple[str, ...]]] = field(repr=False)
    company_id: int | None = None
    ids: tuple[int, ...] = field(default=(), repr=False)
    problems: Mapping[int, Finding] = field(default_factory=dict, repr=False)
    passwords: Secrets = field(default_factory=Secrets, repr=False)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a plan: where it was asked for, what becomes of it, and what the rules say.

    ``line`` is that of the file, or the place in the range or among the marked rows, from 1. ``row`` is the row as it
    will be stored (of a wrong one as far as it could be read), ``base`` as it is now. The ``field`` of a finding is
    that of the column, also ``company`` and ``password``. ``words`` are the names of companies and profiles by their
    table and id.
    """

    line: int
    action: Action
    row: IpAuth | SipUser
    base: IpAuth | SipUser | None = None
    findings: tuple[Finding, ...] = ()
    password: bool = False
    words: Mapping[tuple[str, int], str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def label(self) -> str:
        """What the row is called, such as "SIP user 1001"; of one without a name its line."""
        named = self.row.username if isinstance(self.row, SipUser) else self.row.address
        return clean(label(self.row)) if named else f"line {self.line}"

    @property
    def company(self) -> str:
        """The name of its company, empty where that is not known."""
        return clean(self.words.get(("company", self.row.company_id), ""))

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What changes, field by field; of a new row what differs from an empty form, without what its label says."""
        known = specs(type(self.row))
        found = [
            Difference(spec.label, self._shown(name, self.base), self._shown(name, self.row))
            for name, spec in known.items()
            if self._differs(name) and (spec.tab or name == "company_id")
        ]
        if self.password:
            found.append(Difference("Password", "", "set"))
        return tuple(found)

    @property
    def changed(self) -> dict[str, Any]:
        """The values that an existing row gets, by field."""
        names = specs(type(self.row))
        return {name: getattr(self.row, name) for name in names if self.base is not None and self._differs(name)}

    def _differs(self, name: str) -> bool:
        value = getattr(self.row, name)
        if self.base is not None:
            return bool(getattr(self.base, name) != value)
        if name in ("username", "address", "direction"):
            return False
        return bool(value) if name == "company_id" else bool(value != specs(type(self.row))[name].default)

    def _shown(self, name: str, row: IpAuth | SipUser | None) -> str:
        if row is None:
            return ""
        spec, value = specs(type(row))[name], getattr(row, name)
        if spec.refers_to and value is not None:
            return clean(self.words.get((spec.refers_to, value), str(value)))
        return clean(" ".join(show(spec, value).split("\n")))


@dataclass(frozen=True)
class Plan:
    """A bulk change before it is applied.

    ``faults`` are what is to be said of it as a whole, such as an unknown column: an error among them stops all of it,
    as a wrong row does. ``batch`` is what was asked for.
    """

    kind: str
    rows: tuple[PlannedRow, ...] = field(repr=False)
    columns: tuple[Column, ...]
    faults: tuple[Finding, ...]
    batch: Batch = field(repr=False, compare=False)

    @cached_property
    def _counts(self) -> Counter[Action]:
        return Counter(row.action for row in self.rows)

    @property
    def create(self) -> int:
        """How many rows are new."""
        return self._counts[Action.CREATE]

    @property
    def change(self) -> int:
        """How many rows get other values."""
        return self._counts[Action.CHANGE]

    @property
    def unchanged(self) -> int:
        """How many rows are already as they were asked for."""
        return self._counts[Action.UNCHANGED]

    @property
    def wrong(self) -> int:
        """How many rows a rule refuses."""
        return self._counts[Action.WRONG]

    @property
    def ok(self) -> bool:
        """Whether nothing stands against it."""
        return not self.wrong and not errors(self.faults)

    @property
    def sentence(self) -> str:
        """The counts in words: "200 to create, 3 to change, 12 unchanged, 1 wrong"."""
        words = f"{self.create} to create, {self.change} to change, {self.unchanged} unchanged, {self.wrong} wrong"
        return words if self.rows or not self.faults else "Nothing can be planned"

    @property
    def new_users(self) -> int:
        """How many SIP users are created, each of whom may be given a password."""
        return self.create if self.kind == "sip_users" else 0

    def where(self, row: PlannedRow) -> str:
        """Where one of its rows stands: "line 17" of a file, otherwise what it is called."""
        return f"line {row.line}" if self.batch.mode is Mode.IMPORT else row.label

    @property
    def plural(self) -> str:
        """What its rows are: "IP entries" or "SIP users"."""
        return _NAMES[self.kind][1]

    @property
    def singular(self) -> str:
        """What each of its rows is: "IP entry" or "SIP user"."""
        return _NAMES[self.kind][0]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and the file with the passwords where one was asked for."""

    change: Change
    handover: Path | None = None
