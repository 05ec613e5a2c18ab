"""The columns of a file: which there are, how their headings may be written, and how values stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from cxtui.models.fields import FieldSpec, Kind, form_specs
from cxtui.models.findings import Finding, error
from cxtui.rules.csv_table import FILE

from .plan import KINDS, Column

COMPANY = "company"
PASSWORD = "password"

KEYS = {"ip_auth": ("address", "direction"), "sip_users": ("username",)}
"""The columns that every file needs, besides the company."""

_ALSO: Mapping[str, tuple[str, ...]] = {
    COMPANY: ("customer", "carrier", "company name"),
    "address": ("ip", "ip address", "cidr"),
    "direction": ("way",),
    "flow_speed": ("cps",),
    "username": ("user", "sip user", "extension"),
    "allow_list": ("ip whitelist", "whitelist"),
    "nat_ping": ("ping",),
    "voicemail_email": ("voicemail email",),
}
_NEAR = 0.6


def match(kind: str, header: Sequence[str], *, owned: bool) -> tuple[tuple[Column, ...], list[Finding]]:
    """The columns of a file by its heading, and what is wrong with it: names that nobody knows, twice the same, missing
    ones. ``owned`` says that the rows need not name their company.
    """
    known = _known(kind)
    columns: list[Column] = []
    faults: list[Finding] = []
    for head in header:
        name = known.get(_bare(head), "")
        if not name:
            faults.append(error(FILE, f"there is no column {head}{_meant(head, kind)}"))
        elif name in (earlier := {column.name: column.head for column in columns}):
            faults.append(error(FILE, f"the columns {earlier[name]} and {head} mean the same"))
        else:
            columns.append(Column(name, head))
    missing = [*KEYS[kind], *([] if owned else [COMPANY])]
    names = {column.name for column in columns}
    faults += [error(FILE, f"the column {heading(name)} is missing") for name in missing if name not in names]
    return tuple(columns), faults


def exported(kind: str) -> dict[str, FieldSpec | None]:
    """The columns of an export, in their order; None for the company."""
    return {COMPANY: None, **form_specs(KINDS[kind])}


def heading(name: str) -> str:
    """How an export names a field: "profile" for ``profile_id``."""
    return name.removesuffix("_id")


def text(spec: FieldSpec, value: Any, words: Mapping[tuple[str, int], str]) -> str:
    """A stored value as it stands in a file; reading it gives the value again."""
    if value is None:
        return ""
    match spec.kind:
        case Kind.BOOLEAN:
            return "yes" if value else "no"
        case Kind.REFERENCE:
            return words.get((spec.refers_to, value), str(value))
        case Kind.NETWORKS:
            return " ".join(str(value).split("\n"))
        case _:
            return str(value)


@cache
def _known(kind: str) -> Mapping[str, str]:
    """Every way of writing a heading, bare, with the name of the field."""
    found: dict[str, str] = {}
    for name, heads in _spellings(kind):
        for head in heads:
            found.setdefault(_bare(head), name)
    return found


def _spellings(kind: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, spec in exported(kind).items():
        label = (spec.label,) if spec else ()
        yield name, (name, heading(name), *label)
    if kind == "sip_users":
        yield PASSWORD, (PASSWORD,)
    for name, heads in _ALSO.items():
        if name in exported(kind):
            yield name, heads


def _bare(head: str) -> str:
    return "".join(letter for letter in head.casefold() if letter.isalnum())


def _meant(head: str, kind: str) -> str:
    near = get_close_matches(_bare(head), _known(kind), n=1, cutoff=_NEAR)
    if near:
        return f"; did you mean {heading(_known(kind)[near[0]])}?"
    names = [heading(name) for name in exported(kind)]
    return f"; there are {', '.join(names)}"
