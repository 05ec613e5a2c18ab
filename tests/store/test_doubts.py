"""The condition that picks rows for a look never misses one that the rules have something to say about."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.fields import Entity, Kind, form_specs, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.values import read
from cxtui.store.doubts import doubtful
from cxtui.store.names import TABLES, entity_of, table_of

FORMS: tuple[type[Entity], ...] = (Company, IpAuth, SipUser)
VALUES = st.one_of(
    st.integers(-(2**62), 2**62),
    st.integers(-1, 2),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["", "udp", "smpp", "egress", "active", "a\nb", "x" * 300, "\u202e"]),
    st.binary(max_size=3),
)


def picked(entity: type[Entity], row: dict[str, Any]) -> bool:
    """Whether the condition holds for a row, in a table without affinities but with references."""
    link = sqlite3.connect(":memory:")
    referred = {spec.refers_to for spec in specs(entity).values() if spec.refers_to} - {table_of(entity)}
    for table in referred:
        link.execute(f"CREATE TABLE {table}(id)")
        link.execute(f"INSERT INTO {table} VALUES (1)")
    link.execute(f"CREATE TABLE {table_of(entity)}({', '.join(row)})")
    link.execute(f"INSERT INTO {table_of(entity)} VALUES ({', '.join('?' * len(row))})", [*row.values()])
    found = link.execute(f"SELECT count(*) FROM {table_of(entity)} WHERE {doubtful(entity)}").fetchone()[0]
    link.close()
    return bool(found)


def usual(entity: type[Entity]) -> dict[str, Any]:
    """A row in order."""
    made: Any = entity
    row = made(address="x") if entity is IpAuth else made()
    known = specs(entity)
    texts = {name: "x" for name, spec in known.items() if spec.required}
    references = {name: 1 for name, spec in known.items() if spec.kind is Kind.REFERENCE and not spec.nullable}
    return {"id": 1, **{name: getattr(row, name) for name in known}, **texts, **references}


@pytest.mark.parametrize("entity", FORMS)
def test_a_row_of_defaults_is_not_picked(entity: type[Entity]) -> None:
    assert not picked(entity, usual(entity))


@pytest.mark.parametrize("entity", FORMS)
@given(st.data())
def test_whatever_a_form_would_refuse_or_advise_against_is_picked(entity: type[Entity], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(form_specs(entity))))
    value = data.draw(VALUES)
    spec = form_specs(entity)[name]
    said = read(entity, {name: value}).findings
    # Lists have a grammar of their own, which is asked wherever a list is not empty.
    if said and spec.kind not in (Kind.NETWORKS, Kind.CODECS, Kind.CLIS):
        assert picked(entity, {**usual(entity), name: value}), (name, value, said)


@pytest.mark.parametrize("table", TABLES)
def test_the_condition_is_sql_for_every_table(database: Any, table: str) -> None:
    with database.reading() as link:
        link.execute(f"SELECT count(*) FROM {table} WHERE {doubtful(entity_of(table))}").fetchone()


@pytest.mark.parametrize(
    ("name", "value", "doubt"),
    [
        ("profile_id", 1, False),
        ("profile_id", 2, True),
        ("profile_id", "one", True),
        ("password_set_at", None, False),
        ("password_set_at", 1, False),
        ("password_set_at", "noon", True),
        ("enabled", 7, True),
        ("allow_list", "192.0.2.1\n192.0.2.2", False),
        ("smart_extension", True, True),
    ],
)
def test_what_is_picked_for_a_look(name: str, value: Any, doubt: bool) -> None:
    assert picked(SipUser, {**usual(SipUser), name: value}) is doubt
