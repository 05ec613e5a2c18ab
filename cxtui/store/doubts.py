"""SQL that picks, among a million rows, the few that a form would have something to say about."""

from __future__ import annotations

from collections.abc import Sequence

from cxtui.models.fields import Entity, FieldSpec, Kind, per_entity, specs

from .names import table_of

_MANY_LINES = (Kind.MULTILINE, Kind.NETWORKS, Kind.CLIS)


@per_entity
def doubtful(entity: type[Entity]) -> str:
    """The condition for rows of ``entity`` of which the definition of a field says that they need a look.

    It holds for every row with a value of the wrong type, outside the limits, of no known choice, referring to nothing,
    or advised against. Rows that it picks may be in order all the same, such as a name with an accent.
    """
    table = table_of(entity)
    return " OR ".join(f"({_doubt(f'{table}.{name}', spec)})" for name, spec in specs(entity).items())


def _doubt(column: str, spec: FieldSpec) -> str:
    doubts = [_of_kind(column, spec)]
    if spec.refers_to:
        doubts.append(f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {spec.refers_to} WHERE id = {column})")
    if spec.advice:
        doubts.append(f"{column} NOT IN ('', 0)")
    return " OR ".join(doubts)


def _of_kind(column: str, spec: FieldSpec) -> str:
    match spec.kind:
        case Kind.INTEGER:
            bounds = f"{spec.minimum or 0} AND {2**63 - 1 if spec.maximum is None else spec.maximum}"
            return f"{_type(column, spec, 'integer')} OR {column} NOT BETWEEN {bounds}"
        case Kind.BOOLEAN:
            return f"{column} NOT IN (0, 1)"
        case Kind.CHOICE:
            return f"{column} NOT IN ({_listed([choice.value for choice in spec.choices if choice.selectable])})"
        case Kind.REFERENCE:
            return _type(column, spec, "integer")
        case Kind.BYTES:
            return _type(column, spec, "blob")
        case Kind.TIME:
            return _type(column, spec, "real", "integer")
        case _:
            return _of_text(column, spec)


def _of_text(column: str, spec: FieldSpec) -> str:
    allowed = " -~' || char(10) || '" if spec.kind in _MANY_LINES else " -~"
    doubt = f"{_type(column, spec, 'text')} OR length({column}) > {spec.max_length} OR {column} GLOB '*[^{allowed}]*'"
    return f"{doubt} OR {column} = ''" if spec.required else doubt


def _type(column: str, spec: FieldSpec, *types: str) -> str:
    return f"typeof({column}) NOT IN ({_listed([*types, *(['null'] if spec.nullable else [])])})"


def _listed(words: Sequence[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)
