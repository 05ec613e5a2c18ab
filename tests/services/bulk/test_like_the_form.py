"""A bulk change is judged as the form judges each of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.fields import Kind, form_specs
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.csv_table import lines_of
from cxtui.services import ip_auth, sip_users
from cxtui.services.bulk.bulk_edit import plan_edit
from cxtui.services.bulk.columns import exported, text
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import KINDS, Action, PlannedRow
from cxtui.services.context import Context
from tests.services.stock import Stock

SHARED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])

NUMBERS = st.sampled_from(["", "0", "1", "5", "50", "51", "101", "100001", "-1", "x", " 7 ", "007"])
SWITCHES = st.sampled_from(["", "yes", "no", "1", "off", "perhaps"])
WORDS = st.sampled_from(["", "one", "two words", "tab\tinside", "x" * 300, "Ünïcode", "=1+1", "'quoted"])
BY_KIND = {
    Kind.INTEGER: NUMBERS,
    Kind.BOOLEAN: SWITCHES,
    Kind.TEXT: WORDS,
    Kind.CODECS: st.sampled_from(["", "PCMA", "pcmu, g729", "none such", "telephone-event"]),
}
ADDRESSES = [
    "203.0.113.10",
    "203.0.113.11",
    "203.0.113.8/29",
    "203.0.113.0/24",
    "192.0.2.0/30",
    "192.0.2.1",
    "192.0.2.64",
]
USERS = {
    "username": st.sampled_from(["1000", "1001", "1002", " 1003 ", "999", "01000", "agent", "a b", "ä", "x" * 65, ""]),
    "allow_list": st.lists(st.sampled_from([*ADDRESSES, "10.0.0.0/33", "host.example"]), max_size=3).map(" ".join),
    "protocol": st.sampled_from(["", "udp", "UDP", "TLS & SRTP", "smpp", "carrier pigeon"]),
    "nat_ping": st.sampled_from(["", "enabled", "Enabled (Timeout)", "sometimes"]),
    "voicemail_email": st.sampled_from(["", "a@example.net", "no address", "a@b@c", "x" * 300]),
}
ENTRIES = {
    "address": st.sampled_from(
        [*ADDRESSES, "203.0.113.12 ", "10.0.0.1", "0.0.0.0/0", "2001:db8::1", "sip.example.net", "", "?"]
    ),
    "direction": st.sampled_from(["egress", "ingress"]),
    "port": st.sampled_from(["", "5060", "5061", "5080", "0", "70000"]),
    "protocol": USERS["protocol"],
    "dial_pattern": st.sampled_from(["", "e164", "E164", "other"]),
    "outbound_proxy": st.sampled_from(["", "192.0.2.1", "192.0.2.0/24", "proxy.example.net", "a b"]),
    "uac_username": st.sampled_from(["", "us", 'a"b']),
    "uac_realm": st.sampled_from(["", "them"]),
}


def rows(entity: type[Any], special: Mapping[str, Any]) -> Any:
    """Rows of a file with some of its columns; the key is always among them."""
    fields = {
        name: special.get(name, BY_KIND.get(spec.kind))
        for name, spec in form_specs(entity).items()
        if name in special or spec.kind in BY_KIND
    }
    keys = {name: fields.pop(name) for name in ("username", "address", "direction") if name in fields}
    return st.fixed_dictionaries(keys, optional=fields)


def planned(context: Context, kind: str, company: Company, cells: Mapping[str, str]) -> PlannedRow:
    """The one row of the plan of a file with it."""
    data = "".join(lines_of([["company", *cells], [company.name, *cells.values()]])).encode()
    (row,) = plan_import(context, kind, data).rows
    return row


def as_typed(kind: str, cells: Mapping[str, str], base: Any) -> dict[str, str]:
    """What somebody would have typed into the form who wants what a row of a file says."""
    never_empty = (Kind.INTEGER, Kind.BOOLEAN, Kind.CHOICE)
    known = exported(kind)
    typed = {}
    for name, cell in cells.items():
        spec = known[name]
        assert spec is not None
        if not cell.strip() and (base is None or spec.kind in never_empty) and name not in ("username", "address"):
            continue
        if base is None or cell != text(spec, getattr(base, name), {}):
            typed[name] = cell
    return typed


@SHARED
@given(cells=rows(SipUser, USERS))
def test_a_sip_user_in_a_file_is_judged_as_in_the_form(
    context: Context, stock: Stock, acme: Company, cells: dict[str, str]
) -> None:
    """S-090…S-098, W-011, C-13: new users and the one that is there (1001)."""
    base = stock.user if cells["username"] == "1001" else None
    row = planned(context, "sip_users", acme, cells)
    typed = as_typed("sip_users", cells, base)
    form = sip_users.check(context, acme.id, typed, base)
    assert row.row == form.row
    if base is not None and form.row == base and not errors(form.findings):
        assert row.action is Action.UNCHANGED
    else:
        assert set(row.findings) == set(form.findings)


@SHARED
@given(cells=rows(IpAuth, ENTRIES))
def test_an_ip_entry_in_a_file_is_judged_as_in_the_form(
    context: Context, stock: Stock, beta: Company, acme: Company, cells: dict[str, str]
) -> None:
    """S-020…S-045, W-001…W-010, C-12, C-13: new entries of another company, and those that are there."""
    stored = {(entry.address, entry.direction): entry for entry in (*stock.pair, stock.uac)}
    base = stored.get((cells["address"], cells["direction"]))
    company = acme if base else beta
    row = planned(context, "ip_auth", company, cells)
    typed = as_typed("ip_auth", cells, base)
    form = ip_auth.check(context, company.id, typed, base)
    if form.entries:
        assert (row.row,) == form.entries
    if base is not None and form.entries == (base,) and not errors(form.findings):
        assert row.action is Action.UNCHANGED
    else:
        assert set(row.findings) == set(form.findings)


@SHARED
@given(typed=rows(SipUser, USERS))
def test_an_edit_of_marked_users_is_judged_as_in_the_form(
    context: Context, stock: Stock, acme: Company, typed: dict[str, str]
) -> None:
    """W-091."""
    del typed["username"]
    if not typed:
        return
    (row,) = plan_edit(context, "sip_users", [stock.user], typed).rows
    form = sip_users.check(context, acme.id, typed, stock.user)
    assert row.row == form.row
    if row.action is not Action.UNCHANGED:
        assert set(row.findings) == set(form.findings)


@SHARED
@given(typed=rows(IpAuth, ENTRIES))
def test_an_edit_of_marked_entries_is_judged_as_in_the_form(
    context: Context, stock: Stock, acme: Company, typed: dict[str, str]
) -> None:
    """W-091; the port follows the protocol (S-037)."""
    del typed["address"]
    typed.setdefault("port", "5080")
    (row,) = plan_edit(context, "ip_auth", [stock.uac], typed).rows
    form = ip_auth.check(context, acme.id, typed, stock.uac)
    assert set(row.findings) == set(form.findings) or row.action is Action.UNCHANGED
    assert (row.row,) == form.entries


def test_both_kinds_are_covered() -> None:
    assert {*KINDS} == {"ip_auth", "sip_users"}
