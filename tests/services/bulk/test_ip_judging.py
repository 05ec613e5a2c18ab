"""A file of IP entries as a plan: which entry a row means, and what stands against it."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.services import ip_auth, sip_users
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import Action
from cxtui.services.context import Context
from tests.services.bulk.files import actions, counts, csv, imported, table, wrong
from tests.services.stock import Stock, only, only_row
from tests.support import execute, one, query

IP = "ip_auth"
CREATE, CHANGE, UNCHANGED, WRONG = Action.CREATE, Action.CHANGE, Action.UNCHANGED, Action.WRONG


def test_a_row_means_the_entry_of_its_company_address_and_direction(
    context: Context, stock: Stock, acme: Company
) -> None:
    rows = ["203.0.113.10 egress 5", "203.0.113.10 ingress 0", "203.0.113.12 ingress 5", "203.0.113.9 egress 5"]
    plan = plan_import(context, IP, table("address direction channels", *rows), company_id=acme.id)
    assert actions(plan) == [CHANGE, UNCHANGED, CREATE, CREATE]
    assert [row.label for row in plan.rows][:2] == [
        "IP entry 203.0.113.10 (they send)",
        "IP entry 203.0.113.10 (they receive)",
    ]
    change = apply(context, plan).change
    assert change.sentence == "Added 2 IP entries, changed 1 IP entry."
    assert only_row(context, IpAuth, stock.pair[0].id).channels == 5


@pytest.mark.parametrize("heading", ["IP/CIDR,Switch Direction,Channels", "ip,direction,channels", "cidr,way,Channels"])
def test_columns_are_called_as_in_the_portal(context: Context, acme: Company, heading: str) -> None:
    data = csv([heading.split(","), ["10.0.0.0/8", "they send to us (egress)", "7"]])
    plan = plan_import(context, IP, data, company_id=acme.id)
    assert plan.ok, wrong(plan)
    row = plan.rows[0].row
    assert isinstance(row, IpAuth)
    assert (row.address, row.direction, row.channels, row.port) == ("10.0.0.0/8", "egress", 7, 5060)


def test_the_direction_is_never_guessed(context: Context, acme: Company) -> None:
    """S-022: the wrong one would let nobody, or everybody, in."""
    plan = plan_import(context, IP, table("address", "10.0.0.1"), company_id=acme.id)
    assert wrong(plan) == [(0, "file", "the column direction is missing")]
    rows = ["10.0.0.1 _", "10.0.0.1 both", "10.0.0.1 egress,ingress", "10.0.0.1 sideways"]
    plan = plan_import(context, IP, table("address direction", *rows), company_id=acme.id)
    assert [(line, field) for line, field, _ in wrong(plan)] == [(line, "direction") for line in (2, 3, 4, 5)]


def test_a_row_has_one_address(context: Context, acme: Company) -> None:
    rows = [["address", "direction"], ["10.0.0.1 10.0.0.2", "egress"], ["", "egress"], ["10.0.0.300", "egress"]]
    found = wrong(plan_import(context, IP, csv(rows), company_id=acme.id))
    assert [(line, field) for line, field, _ in found] == [(2, "address"), (3, "address"), (4, "address")]
    assert [words for _, _, words in found] == [
        "one address here; add the others as new entries",
        "an address is required",
        "10.0.0.300: 300 is not an octet (0–255)",
    ]


def test_a_name_is_only_for_those_who_receive(context: Context, acme: Company) -> None:
    """S-021."""
    rows = ["PBX.example.net ingress", "pbx.example.net egress"]
    plan = plan_import(context, IP, table("address direction", *rows), company_id=acme.id)
    assert actions(plan) == [CREATE, WRONG]
    assert plan.rows[0].label == "IP entry pbx.example.net (they receive)"


def test_the_port_follows_the_protocol_of_a_new_entry(context: Context, acme: Company) -> None:
    """S-037."""
    data = table("address direction protocol port", "10.0.0.1 egress tls _", "10.0.0.2 egress tls 5090")
    imported(context, IP, data, company_id=acme.id)
    assert query(context.database, "SELECT port FROM ip_auth ORDER BY id") == [(5061,), (5090,)]


def test_an_entry_that_stands_in_the_file_twice_is_named_with_both_lines(context: Context, acme: Company) -> None:
    """W-090, W-010."""
    rows = ["10.0.0.1 egress", "10.0.0.2 egress", "10.0.0.1/32 egress", "10.0.0.1 ingress"]
    plan = plan_import(context, IP, table("address direction", *rows), company_id=acme.id)
    words = "10.0.0.1 stands on the lines 2 and 4 for the same company, direction and port"
    assert wrong(plan) == [(2, "address", words), (4, "address", words)]


def test_rows_of_a_file_are_compared_with_each_other(context: Context, acme: Company, beta: Company) -> None:
    """C-12, W-008: two companies on one address need CLI Authentication on both."""
    heading = ["company", "address", "direction", "cli_authentication"]
    rows = [["Acme Telecom", "10.0.0.0/24", "egress", "no"], ["Beta Ltd", "10.0.0.7", "egress", "yes"]]
    plan = plan_import(context, IP, csv([heading, *rows]))
    assert actions(plan) == [WRONG, WRONG]
    assert {found.code for row in plan.rows for found in row.findings if found.severity == "error"} == {"C-12"}
    rows[0][3] = "yes"
    plan = plan_import(context, IP, csv([heading, *rows]))
    assert plan.ok, wrong(plan)
    assert {found.code for row in plan.rows for found in row.findings} >= {"W-008"}


def test_setting_the_flag_on_all_sharers_at_once_is_allowed(context: Context, acme: Company, beta: Company) -> None:
    """C-12: each alone would be refused, because the other one lacks it still."""
    for company in (acme, beta):
        ip_auth.add(context, company.id, {"address": "10.0.0.7", "enabled": "no"})
    execute(context.database, "UPDATE ip_auth SET enabled = 1")
    heading = ["company", "address", "direction", "cli_authentication"]
    rows = [["Acme Telecom", "10.0.0.7", "egress", "yes"], ["Beta Ltd", "10.0.0.7", "egress", "yes"]]
    assert counts(plan_import(context, IP, csv([heading, rows[0]]))) == (0, 0, 0, 1)
    assert counts(plan_import(context, IP, csv([heading, *rows]))) == (0, 2, 0, 0)


def test_an_entry_that_the_file_disables_is_no_rival(context: Context, stock: Stock, beta: Company) -> None:
    heading = ["company", "address", "direction", "enabled"]
    mine, theirs = ["Beta Ltd", "203.0.113.10", "egress", "yes"], ["Acme Telecom", "203.0.113.10", "egress", "no"]
    assert not plan_import(context, IP, csv([heading, mine])).ok
    plan = plan_import(context, IP, csv([heading, mine, theirs]))
    assert plan.ok, wrong(plan)


def test_an_entry_over_a_users_allow_list_is_refused(context: Context, stock: Stock, beta: Company) -> None:
    """C-13, S-084: 192.0.2.0/30 is on the allow list of 1001."""
    for address in ("192.0.2.1", "192.0.2.0/24", "192.0.0.0/16"):
        plan = plan_import(context, IP, table("address direction", f"{address} egress"), company_id=beta.id)
        ((_, field, words),) = wrong(plan)
        assert (field, "SIP user 1001" in words) == ("address", True)
    sip_users.save(context, stock.user, {"enabled": "no"})
    assert plan_import(context, IP, table("address direction", "192.0.2.1 egress"), company_id=beta.id).ok


def test_several_entries_of_one_address_are_told_apart_by_their_port(context: Context, acme: Company) -> None:
    for port in ("5060", "5080"):
        ip_auth.add(context, acme.id, {"address": "10.0.0.1", "port": port})
    heading = "address direction port channels"
    plan = plan_import(context, IP, table(heading, "10.0.0.1 egress 5080 3"), company_id=acme.id)
    assert (plan.rows[0].base is not None and plan.rows[0].base.id, plan.change) == (2, 1)
    plan = plan_import(context, IP, table(heading, "10.0.0.1 egress 5090 3"), company_id=acme.id)
    assert counts(plan) == (1, 0, 0, 0)
    plan = plan_import(context, IP, table("address direction channels", "10.0.0.1 egress 3"), company_id=acme.id)
    assert wrong(plan) == [
        (2, "address", "Acme Telecom has this address 2 times: id 1 on port 5060, id 2 on port 5080; name the port")
    ]
    rows = ["10.0.0.1 egress 5060 3", "10.0.0.1 egress _ 3"]
    assert plan_import(context, IP, table(heading, *rows), company_id=acme.id).wrong == 2


def test_the_port_of_the_only_entry_of_an_address_can_be_changed(context: Context, stock: Stock, acme: Company) -> None:
    data = table("address direction port", "203.0.113.11 ingress 5090")
    plan = plan_import(context, IP, data, company_id=acme.id)
    assert [(item.label, item.before, item.after) for item in plan.rows[0].differences] == [("Port", "5060", "5090")]


def test_the_two_ways_of_one_address_are_linked(context: Context, acme: Company, beta: Company) -> None:
    """C-01: as if they had been saved together."""
    heading = ["company", "address", "direction"]
    rows = [
        ["Acme Telecom", "10.0.0.1", "egress"],
        ["Beta Ltd", "10.0.0.2", "egress"],
        ["Acme Telecom", "10.0.0.1", "ingress"],
    ]
    imported(context, IP, csv([heading, *rows]))
    assert query(context.database, "SELECT id, linked_id FROM ip_auth ORDER BY id") == [(1, 3), (2, None), (3, 1)]


def test_a_changed_login_takes_the_password_out_of_use(context: Context, stock: Stock, acme: Company) -> None:
    """S-040, C-02: HA1s are bound to the username and the realm."""
    active = "SELECT count(*) FROM credential WHERE owner = 'ip_auth' AND retired_by = ''"
    assert one(context.database, active) == 1
    data = csv([["address", "direction", "Username", "Remote Realm"], ["203.0.113.11", "ingress", "other", "them"]])
    imported(context, IP, data, company_id=acme.id)
    assert one(context.database, active) == 0


def test_the_blocked_addresses_of_new_entries_get_their_owner(context: Context, stock: Stock, beta: Company) -> None:
    """S-011: the row is BLOCKED at once."""
    owner = "SELECT company_id, ours FROM block WHERE address = '203.0.113.12'"
    assert query(context.database, owner) == [(None, 0)]
    imported(context, IP, table("address direction", "203.0.113.12/30 ingress"), company_id=beta.id)
    assert query(context.database, owner) == [(beta.id, 1)]


def test_special_addresses_are_remarked_on(context: Context, acme: Company) -> None:
    plan = plan_import(context, IP, table("address direction", "192.0.2.9 egress"), company_id=acme.id)
    assert plan.ok
    assert [found.text for found in plan.rows[0].findings] == ["192.0.2.9 is documentation (RFC 5737)"]
    change = apply(context, plan).change
    assert [found.text for found in change.warnings] == ["line 2: 192.0.2.9 is documentation (RFC 5737)"]


def test_only_one_of_alike_entries_is_enabled(context: Context, acme: Company) -> None:
    """An export may hold an enabled entry and a disabled one of the same address: both come back."""
    rows = ["10.0.0.1 egress yes", "10.0.0.1 egress no"]
    data = table("address direction enabled", *rows)
    assert counts(plan_import(context, IP, data, company_id=acme.id)) == (2, 0, 0, 0)
    imported(context, IP, data, company_id=acme.id)
    assert counts(plan_import(context, IP, data, company_id=acme.id)) == (0, 0, 2, 0)
    assert only(ip_auth.save(context, only_row(context, IpAuth, 2), {"channels": "3"})).channels == 3


def test_what_is_wrong_is_found_among_very_many_rivals(context: Context) -> None:
    """Not all of them are compared with each other, but the one that makes an error always is (C-12)."""
    heading = ["company", "address", "direction", "cli_authentication"]
    hosts = [["Acme Telecom", f"10.0.0.{number}", "egress", "yes"] for number in range(250)]
    imported(context, IP, csv([heading, *hosts]))
    whole = ["Beta Ltd", "10.0.0.0/24", "egress", "yes"]
    assert plan_import(context, IP, csv([heading, whole])).ok
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0 WHERE address = '10.0.0.249'")
    ((_, field, words),) = wrong(plan_import(context, IP, csv([heading, whole])))
    assert (field, "Acme Telecom 10.0.0.249" in words) == ("address", True)
