"""Rules before a write: nothing is stored that a rule refuses, not even what two operators' changes make together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from cxtui.models.fields import Entity, form_specs
from cxtui.models.findings import Finding, errors

from .outcome import Refused
from .writing import Writer

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Judged(Generic[E]):
    """What would be stored, and what the rules say of it."""

    row: E
    findings: tuple[Finding, ...]


Judge: TypeAlias = Callable[[sqlite3.Connection, Mapping[str, Any], E | None], Judged[E]]
"""Judges typed fields: of a new row, or over a row as it is."""


def accepted(judged: Judged[E]) -> Judged[E]:
    """What the rules let pass. Raises ``Refused``."""
    if errors(judged.findings):
        raise Refused(judged.findings)
    return judged


def merged(
    writer: Writer, judge: Judge[E], base: E, typed: Mapping[str, Any]
) -> tuple[E, dict[str, Any], tuple[Finding, ...]]:
    """The row as it is stored now, what to write over it, and the warnings.

    What comes of the operator's fields and of those that somebody else saved since is judged as well. Raises
    ``Refused`` or ``Conflict``.
    """
    mine = accepted(judge(writer.link, typed, base))
    theirs, wanted = writer.merge(base, {name: getattr(mine.row, name) for name in typed})
    stored = {name: getattr(theirs, name) for name in form_specs(type(theirs))}
    accepted(judge(writer.link, {**stored, **wanted}, theirs))
    return theirs, wanted, mine.findings
