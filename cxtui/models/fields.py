"""How a field is described, once: what it is called, what it may hold, where it stands and how it is stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

SPEC = "spec"


class Kind(StrEnum):
    """What a field holds, which decides its widget, its parser and its column."""

    TEXT = "text"
    MULTILINE = "multiline"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    ADDRESS = "address"
    NETWORKS = "networks"
    CODECS = "codecs"
    CLIS = "clis"
    REFERENCE = "reference"
    BYTES = "bytes"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice field; one that is not ``selectable`` is shown and cannot be taken."""

    value: str
    label: str
    help: str = ""
    selectable: bool = True


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """Everything cxtui knows about a field.

    ``minimum``/``maximum`` bound integers, ``max_length`` bounds text in characters. ``advice`` is shown as a warning
    while the field is set (S-039). A ``secret`` field is left out of the row's ``repr``. A field without a ``tab`` is
    kept by the services and never stands in a form.
    """

    label: str
    kind: Kind
    name: str = ""
    help: str = ""
    tab: str = ""
    unit: str = ""
    default: Any = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = 255
    choices: tuple[Choice, ...] = ()
    advice: str = ""
    refers_to: str = ""
    unique: bool = False
    indexed: bool = False
    nullable: bool = False
    secret: bool = False


BASIC = "Basic"
ADVANCED = "Advanced"
CODECS = "Codecs"
VOICE_MAIL = "Voice Mail"
CLI = "CLI"


def _field(spec: FieldSpec) -> Any:
    if spec.required and spec.default is None:
        return dataclasses.field(metadata={SPEC: spec})
    return dataclasses.field(default=spec.default, metadata={SPEC: spec}, repr=not spec.secret)


def text(label: str, *, default: str = "", **more: Any) -> Any:
    """A line of text."""
    return _field(FieldSpec(label, Kind.TEXT, default=default, **more))


def multiline(label: str, **more: Any) -> Any:
    """Text of several lines."""
    return _field(FieldSpec(label, Kind.MULTILINE, default="", **{"max_length": 4000, **more}))


def integer(
    label: str, *, default: int = 0, minimum: int = 0, maximum: int = 1_000_000, nullable: bool = False, **more: Any
) -> Any:
    """A whole number within bounds."""
    start = None if nullable else default
    spec = FieldSpec(label, Kind.INTEGER, default=start, minimum=minimum, maximum=maximum, nullable=nullable, **more)
    return _field(spec)


def boolean(label: str, *, default: bool = False, **more: Any) -> Any:
    """Yes or no."""
    return _field(FieldSpec(label, Kind.BOOLEAN, default=default, **more))


def choice(label: str, choices: tuple[Choice, ...], **more: Any) -> Any:
    """One of a fixed list; the first is the default unless another is named."""
    return _field(FieldSpec(label, Kind.CHOICE, choices=choices, **{"default": choices[0].value, **more}))


def address(label: str, *, default: str = "", **more: Any) -> Any:
    """An IP address, a network in CIDR notation or, where the entity allows it, a host name; stored canonical."""
    return _field(FieldSpec(label, Kind.ADDRESS, default=default, **more))


def networks(label: str, **more: Any) -> Any:
    """Addresses and networks, one a line; stored canonical."""
    return _field(FieldSpec(label, Kind.NETWORKS, default="", **{"max_length": 20_000, **more}))


def codecs(label: str, **more: Any) -> Any:
    """Names of codecs, separated by commas without blanks; stored canonical."""
    return _field(FieldSpec(label, Kind.CODECS, default="", **{"max_length": 1000, **more}))


def clis(label: str, **more: Any) -> Any:
    """Numbers and regular expressions that callers are told by, one a line; stored canonical."""
    return _field(FieldSpec(label, Kind.CLIS, default="", **{"max_length": 20_000, **more}))


def reference(label: str, to: str, *, nullable: bool = False, **more: Any) -> Any:
    """The id of a row of another entity."""
    spec = FieldSpec(label, Kind.REFERENCE, refers_to=to, nullable=nullable, **more)
    return dataclasses.field(default=None if nullable else 0, metadata={SPEC: spec})


def raw(label: str, *, nullable: bool = False, **more: Any) -> Any:
    """Bytes, such as the packed first address of a range."""
    return _field(FieldSpec(label, Kind.BYTES, default=None if nullable else b"", nullable=nullable, **more))


def moment(label: str, *, nullable: bool = False, **more: Any) -> Any:
    """A point in time as seconds since the epoch, UTC."""
    return _field(FieldSpec(label, Kind.TIME, default=None if nullable else 0.0, nullable=nullable, **more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A row: its id (0 before it is stored) and the version that guards it against a lost update."""

    id: int = 0
    version: int = 1


T = TypeVar("T")


def per_entity(function: Callable[[type[Entity]], T]) -> Callable[[type[Entity]], T]:
    """Work something out once for each entity."""
    known: dict[type[Entity], T] = {}

    @wraps(function)
    def remembered(entity: type[Entity]) -> T:
        if entity not in known:
            known[entity] = function(entity)
        return known[entity]

    return remembered


@per_entity
def specs(entity: type[Entity]) -> dict[str, FieldSpec]:
    """The fields of ``entity`` by name, in the order of their definition, without id and version."""
    return {
        field.name: dataclasses.replace(cast(FieldSpec, field.metadata[SPEC]), name=field.name)
        for field in dataclasses.fields(entity)
        if SPEC in field.metadata
    }


@per_entity
def form_specs(entity: type[Entity]) -> dict[str, FieldSpec]:
    """The fields an operator may see and set, by name."""
    return {name: spec for name, spec in specs(entity).items() if spec.tab}


def values(row: Entity) -> dict[str, Any]:
    """The field values of ``row`` by name, without id and version."""
    return {name: getattr(row, name) for name in specs(type(row))}
