"""Who else claims an address: duplicates, overlaps, sharing, and SIP users' allow lists."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused
from tests.support import audit, codes, query


def entry(change: Change) -> IpAuth:
    row = change.rows[0]
    assert isinstance(row, IpAuth)
    return row


def user(change: Change) -> SipUser:
    row = change.rows[0]
    assert isinstance(row, SipUser)
    return row


@pytest.fixture
def theirs(context: Context, acme: Company) -> IpAuth:
    return entry(ip_auth.add(context, acme.id, {"address": "203.0.113.96/27"}))


def cli_flags(context: Context) -> list[tuple[str, bool]]:
    rows = query(context.database, "SELECT address, cli_authentication FROM ip_auth ORDER BY id")
    return [(address, bool(flag)) for address, flag in rows]


OVERLAPS = ["203.0.113.96/27", "203.0.113.100", "203.0.113.0/24", "203.0.113.112/28"]


@pytest.mark.parametrize("address", OVERLAPS)
def test_another_companys_address_is_an_error_that_offers_to_share(
    context: Context, beta: Company, theirs: IpAuth, address: str
) -> None:
    """C-12, W-010."""
    with pytest.raises(Refused, match=r"Acme Telecom 203\.0\.113\.96/27") as refusal:
        ip_auth.add(context, beta.id, {"address": address})
    (finding,) = errors(refusal.value.findings)
    assert (finding.code, finding.fix) == ("C-12", "share")


@pytest.mark.parametrize("address", OVERLAPS)
def test_sharing_sets_cli_authentication_on_every_sharer(
    context: Context, beta: Company, theirs: IpAuth, address: str
) -> None:
    """W-008, C-12."""
    judged = ip_auth.check(context, beta.id, {"address": address}, share=True)
    assert codes(judged.findings) == [("warning", "address", "W-008")]
    change = ip_auth.add(context, beta.id, {"address": address}, share=True)
    assert codes(change.warnings) == [("warning", "address", "W-008")]
    assert cli_flags(context) == [("203.0.113.96/27", True), (address, True)]
    assert [item.before for item in audit(context.database) if item.entity_id == theirs.id][-1] == {
        "cli_authentication": False
    }


def test_sharing_reaches_all_sharers_and_nobody_else(context: Context, acme: Company, beta: Company) -> None:
    """W-008."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.100 203.0.113.101 198.51.100.1"})
    ip_auth.add(context, acme.id, {"address": "203.0.113.102", "port": "5080"})
    ip_auth.add(context, acme.id, {"address": "203.0.113.103", "direction": "ingress"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.0/24"}, share=True)
    assert [address for address, flag in cli_flags(context) if flag] == [
        "203.0.113.100",
        "203.0.113.101",
        "203.0.113.0/24",
    ]


def test_with_cli_authentication_everywhere_sharing_is_a_warning(
    context: Context, acme: Company, beta: Company
) -> None:
    """C-12."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1", "cli_authentication": "yes"})
    change = ip_auth.add(context, beta.id, {"address": "203.0.113.1", "cli_authentication": "yes"})
    assert codes(change.warnings) == [("warning", "address", "W-008")]


def test_cli_authentication_is_not_taken_off_while_the_address_is_shared(
    context: Context, acme: Company, beta: Company
) -> None:
    """W-008: consistently on all sharers."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1", "cli_authentication": "yes"})
    shared = entry(ip_auth.add(context, beta.id, {"address": "203.0.113.1", "cli_authentication": "yes"}))
    with pytest.raises(Refused, match="Set CLI Authentication on: this entry"):
        ip_auth.save(context, shared, {"cli_authentication": "no"})


def test_an_edited_entry_can_be_shared_as_well(context: Context, beta: Company, theirs: IpAuth) -> None:
    mine = entry(ip_auth.add(context, beta.id, {"address": "198.51.100.1"}))
    with pytest.raises(Refused):
        ip_auth.save(context, mine, {"address": "203.0.113.97"})
    ip_auth.save(context, mine, {"address": "203.0.113.97"}, share=True)
    assert cli_flags(context) == [("203.0.113.96/27", True), ("203.0.113.97", True)]


def test_sharing_follows_the_port_that_another_operator_has_just_set(
    context: Context, bob: Context, acme: Company, beta: Company
) -> None:
    """The sharers are those of the row as it will be stored, not as this operator saw it."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1", "port": "5080"})
    mine = entry(ip_auth.add(context, beta.id, {"address": "203.0.113.1"}))
    with pytest.raises(Refused):
        ip_auth.save(bob, mine, {"port": "5080"})
    ip_auth.save(bob, mine, {"port": "5080"}, share=True)
    ip_auth.save(context, mine, {"channels": "4"}, share=True)
    assert cli_flags(context) == [("203.0.113.1", True), ("203.0.113.1", True)]


def test_an_own_duplicate_is_an_error_and_an_own_overlap_a_warning(
    context: Context, acme: Company, theirs: IpAuth
) -> None:
    """W-010."""
    with pytest.raises(Refused, match="already entered"):
        ip_auth.add(context, acme.id, {"address": "203.0.113.96/27"})
    change = ip_auth.add(context, acme.id, {"address": "203.0.113.100"})
    assert codes(change.warnings) == [("warning", "address", "W-010")]


def test_addresses_of_one_paste_are_compared_with_each_other(context: Context, beta: Company) -> None:
    """W-010."""
    judged = ip_auth.check(context, beta.id, {"address": "10.0.0.0/8 10.1.0.0/16 10.1.2.3 172.16.0.1 2001:db8::/32"})
    overlaps = [finding.text for finding in judged.findings if finding.code == "W-010"]
    assert len(overlaps) == 6
    assert all("another line of this list" in text for text in overlaps)
    assert not any("172.16.0.1" in text or "2001" in text for text in overlaps)


def test_a_duplicate_where_they_receive_is_a_warning(context: Context, acme: Company, beta: Company) -> None:
    """W-010: a warning and no error."""
    ip_auth.add(context, acme.id, {"address": "pbx.example.net 203.0.113.1", "direction": "ingress"})
    change = ip_auth.add(context, beta.id, {"address": "pbx.example.net 203.0.113.1", "direction": "ingress"})
    assert codes(change.warnings) == [("warning", "address", "W-010")] * 2


@pytest.mark.parametrize("typed", [{"port": "5080"}, {"direction": "ingress"}, {"enabled": "no"}])
def test_another_port_or_direction_or_a_disabled_entry_is_no_rival(
    context: Context, beta: Company, theirs: IpAuth, typed: dict[str, str]
) -> None:
    change = ip_auth.add(context, beta.id, {"address": "203.0.113.100", **typed})
    assert codes(change.warnings) == []


def test_enabling_an_entry_brings_its_conflict_to_light(context: Context, beta: Company, theirs: IpAuth) -> None:
    """C-12."""
    mine = entry(ip_auth.add(context, beta.id, {"address": "203.0.113.100", "enabled": "no"}))
    with pytest.raises(Refused, match="Acme Telecom"):
        ip_auth.save(context, mine, {"enabled": "yes"})


@pytest.mark.parametrize("allowed", ["203.0.113.96/27", "203.0.113.100", "203.0.113.0/24", "10.0.0.1\n203.0.113.127"])
def test_an_allow_list_under_ip_authentication_is_refused(
    context: Context, acme: Company, theirs: IpAuth, allowed: str
) -> None:
    """C-13, S-084: it would never be asked for its password."""
    with pytest.raises(Refused, match="never challenged") as refusal:
        sip_users.add(context, acme.id, {"username": "1001", "allow_list": allowed})
    assert codes(refusal.value.findings) == [("error", "allow_list", "C-13")]
    mine = user(sip_users.add(context, acme.id, {"username": "1001"}))
    with pytest.raises(Refused, match="never challenged"):
        sip_users.save(context, mine, {"allow_list": allowed})


@pytest.mark.parametrize("address", ["198.51.100.7", "198.51.100.0/24", "198.51.100.4/30"])
def test_ip_authentication_over_an_allow_list_is_refused(
    context: Context, acme: Company, beta: Company, address: str
) -> None:
    """C-13, S-084, the other way round, and across companies."""
    sip_users.add(context, acme.id, {"username": "1001", "allow_list": "198.51.100.4/30"})
    with pytest.raises(Refused, match="allow list of SIP user 1001") as refusal:
        ip_auth.add(context, beta.id, {"address": address})
    assert codes(refusal.value.findings) == [("error", "address", "C-13")]
    ip_auth.add(context, beta.id, {"address": address, "direction": "ingress"})
    ip_auth.add(context, beta.id, {"address": "198.51.100.8"})


def test_enabling_either_side_brings_the_conflict_to_light(context: Context, acme: Company) -> None:
    """C-13."""
    off = {"enabled": "no"}
    mine = user(sip_users.add(context, acme.id, {"username": "1001", "allow_list": "203.0.113.1", **off}))
    sending = entry(ip_auth.add(context, acme.id, {"address": "203.0.113.1"}))
    with pytest.raises(Refused, match="never challenged"):
        sip_users.save(context, mine, {"enabled": "yes"})
    sending = entry(ip_auth.save(context, sending, off))
    sip_users.save(context, mine, {"enabled": "yes"})
    with pytest.raises(Refused, match="allow list of SIP user 1001"):
        ip_auth.save(context, sending, {"enabled": "yes"})
    receiving = entry(ip_auth.add(context, acme.id, {"address": "203.0.113.1", "direction": "ingress"}))
    with pytest.raises(Refused, match="allow list of SIP user 1001"):
        ip_auth.save(context, receiving, {"direction": "egress"})
