"""What rows look like from outside: as JSON objects, as cells of a table, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.fields import Entity, FieldSpec, Kind, form_specs, specs
from cxtui.models.ip_auth import IpAuth, direction_words
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.values import show
from cxtui.services.grids import Shown
from cxtui.services.grids import show as shown

from .tables import Column

if TYPE_CHECKING:
    from cxtui.services.context import Context

GRID_OF: dict[type[Entity], str] = {
    Company: "companies",
    SipProfile: "profiles",
    IpAuth: "ip_auth",
    SipUser: "sip_users",
    Block: "blocks",
}
WORD_OF = {"companies": "company", "profiles": "profile", "ip_auth": "ip", "sip_users": "sip", "blocks": "block"}
"""The verbs' word for each list."""

_COLUMNS: dict[type[Entity], tuple[str, ...]] = {
    Company: ("id", "name", "state", "kind", "channels", "flow_speed", "number_block_start", "number_block_size"),
    SipProfile: ("id", "name", "capacity", "state", "flags", "barge_group"),
    IpAuth: ("id", "address", "state", "direction", "company", "channels", "flow_speed", "protocol", "port"),
    SipUser: ("id", "username", "state", "company", "profile", "channels", "flow_speed", "protocol", "allow_list"),
    Block: (
        "address",
        "state",
        "company",
        "hits",
        "since",
        "reason",
        "user_agent",
        "usernames",
        "expires_at",
        "notes",
        "source",
        "last_seen",
    ),
}
_LEAST = {"name": 16, "address": 18, "username": 16, "company": 12, "state": 20}
"""Cells that are left of what tells rows apart, before other columns are left out."""
_HEADS = {"id": "ID", "company": "Company", "state": "State", "profile": "SIP Profile"}


def record(item: Shown) -> dict[str, Any]:
    """A row for a program: id and version, every field by its name, and what the list adds to them.

    Points in time are ISO 8601 in UTC.
    """
    row = item.row
    named = _fields(row)
    if hasattr(row, "company_id"):
        named["company"] = item.company
    if hasattr(row, "profile_id"):
        named["profile"] = item.more
    return named | {"state": item.state.word, "why": item.state.why}


def records(context: Context, rows: Sequence[Entity]) -> list[dict[str, Any]]:
    """Rows for a program; those that no list shows with their fields alone."""
    found: list[dict[str, Any]] = []
    for row in rows:
        grid = GRID_OF.get(type(row))
        found += [record(item) for item in shown(context, grid, [row])] if grid else [_fields(row)]
    return found


def _fields(row: Entity) -> dict[str, Any]:
    named: dict[str, Any] = {"id": row.id, "version": row.version}
    for name, spec in specs(type(row)).items():
        if spec.kind is not Kind.BYTES and not spec.secret:
            value = getattr(row, name)
            named[name] = moment(value) if spec.kind is Kind.TIME else value
    return named


def columns(entity: type[Entity]) -> list[Column]:
    """The columns of the entity's table."""
    return [_column(name, specs(entity).get(name)) for name in _COLUMNS[entity]]


def cells(item: Shown) -> list[str]:
    """A row's cells under those columns."""
    return [_cell(item, name) for name in _COLUMNS[type(item.row)]]


def sheet(item: Shown) -> Iterator[str]:
    """Everything about one row, a field a line, under the headings of its form."""
    return (line.rstrip() for line in _sheet(item))


def _sheet(item: Shown) -> Iterator[str]:
    row = item.row
    known = form_specs(type(row))
    yield f"{'ID':24}{row.id}"
    if hasattr(row, "company_id"):
        yield f"{'Company':24}{item.company}"
    yield f"{'State':24}{item.state.word}"
    if item.state.why:
        yield f"{'':24}{item.state.why}"
    tab = ""
    for name, spec in known.items():
        if spec.tab != tab:
            tab = spec.tab
            yield ""
            yield tab
        first, *rest = (_cell(item, name, whole=True).splitlines()) or [""]
        yield f"  {spec.label:22}{first}{f' {spec.unit}' if spec.unit and first else ''}"
        yield from (f"{'':24}{line}" for line in rest)
    if isinstance(row, SipUser):
        yield ""
        yield f"{'Password set':24}{moment(row.password_set_at) or 'never'}"


def moment(value: float | None) -> str | None:
    """A point in time as ISO 8601 in UTC, to the second."""
    if not value:
        return None
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _column(name: str, spec: FieldSpec | None) -> Column:
    head = _HEADS.get(name) or (spec.label if spec else name)
    number = name == "id" or (spec is not None and spec.kind is Kind.INTEGER)
    if spec is not None and spec.kind in (Kind.TIME, Kind.CHOICE):
        return Column(head, least=20)
    return Column(head, right=number, least=_LEAST.get(name, 8))


def _cell(item: Shown, name: str, *, whole: bool = False) -> str:
    row = item.row
    match name:
        case "id":
            return str(row.id)
        case "company":
            return item.company
        case "state":
            return item.state.word
        case "profile" | "profile_id":
            return item.more
        case "direction" if not whole:
            return direction_words(row.direction)
    spec, value = specs(type(row))[name], getattr(row, name)
    if spec.kind is Kind.TIME:
        return moment(value) or ""
    return show(spec, value) if whole else " ".join(show(spec, value).split("\n"))
