"""Who else claims an address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.models.findings import Finding, Severity
from cxtui.rules.addresses import name_range, parse_network
from cxtui.rules.conflicts import (
    MOST_SHOWN,
    AllowClaim,
    Claim,
    check_allow_against_ips,
    check_ip_against_allow_lists,
    check_ip_claims,
    coexistence_note,
)

COMPANIES = {1: "Acme Telecom", 2: "Beta Ltd", 3: "Gamma GmbH"}


def claim(number: int | None, company: int, address: str, cli: bool = False, direction: str = "egress") -> Claim:
    if address[-1].isalpha():
        first, last = name_range(address)
    else:
        network = parse_network(address)
        first, last = network.first, network.last
    return Claim(number, company, COMPANIES[company], address, first, last, direction, 5060, cli, True)


def allowed(address: str, company: int = 2) -> AllowClaim:
    network = parse_network(address)
    return AllowClaim(7, company, COMPANIES[company], "1001", address, network.first, network.last)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity.value, finding.code) for finding in findings]


def test_an_own_duplicate_is_already_entered():
    """W-010."""
    (finding,) = check_ip_claims(claim(None, 1, "203.0.113.7"), [claim(4, 1, "203.0.113.7")])
    assert (finding.field, finding.severity) == ("address", Severity.ERROR)
    assert finding.text == "203.0.113.7 is already entered: entry 4"


def test_an_own_network_over_an_own_address_is_a_warning():
    """C-12."""
    (finding,) = check_ip_claims(claim(None, 1, "203.0.113.0/24"), [claim(4, 1, "203.0.113.7")])
    assert finding.severity is Severity.WARNING
    assert "203.0.113.0/24 covers 203.0.113.7 (entry 4)" in finding.text
    assert "calls from 203.0.113.7 are entry 4's" in finding.text


@pytest.mark.parametrize(
    ("mine", "theirs", "words", "winner"),
    [
        ("198.51.100.4", "198.51.100.4", "198.51.100.4 is also claimed as Beta Ltd 198.51.100.4 (entry 9)", ""),
        (
            "198.51.100.4",
            "198.51.100.0/24",
            "198.51.100.4 lies inside Beta Ltd 198.51.100.0/24 (entry 9)",
            "Acme Telecom",
        ),
        ("198.51.100.0/24", "198.51.100.4", "198.51.100.0/24 covers Beta Ltd 198.51.100.4 (entry 9)", "Beta Ltd"),
        ("2001:db8::5", "2001:db8::/64", "2001:db8::5 lies inside Beta Ltd 2001:db8::/64 (entry 9)", "Acme Telecom"),
        (
            "198.51.100.0/28",
            "198.51.100.0/24",
            "198.51.100.0/28 lies inside Beta Ltd 198.51.100.0/24 (entry 9)",
            "Acme Telecom",
        ),
    ],
)
def test_another_companys_claim_is_refused_and_sharing_is_offered(mine, theirs, words, winner):
    """C-12, W-008."""
    (finding,) = check_ip_claims(claim(None, 1, mine), [claim(9, 2, theirs)])
    assert (finding.severity, finding.code, finding.fix) == (Severity.ERROR, "C-12", "share")
    assert finding.text.startswith(words)
    narrower = mine if winner == "Acme Telecom" else theirs
    taken = f"the narrower of two, so calls from {narrower} are {winner}'s"
    assert (taken if winner else "first match wins at the edge and the order is not defined") in finding.text


@pytest.mark.parametrize(("mine_cli", "theirs_cli"), [(False, False), (True, False), (False, True), (True, True)])
def test_sharing_passes_only_when_every_sharer_has_cli_authentication(mine_cli, theirs_cli):
    """C-12, W-008."""
    findings = check_ip_claims(claim(None, 1, "198.51.100.4", mine_cli), [claim(9, 2, "198.51.100.0/24", theirs_cli)])
    assert kinds(findings) == ([("warning", "W-008")] if mine_cli and theirs_cli else [("error", "C-12")])


def test_the_error_names_every_sharer_that_lacks_cli_authentication():
    """W-008."""
    others = [claim(8, 2, "198.51.100.4", True), claim(9, 3, "198.51.100.0/24")]
    findings = check_ip_claims(claim(None, 1, "198.51.100.4"), others)
    assert kinds(findings) == [("error", "C-12")] * 2
    for finding in findings:
        assert finding.text.endswith("Set CLI Authentication on: this entry, Gamma GmbH 198.51.100.0/24 (entry 9)")


def test_an_own_second_entry_on_the_shared_address_counts_as_a_sharer():
    """W-008: the flag is consistent on all entries that share the address."""
    others = [claim(8, 2, "198.51.100.4", True), claim(5, 1, "198.51.100.0/24")]
    findings = check_ip_claims(claim(None, 1, "198.51.100.4", True), others)
    assert kinds(findings) == [("error", "C-12"), ("warning", "W-010")]
    assert "Acme Telecom 198.51.100.0/24 (entry 5)" in findings[0].text


def test_an_entry_beside_the_shared_addresses_is_no_sharer():
    """W-008."""
    others = [claim(8, 2, "198.51.100.4", True), claim(9, 3, "198.51.100.9", True), claim(5, 1, "198.51.100.77")]
    findings = check_ip_claims(claim(None, 1, "198.51.100.0/24", True), others)
    assert kinds(findings) == [("warning", "W-008"), ("warning", "W-008"), ("warning", "W-010")]


@pytest.mark.parametrize(
    "changes",
    [{"enabled": False}, {"port": 5080}, {"direction": "ingress"}, {"id": 1}],
    ids=["disabled", "other port", "they receive", "itself"],
)
def test_what_cannot_match_the_same_traffic_is_no_conflict(changes):
    """C-12, C-01."""
    other = replace(claim(9, 2, "198.51.100.4"), **changes)
    assert check_ip_claims(claim(1, 1, "198.51.100.4"), [other]) == []


def test_a_disabled_entry_conflicts_with_nothing():
    mine = replace(claim(1, 1, "198.51.100.4"), enabled=False)
    assert check_ip_claims(mine, [claim(9, 2, "198.51.100.4")]) == []
    assert check_ip_against_allow_lists(mine, [allowed("198.51.100.4")]) == []


def test_neighbouring_networks_do_not_overlap():
    others = [claim(9, 2, "198.51.100.128/25"), claim(8, 2, "2001:db8::/32")]
    assert check_ip_claims(claim(None, 1, "198.51.100.0/25"), others) == []


@pytest.mark.parametrize("company", [1, 2])
def test_a_receiving_switch_entered_twice_is_only_a_warning(company):
    """W-010."""
    for address in ("pbx.acme.example", "203.0.113.7"):
        mine = claim(None, 1, address, direction="ingress")
        (finding,) = check_ip_claims(mine, [claim(4, company, address, direction="ingress")])
        assert finding.severity is Severity.WARNING
        assert "entry 4" in finding.text


def test_receiving_switches_may_overlap():
    mine = claim(None, 1, "203.0.113.7", direction="ingress")
    assert check_ip_claims(mine, [claim(4, 2, "203.0.113.0/24", direction="ingress")]) == []


def test_two_new_lines_of_one_paste_are_held_against_each_other():
    """W-001."""
    (finding,) = check_ip_claims(claim(None, 1, "203.0.113.7"), [claim(None, 1, "203.0.113.7")])
    assert finding.text == "203.0.113.7 is already entered: another line of this list"


def test_a_long_list_of_conflicts_is_cut_and_keeps_its_errors_first():
    lenient = [claim(number, 2, f"10.0.0.{number}", True) for number in range(1, 100)]
    findings = check_ip_claims(claim(None, 1, "10.0.0.0/24", True), [*lenient, claim(200, 3, "10.0.0.200")])
    assert len(findings) == MOST_SHOWN + 1
    assert findings[0].severity is Severity.ERROR
    assert findings[-1].severity is Severity.WARNING
    assert findings[-1].text == "and 80 more like these"
    strict = [replace(other, cli_authentication=False) for other in lenient]
    assert check_ip_claims(claim(None, 1, "10.0.0.0/24", True), strict)[-1].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("entry", "listed"),
    [("203.0.113.7", "203.0.113.7"), ("203.0.113.0/24", "203.0.113.7"), ("203.0.113.7", "203.0.113.0/24")],
)
@pytest.mark.parametrize("company", [1, 2])
def test_ip_and_sip_authentication_do_not_meet_on_one_source(entry, listed, company):
    """C-13, S-084: whichever of the two is saved last is refused, whosever they are."""
    mine, theirs = claim(3, 1, entry), allowed(listed, company)
    (from_ip,) = check_ip_against_allow_lists(mine, [theirs])
    (from_sip,) = check_allow_against_ips([theirs], [mine])
    assert (from_ip.field, from_sip.field) == ("address", "allow_list")
    for finding in (from_ip, from_sip):
        assert (finding.severity, finding.code) == (Severity.ERROR, "C-13")
        assert "a source that matches IP authentication is never challenged" in finding.text
    assert "SIP user 1001" in from_ip.text
    assert "Acme Telecom" in from_sip.text


@pytest.mark.parametrize("changes", [{"enabled": False}, {"direction": "ingress"}])
def test_only_an_enabled_sending_entry_shadows_a_sip_user(changes):
    """C-13."""
    entry = replace(claim(3, 1, "203.0.113.0/24"), **changes)
    assert check_ip_against_allow_lists(entry, [allowed("203.0.113.7")]) == []
    assert check_allow_against_ips([allowed("203.0.113.7")], [entry]) == []


def test_an_allow_list_elsewhere_is_no_conflict():
    """C-13."""
    assert check_ip_against_allow_lists(claim(3, 1, "203.0.113.7"), [allowed("203.0.113.8")]) == []
    assert check_allow_against_ips([allowed("203.0.113.8")], [claim(3, 1, "203.0.113.7")]) == []


def test_the_standing_note_is_only_for_companies_with_both_kinds():
    """C-13, S-084."""
    assert "challenged (407)" in coexistence_note(has_ip=True, has_sip=True)
    assert coexistence_note(True, False) == coexistence_note(False, True) == coexistence_note(False, False) == ""
