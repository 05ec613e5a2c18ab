"""Where users are registered from, beside IP entries and allow lists."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.findings import Severity
from cxtui.models.registration import Registration
from cxtui.services import blocks, credentials, edge_reports, edges, ip_auth, sip_users
from cxtui.services.bulk.importing import plan_import
from cxtui.services.context import Context
from cxtui.services.find import find
from cxtui.services.grids import Grid
from cxtui.services.outcome import NeedsConfirmation, Refused
from tests.services.bulk.files import table, wrong
from tests.services.stock import only
from tests.support import PASSWORD, execute, said

FOR_EVER = 9e9


@pytest.fixture
def phone(context: Context, acme: Company) -> Any:
    """A user that is registered from 198.51.100.7."""
    user = sip_users.add(context, acme.id, {"username": "1001"}).rows[0]
    edge_id = edges.beat(context, "edge1", 1)
    row = Registration(edge_id=edge_id, username="1001", ruid="r1", received="198.51.100.7:61344", expires_at=FOR_EVER)
    edge_reports.registered(context, [row], [])
    return user


@pytest.mark.parametrize("address", ["198.51.100.7", "198.51.100.0/28"])
def test_an_entry_under_which_a_user_is_registered_is_refused_with_the_reason(
    context: Context, acme: Company, phone: Any, address: str
) -> None:
    """C-13, S-084."""
    with pytest.raises(Refused, match=r"holds 198\.51\.100\.7, where a SIP user registers from"):
        ip_auth.add(context, acme.id, {"address": address, "direction": "egress"})
    ip_auth.add(context, acme.id, {"address": address, "direction": "ingress"})


def test_an_entry_that_was_there_before_the_registration_can_still_be_changed(
    context: Context, acme: Company, phone: Any
) -> None:
    """C-13."""
    edge_reports.registered(context, [], [1])
    entry: Any = ip_auth.add(context, acme.id, {"address": "198.51.100.7", "direction": "egress"}).rows[0]
    row = Registration(edge_id=1, username="1001", ruid="r2", received="198.51.100.7:5060", expires_at=FOR_EVER)
    edge_reports.registered(context, [row], [])
    change = ip_auth.save(context, entry, {"channels": "5"})
    assert [finding.severity for finding in change.warnings if finding.code == "C-13"] == [Severity.WARNING]


def test_an_entry_that_lets_nobody_in_can_be_prepared_and_not_be_put_in_force(
    context: Context, acme: Company, phone: Any
) -> None:
    """C-13."""
    typed = {"address": "198.51.100.7", "direction": "egress", "enabled": "no"}
    entry: Any = ip_auth.add(context, acme.id, typed).rows[0]
    with pytest.raises(Refused, match="where a SIP user registers from"):
        ip_auth.save(context, entry, {"enabled": "yes"})


def test_an_entry_that_is_widened_over_a_registration_is_refused(context: Context, acme: Company, phone: Any) -> None:
    """C-13, S-084: what was there before is the entry as it was, not what it becomes."""
    entry: Any = ip_auth.add(context, acme.id, {"address": "198.51.100.8", "direction": "egress"}).rows[0]
    with pytest.raises(Refused, match="where a SIP user registers from"):
        ip_auth.save(context, entry, {"address": "198.51.100.0/28"})


def test_a_registration_that_is_over_stands_against_nothing(context: Context, acme: Company, phone: Any) -> None:
    """C-13, W-031: the list is a moment behind."""
    execute(context.database, "UPDATE registration SET expires_at = 1")
    blocks.block(context, {"address": "198.51.100.7"})
    ip_auth.add(context, acme.id, {"address": "198.51.100.0/28", "direction": "egress"})


def test_a_file_of_entries_is_refused_for_the_same_reason(context: Context, acme: Company, phone: Any) -> None:
    """C-13."""
    planned = plan_import(context, "ip_auth", table("address direction", "198.51.100.7 egress"), company_id=acme.id)
    assert any("registers from" in text for _, _, text in wrong(planned))


def test_an_allow_list_without_the_address_a_user_is_registered_from_is_warned_of(context: Context, phone: Any) -> None:
    """C-13, W-015."""
    change = sip_users.save(context, phone, {"allow_list": "203.0.113.0/28"})
    assert any("198.51.100.7, which is not on this list" in finding.text for finding in change.warnings)
    (user,) = change.rows
    assert isinstance(user, type(phone))
    assert not sip_users.save(context, user, {"allow_list": "198.51.100.0/28"}).warnings


def test_an_address_that_a_phone_is_registered_from_is_only_blocked_on_a_typed_confirmation(
    context: Context, phone: Any
) -> None:
    """W-031: it belongs to no entry and no allow list, and yet a customer would fall silent."""
    with pytest.raises(NeedsConfirmation, match=r"198\.51\.100\.7 1001 is registered from it: its phone") as asked:
        blocks.block(context, {"address": "198.51.100.7"})
    assert asked.value.word == "198.51.100.7"
    assert "1001 is registered from it" in said(blocks.check(context, {"address": "198.51.100.7"}), "address")
    assert blocks.check(context, {"address": "198.51.100.8"}) == []
    assert only(blocks.block(context, {"address": "198.51.100.7"}, confirmed="198.51.100.7")).ours == 0


def test_a_user_whose_phone_is_blocked_where_it_is_registered_says_so(context: Context, phone: Any) -> None:
    """S-011: what the switch does not hear any more is not online."""
    credentials.set_password(context, phone, PASSWORD)
    blocks.block(context, {"address": "198.51.100.7"}, confirmed="198.51.100.7")
    (shown,) = Grid(context, "sip_users").read(0, 10).rows
    found = shown.state
    assert (found.word, found.remedy) == ("BLOCKED", "unblock")
    assert found.why == "198.51.100.7 was blocked now: by hand, alice."


@pytest.mark.parametrize("text", ["198.51.100.7", "198.51.100.0/28"])
def test_the_search_for_an_address_finds_who_is_registered_from_it(context: Context, phone: Any, text: str) -> None:
    """C-13: an address in a ticket leads to the user whose phone it is, however many registrations it has there."""
    row = Registration(edge_id=1, username="1001", ruid="r2", received="198.51.100.7:5060", expires_at=FOR_EVER)
    edge_reports.registered(context, [row], [])
    (hit,) = find(context, text)
    assert (hit.grid, hit.id, hit.title) == ("sip_users", phone.id, "1001")
    assert hit.detail == "registered from 198.51.100.7:61344, SIP user of Acme Telecom"
    assert find(context, "198.51.100.8") == []
