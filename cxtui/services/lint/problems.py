"""A problem of a stored row, and what all who look for problems share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from cxtui.models.fields import Choice, Entity, FieldSpec, Kind, form_specs, specs
from cxtui.models.findings import Finding, Severity, error, warning
from cxtui.services.bulk.facts import Names
from cxtui.services.labels import label
from cxtui.store.names import table_of

from .crossings import Crossings
from .views import is_text

DAMAGED = "damaged"
"""The code of what no form lets through: another program wrote it."""

REMARK = "remark"
"""The code of a warning that has none of its own."""

SPECIAL_RANGE = "special-range"
NO_PASSWORD = "no-password"
UNREADABLE = "what is stored here cannot be read: edit it and save"

_WHILE_TYPING = frozenset({"S-040", "S-042"})
"""Advice for the moment of typing: whoever followed or overruled it need not hear it again."""

_SPEAKING = frozenset({"address", "allow_list", "cli_allow_list", "current", "new", "mode", "number"})
"""Fields whose findings name what they are about."""

_TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.INTEGER: (int,),
    Kind.BOOLEAN: (bool,),
    Kind.REFERENCE: (int,),
    Kind.BYTES: (bytes,),
    Kind.TIME: (float, int),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong or doubtful about one stored row.

    ``code`` is the id of a requirement or a word. ``entity`` is the row's table, ``company`` the name of its company,
    empty where it belongs to none. ``field`` and ``fix`` are those of the finding, empty where there is none.
    """

    code: str
    severity: Severity
    entity: str
    entity_id: int
    company: str
    label: str
    text: str
    field: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is the same for all rows: the companies and profiles, the codecs, and whose addresses meet others'."""

    names: Names
    codecs: Sequence[Choice]
    crossings: Crossings


def problems_of(row: Entity, company: str, findings: Iterable[Finding], name: str = "") -> Iterator[Problem]:
    """The findings of a row as problems, errors first; ``name`` instead of what the row is called otherwise."""
    kept = [finding for finding in dict.fromkeys(findings) if finding.code not in _WHILE_TYPING]
    for finding in sorted(kept, key=lambda finding: finding.severity is not Severity.ERROR):
        code = finding.code or (DAMAGED if finding.severity is Severity.ERROR else REMARK)
        text = _text(type(row), finding)
        table = table_of(type(row))
        called = name or label(row)
        yield Problem(code, finding.severity, table, row.id, company, called, text, finding.field, finding.fix)


def unreadable(row: Entity) -> list[Finding]:
    """The fields that hold another kind of value than they can: nothing more can be said of such a row."""
    return [
        error(name, UNREADABLE, DAMAGED)
        for name, spec in specs(type(row)).items()
        if not _holds(spec, getattr(row, name))
    ]


def judged(row: Entity, judge: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What ``judge`` says of a row that can be read; that it could not, where it met another row that cannot be."""
    found = unreadable(row)
    if found:
        return found
    try:
        return list(judge())
    except (TypeError, ValueError):
        return [error("", "it cannot be judged: something that it has to do with is damaged", DAMAGED)]


def no_password(field: str, words: str) -> Finding:
    """Somebody cannot log in."""
    return warning(field, words, NO_PASSWORD)


def having(link: sqlite3.Connection, entity: type[Entity], condition: str, rows: Sequence[Entity]) -> set[int]:
    """The ids of those of ``rows`` for which an SQL condition holds."""
    table = table_of(entity)
    statement = f"SELECT id FROM {table} WHERE id IN (SELECT value FROM json_each(?)) AND ({condition})"  # noqa: S608
    return {key for (key,) in link.execute(statement, (json.dumps([row.id for row in rows]),))}


def _holds(spec: FieldSpec, value: object) -> bool:
    if value is None:
        return spec.nullable
    known = _TYPES.get(spec.kind)
    return is_text(value) if known is None else isinstance(value, known)


def _text(entity: type[Entity], finding: Finding) -> str:
    spec = form_specs(entity).get(finding.field)
    if spec is None or finding.field in _SPEAKING or finding.text.startswith(spec.label):
        return finding.text
    return f"{spec.label}: {finding.text}"
