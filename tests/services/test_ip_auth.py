"""IP entries: what can be added at once, and what the fields refuse."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.services import ip_auth
from cxtui.services.context import Context
from cxtui.services.outcome import Refused, ServiceError
from tests.support import codes, one, query, said


def add(context: Context, company: Company, address: str, **more: str) -> list[IpAuth]:
    rows = ip_auth.add(context, company.id, {"address": address, **more}).rows
    return [row for row in rows if isinstance(row, IpAuth)]


def stored(context: Context) -> list[str]:
    return [row[0] for row in query(context.database, "SELECT address FROM ip_auth ORDER BY id")]


@pytest.mark.parametrize(
    "pasted",
    [
        "203.0.113.1\n203.0.113.2\n203.0.113.0/28",
        "203.0.113.1, 203.0.113.2;203.0.113.0/28",
        "  203.0.113.1\t203.0.113.2\r\n\r\n203.0.113.0/28,,\n",
    ],
)
def test_many_addresses_are_pasted_with_any_separators(context: Context, acme: Company, pasted: str) -> None:
    """W-001, S-020."""
    change = ip_auth.add(context, acme.id, {"address": pasted, "channels": "3"})
    assert stored(context) == ["203.0.113.1", "203.0.113.2", "203.0.113.0/28"]
    assert {row.channels for row in change.rows if isinstance(row, IpAuth)} == {3}
    assert change.sentence == "Added 3 IP entries."


def test_each_wrong_line_is_named_and_none_of_the_right_ones_is_added(context: Context, acme: Company) -> None:
    """W-001: all or nothing, and every fault at once."""
    typed = {"address": "203.0.113.1 203.0.113.300 nonsense 10.0.0.1/8 ::ffff:1.2.3.4"}
    with pytest.raises(Refused) as refusal:
        ip_auth.add(context, acme.id, typed)
    words = [finding.text.partition(": ")[0] for finding in errors(refusal.value.findings)]
    assert words == ["203.0.113.300", "nonsense", "10.0.0.1/8", "::ffff:1.2.3.4"]
    assert stored(context) == []


def test_an_address_that_stands_twice_is_added_once_and_said(context: Context, acme: Company) -> None:
    """W-010."""
    change = ip_auth.add(context, acme.id, {"address": "2001:db8::1 2001:DB8:0::1"})
    assert stored(context) == ["2001:db8::1"]
    assert "stands twice; it is added once" in said(change.warnings, "address")


def test_both_directions_are_two_linked_entries(context: Context, acme: Company) -> None:
    """C-01, S-023."""
    entries = add(context, acme, "203.0.113.1 2001:db8::/48", direction="ingress,egress", channels="5")
    assert [(entry.address, entry.direction) for entry in entries] == [
        ("203.0.113.1", "egress"),
        ("203.0.113.1", "ingress"),
        ("2001:db8::/48", "egress"),
        ("2001:db8::/48", "ingress"),
    ]
    by_id = {entry.id: entry for entry in entries}
    for entry in entries:
        assert entry.linked_id is not None
        partner = by_id[entry.linked_id]
        assert (partner.address, partner.linked_id) == (entry.address, entry.id)
        assert partner.direction != entry.direction
    ip_auth.save(context, entries[0], {"channels": "9"})
    assert query(context.database, "SELECT channels FROM ip_auth WHERE address = '203.0.113.1' ORDER BY id") == [
        (9,),
        (5,),
    ]


def test_the_entry_that_stays_of_a_pair_stands_alone(context: Context, acme: Company) -> None:
    egress, ingress = add(context, acme, "203.0.113.1", direction="egress,ingress")
    ip_auth.delete(context, [egress])
    assert query(context.database, "SELECT id, linked_id FROM ip_auth") == [(ingress.id, None)]


def test_one_way_is_one_entry_without_a_link(context: Context, acme: Company) -> None:
    (entry,) = add(context, acme, "203.0.113.1")
    assert (entry.direction, entry.linked_id) == ("egress", None)


@pytest.mark.parametrize("direction", ["", "both", "egress banana", "egress;ingress", "0"])
def test_a_direction_that_is_none_is_refused(context: Context, acme: Company, direction: str) -> None:
    """S-022."""
    with pytest.raises(Refused, match="direction"):
        add(context, acme, "203.0.113.1", direction=direction)


def test_an_entry_that_is_edited_has_one_direction(context: Context, acme: Company) -> None:
    """C-01: half of the wish would be dropped without a word."""
    (entry,) = add(context, acme, "203.0.113.1", direction="ingress")
    with pytest.raises(Refused, match="add the other one as a new entry"):
        ip_auth.save(context, entry, {"direction": "egress,ingress"})
    saved = ip_auth.save(context, entry, {"direction": "egress"}).rows[0]
    assert isinstance(saved, IpAuth)
    assert saved.direction == "egress"


def test_an_entry_that_is_edited_has_one_address(context: Context, acme: Company) -> None:
    """W-001."""
    (entry,) = add(context, acme, "203.0.113.1")
    with pytest.raises(Refused, match="add the others as new entries"):
        ip_auth.save(context, entry, {"address": "203.0.113.1 203.0.113.2"})
    with pytest.raises(Refused, match="an address is required"):
        ip_auth.save(context, entry, {"address": ""})


@pytest.mark.parametrize("direction", ["egress", "egress,ingress"])
def test_a_host_name_is_refused_where_they_send(context: Context, acme: Company, direction: str) -> None:
    """S-021."""
    with pytest.raises(Refused, match="names are only for switches that receive calls"):
        add(context, acme, "pbx.acme.example", direction=direction)


def test_a_host_name_is_taken_where_they_receive(context: Context, acme: Company) -> None:
    """S-021, S-024."""
    (entry,) = add(context, acme, "PBX.Acme.Example.", direction="ingress")
    assert entry.address == "pbx.acme.example"
    with pytest.raises(Refused, match="names are only for"):
        ip_auth.save(context, entry, {"direction": "egress"})


def test_an_entry_needs_its_company(context: Context) -> None:
    for missing in (0, 999, 2**40):
        with pytest.raises(ServiceError, match="Choose a company first"):
            ip_auth.add(context, missing, {"address": "203.0.113.1"})


def test_the_canonical_address_and_its_range_are_stored(context: Context, acme: Company) -> None:
    add(context, acme, "2001:DB8:0:0::/64")
    row = query(context.database, "SELECT address, hex(first), hex(last) FROM ip_auth")
    assert row == [("2001:db8::/64", "20010DB8" + "0" * 24, "20010DB8" + "0" * 8 + "F" * 16)]


def test_a_changed_address_moves_its_range(context: Context, acme: Company) -> None:
    (entry,) = add(context, acme, "203.0.113.1")
    ip_auth.save(context, entry, {"address": "203.0.113.8/29"})
    row = query(context.database, "SELECT address, hex(first), hex(last) FROM ip_auth")
    assert row == [("203.0.113.8/29", "0" * 20 + "FFFFCB007108", "0" * 20 + "FFFFCB00710F")]


@pytest.mark.parametrize(
    ("typed", "port"),
    [
        ({}, 5060),
        ({"protocol": "tls"}, 5061),
        ({"protocol": "TLS & SRTP"}, 5061),
        ({"protocol": "udp", "port": ""}, 5060),
    ],
)
def test_the_port_follows_the_protocol_unless_it_is_typed(
    context: Context, acme: Company, typed: dict[str, str], port: int
) -> None:
    """S-037."""
    (entry,) = add(context, acme, "203.0.113.1", **typed)
    assert entry.port == port


def test_another_port_is_taken_and_an_odd_one_for_the_protocol_warned_about(context: Context, acme: Company) -> None:
    """S-037, W-003."""
    change = ip_auth.add(context, acme.id, {"address": "203.0.113.1", "protocol": "tls", "port": "5060"})
    assert ("warning", "port", "S-037") in codes(change.warnings)
    plain = ip_auth.add(context, acme.id, {"address": "203.0.113.2", "port": "15060"})
    assert codes(plain.warnings) == []


def test_fields_not_to_be_used_are_warned_about_and_kept(context: Context, acme: Company) -> None:
    """S-039, W-004."""
    typed = {"cli_prefix": "1", "tech_prefix": "2", "force_from": "3", "strip_digits": "4"}
    change = ip_auth.add(context, acme.id, {"address": "203.0.113.1", **typed})
    assert {field for _, field, code in codes(change.warnings) if code == "S-039"} == set(typed)
    assert all("Parameter Rewrite" in said(change.warnings, field) for field in typed)


def test_smpp_is_shown_and_cannot_be_chosen(context: Context, acme: Company) -> None:
    """S-036."""
    with pytest.raises(Refused, match="SMPP is not currently supported"):
        add(context, acme, "203.0.113.1", protocol="smpp")


def test_our_login_is_refused_where_they_send(context: Context, acme: Company) -> None:
    """C-02, S-040."""
    login = {"uac_username": "us", "uac_realm": "their realm"}
    for direction in ("egress", "egress,ingress"):
        with pytest.raises(Refused, match="they send to us here"):
            add(context, acme, "203.0.113.1", direction=direction, **login)
    change = ip_auth.add(context, acme.id, {"address": "203.0.113.1", "direction": "ingress", **login})
    assert ("warning", "uac_username", "S-040") in codes(change.warnings)
    (entry,) = change.rows
    assert isinstance(entry, IpAuth)
    with pytest.raises(Refused, match="they send to us here"):
        ip_auth.save(context, entry, {"direction": "egress"})


def test_a_changed_login_takes_its_password_out_of_use(context: Context, acme: Company) -> None:
    """C-02, C-05: HA1 is bound to username and realm."""
    from cxtui.services import credentials

    def active() -> int:
        return int(one(context.database, "SELECT count(*) FROM credential WHERE retired_by = ''"))

    login = {"uac_username": "us", "uac_realm": "their realm"}
    (entry,) = add(context, acme, "203.0.113.1", direction="ingress", **login)
    credentials.set_outbound_password(context, entry, "theirs")
    entry = saved(ip_auth.save(context, entry, {"channels": "4"}))
    assert active() == 1
    entry = saved(ip_auth.save(context, entry, {"uac_realm": "other"}))
    assert active() == 0
    credentials.set_outbound_password(context, entry, "theirs")
    ip_auth.delete(context, [entry])
    assert active() == 0


def saved(change: Any) -> IpAuth:
    (row,) = change.rows
    assert isinstance(row, IpAuth)
    return row


def test_checking_writes_nothing(context: Context, acme: Company) -> None:
    judged = ip_auth.check(context, acme.id, {"address": "203.0.113.1 203.0.113.300", "direction": "egress,ingress"})
    assert [entry.direction for entry in judged.entries] == ["egress", "ingress"]
    assert "203.0.113.300: 300 is not an octet (0–255)" in said(judged.findings, "address")
    assert stored(context) == []


def test_a_field_that_does_not_exist_is_an_error(context: Context, acme: Company) -> None:
    for name in ("company_id", "first", "linked_id", "id", "version", "password", "x; DROP TABLE ip_auth"):
        with pytest.raises(Refused, match="there is no field"):
            ip_auth.add(context, acme.id, {"address": "203.0.113.1", name: "5"})
    assert stored(context) == []


def test_special_addresses_are_warned_about(context: Context, acme: Company) -> None:
    change = ip_auth.add(context, acme.id, {"address": "192.168.1.1"})
    assert said(change.warnings, "address")


@pytest.mark.parametrize(
    "address", ["0.0.0.0/0", "::/0", "203.0.113.1:5060", "[2001:db8::1]", "1.2.3", "01.2.3.4", "*"]
)
def test_what_the_switch_would_misread_is_refused(context: Context, acme: Company, address: str) -> None:
    """S-020."""
    with pytest.raises(Refused):
        add(context, acme, address)


def test_thousands_of_addresses_are_pasted_at_once(context: Context, acme: Company) -> None:
    """W-001: each is compared with its neighbours, not with all the others."""
    many = [f"10.{number // 256}.{number % 256}.1" for number in range(3_000)]
    judged = ip_auth.check(context, acme.id, {"address": "\n".join(many)})
    assert len(judged.entries) == 3_000
    assert errors(judged.findings) == ()
