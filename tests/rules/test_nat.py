"""Why a SIP user can register and call out but gets no inbound calls."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import Severity
from cxtui.models.registration import Registration
from cxtui.models.sip_user import Ping
from cxtui.rules.addresses import parse_network
from cxtui.rules.conflicts import MOST_SHOWN, Claim
from cxtui.rules.nat import (
    MOST_CONTACTS,
    Contact,
    Diagnosis,
    Evidence,
    Result,
    Situation,
    contact_of,
    covered_by_ip_entry,
    diagnose,
    registration_conflict,
)
from cxtui.rules.nat_endpoints import parse_uri, unrouted
from cxtui.rules.nat_pings import round_trips
from cxtui.rules.printable import clean

NOW = 1_700_000_000.0
BEHIND_NAT = Contact(
    contact="sip:1003@192.168.1.20:5060;transport=udp",
    received="198.51.100.7",
    received_port=61344,
    transport="udp",
    via="192.168.1.20",
    via_port=5060,
    user_agent="Yealink SIP-T46S 66.84.0.15",
    registered_at=NOW - 900,
    expires_at=NOW + 2700,
)
PUBLIC = replace(
    BEHIND_NAT, contact="sip:1003@198.51.100.7:5060", received_port=5060, via="198.51.100.7", via_port=5060
)
ANSWERED = ((NOW - 130, 42_000), (NOW - 70, 40_000), (NOW - 10, 45_000))
LOST = ((NOW - 130, 42_000), (NOW - 70, None), (NOW - 10, None))


def judged(*contacts: Contact, **facts) -> Diagnosis:
    return diagnose(Situation(username="1003", now=NOW, contacts=contacts, **facts))


def by_name(diagnosis: Diagnosis) -> dict[str, Evidence]:
    return {one.test: one for one in diagnosis.evidence}


def results(diagnosis: Diagnosis) -> dict[str, str]:
    return {one.test: one.result.value for one in diagnosis.evidence}


def test_the_reported_scenario_is_told_with_its_real_values_and_fixed_by_pings():
    """S-132, S-133, S-134, S-137, W-018: registers and calls out, no inbound; UDP behind NAT, no pings."""
    diagnosis = judged(BEHIND_NAT, options_now=("timeout", 3))
    assert diagnosis.verdict == (
        "The NAT binding has expired: contact 192.168.1.20:5060 received from 198.51.100.7:61344, "
        "last ping never, OPTIONS lost 3/3."
    )
    assert diagnosis.severity is Severity.ERROR
    assert diagnosis.fix is not None
    assert (diagnosis.fix.field, diagnosis.fix.value) == ("nat_ping", Ping.ENABLED)
    assert diagnosis.fix.label == "Set NAT/SIP Ping to Enabled"
    assert "61344" in diagnosis.fix.reason
    assert "register again" in diagnosis.next


def test_the_tests_are_told_in_the_order_an_engineer_makes_them():
    """S-132, W-100."""
    assert [one.test for one in judged(BEHIND_NAT).evidence] == [
        "registered",
        "user",
        "firewall",
        "transport",
        "private Contact",
        "source and Via",
        "private Via",
        "source and Contact",
        "source port and Via port",
        "source port and Contact port",
        "SIP ALG",
        "keep-alive",
        "pings",
        "OPTIONS now",
        "allow list",
        "contacts",
        "Retain DID",
    ]


CASES = [
    # contact, facts, the verdict begins with, severity, whether a fix is offered
    (BEHIND_NAT, {}, "The NAT binding has expired or soon will:", Severity.ERROR, True),
    (replace(BEHIND_NAT, registered_at=NOW - 60), {}, "The NAT binding will expire:", Severity.WARNING, True),
    (
        replace(BEHIND_NAT, registered_at=NOW - 30, expires_at=NOW + 30),
        {},
        "Only its own REGISTER, each 1 min,",
        "",
        True,
    ),
    (
        BEHIND_NAT,
        {"options_now": ("answered", 42_000)},
        "The way in is open now (OPTIONS answered in 42.0 ms)",
        "",
        True,
    ),
    (replace(PUBLIC, nat=True), {}, "The NAT binding has expired or soon will:", Severity.ERROR, True),
    (PUBLIC, {}, "No sign of a NAT, and nothing proves that the device answers:", "", False),
    (PUBLIC, {"options_now": ("timeout", 3)}, "A firewall or the device drops what we send:", Severity.ERROR, True),
    (PUBLIC, {"options_now": ("answered", 900)}, "The path is open: contact 198.51.100.7:5060", None, False),
    (replace(BEHIND_NAT, pings=ANSWERED), {"nat_ping": Ping.ENABLED}, "The path is open:", None, False),
    (replace(BEHIND_NAT, last_ping_at=NOW - 20), {"nat_ping": Ping.TIMEOUT}, "The path is open:", None, False),
    (replace(BEHIND_NAT, pings=LOST), {"nat_ping": Ping.ENABLED}, "Pings do not come back:", Severity.ERROR, False),
    (BEHIND_NAT, {"nat_ping": Ping.ENABLED}, "Pings do not come back:", Severity.ERROR, False),
    (replace(BEHIND_NAT, registered_at=NOW - 5), {"nat_ping": Ping.ENABLED}, "Too early to say:", "", False),
    (
        replace(BEHIND_NAT, pings=LOST),
        {"nat_ping": Ping.ENABLED, "options_now": ("answered", 300)},
        "The device answers (OPTIONS answered in 0.3 ms), but the last 2 pings before got lost:",
        "",
        False,
    ),
    (replace(BEHIND_NAT, transport="tcp"), {}, "TCP keeps the way in open by itself,", "", False),
    (
        replace(BEHIND_NAT, transport="tls"),
        {"options_now": ("timeout", 3)},
        "The TLS connection of 1003 seems gone:",
        Severity.ERROR,
        False,
    ),
    (
        replace(BEHIND_NAT, contact="garbage", via="", received=""),
        {},
        "Whether 1003 is behind a NAT cannot be told: contact “garbage” received from an unknown address.",
        "",
        False,
    ),
    (BEHIND_NAT, {"enabled": False}, "1003 is disabled:", Severity.ERROR, False),
    (BEHIND_NAT, {"has_password": False}, "1003 has no password:", Severity.ERROR, False),
    (
        BEHIND_NAT,
        {"allow_list": "203.0.113.0/24"},
        "The IP Allow list of 1003 excludes 198.51.100.7,",
        Severity.ERROR,
        False,
    ),
]


@pytest.mark.parametrize(("contact", "facts", "verdict", "severity", "fixed"), CASES)
def test_the_first_cause_that_explains_it_is_the_verdict(contact, facts, verdict, severity, fixed):
    """S-100, S-101, S-102, S-132, S-135, S-136, S-137, W-018."""
    diagnosis = judged(contact, **facts)
    assert diagnosis.verdict.startswith(verdict)
    assert diagnosis.severity == (Severity.WARNING if severity == "" else severity)
    assert (diagnosis.fix is not None) is fixed
    assert diagnosis.next


@pytest.mark.parametrize(
    ("contacts", "facts", "words", "severity"),
    [
        ((), {}, "is not registered now, so calls have nowhere to go: no registration is known.", Severity.ERROR),
        ((replace(BEHIND_NAT, expires_at=NOW - 300),), {}, "the last one expired 5 min ago.", Severity.ERROR),
        ((replace(BEHIND_NAT, expires_at=NOW),), {}, "the last one expired now.", Severity.ERROR),
        ((), {"no_edge": True}, "No edge is attached, so nobody knows whether 1003 is registered.", Severity.WARNING),
        ((), {"edge_silent": True}, "but the edge is silent and these facts are old.", Severity.ERROR),
    ],
)
def test_a_user_that_is_not_registered_is_said_to_be_so_first(contacts, facts, words, severity):
    """S-132."""
    diagnosis = judged(*contacts, **facts)
    assert words in diagnosis.verdict
    assert (diagnosis.severity, diagnosis.fix) == (severity, None)
    assert diagnosis.next


def test_a_contact_that_never_expires_is_registered():
    assert results(judged(replace(PUBLIC, expires_at=None)))["registered"] == "ok"


def test_an_allow_list_is_named_as_a_cause_of_not_being_registered():
    """W-015."""
    assert "IP Allow list" in judged(allow_list="203.0.113.0/24").next
    assert "IP Allow list" not in judged().next


def test_what_a_silent_edge_said_is_called_old_even_where_all_looked_well():
    diagnosis = judged(replace(PUBLIC, pings=ANSWERED), nat_ping=Ping.ENABLED, edge_silent=True)
    assert diagnosis.verdict.startswith("The path is open:")
    assert diagnosis.verdict.endswith("; but the edge is silent and these facts are old.")
    assert diagnosis.severity is Severity.WARNING
    assert results(diagnosis)["edge"] == "unknown"


FAR_END = [
    # what differs from a public device without NAT, and the tests that then come out bad
    ({}, set()),
    ({"contact": "sip:1@10.1.2.3:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@172.31.0.1:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@172.32.0.1:5060"}, {"source and Contact"}),
    ({"contact": "sip:1@100.64.0.1:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@100.128.0.1:5060"}, {"source and Contact"}),
    ({"contact": "sip:1@[fd00::1]:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@[fe80::1%25eth0]:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@[2001:4860::1]:5060"}, {"source and Contact"}),
    ({"contact": "sip:1@169.254.9.9:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@127.0.0.1:5060"}, {"private Contact", "source and Contact"}),
    ({"contact": "sip:1@198.51.100.7"}, set()),
    ({"contact": "sip:1@198.51.100.7:5070"}, {"source port and Contact port"}),
    ({"contact": "sip:1@[::ffff:198.51.100.7]:5060"}, set()),
    ({"contact": "sip:1@phone.example.com:5060"}, set()),
    ({"via": "10.1.2.3"}, {"source and Via", "private Via"}),
    ({"via": "100.64.9.9"}, {"source and Via", "private Via"}),
    ({"via": "8.8.8.8"}, {"source and Via"}),
    ({"via_port": 5062}, {"source port and Via port"}),
    ({"via_port": 0}, set()),
    ({"received_port": 61344}, {"source port and Via port", "source port and Contact port"}),
    ({"received": "203.0.113.9"}, {"source and Via", "source and Contact"}),
    ({"sdp": "192.168.1.20"}, {"private SDP"}),
    ({"sdp": "198.51.100.7"}, set()),
]


@pytest.mark.parametrize(("differs", "signs"), FAR_END)
def test_each_sign_of_a_nat_is_found_by_its_own_test(differs, signs):
    """W-100: RFC 1918 and RFC 6598 in Contact, Via and SDP, source against Via and Contact, addresses and ports."""
    diagnosis = judged(replace(PUBLIC, **differs))
    found = {one.test for one in diagnosis.evidence if one.result is Result.BAD and one.code == "W-100"}
    assert found == signs
    assert ("keep-alive", "bad" if signs else "note") in results(diagnosis).items()


def test_a_device_in_our_own_private_network_is_not_behind_a_nat():
    """W-100."""
    at_home = replace(PUBLIC, contact="sip:1@10.0.0.5:5060", via="10.0.0.5", received="10.0.0.5")
    diagnosis = judged(at_home)
    assert "bad" not in results(diagnosis).values()
    assert "no NAT in between" in by_name(diagnosis)["private Contact"].text


def test_loopback_is_a_way_only_between_programs_of_one_host():
    """W-100."""
    local = replace(PUBLIC, contact="sip:1@127.0.0.1:5060", via="127.0.0.1", received="127.0.0.2")
    assert results(judged(local))["private Contact"] == "ok"
    assert results(judged(replace(local, received="198.51.100.7")))["private Contact"] == "bad"


def test_what_is_not_known_is_unknown_and_no_sign_of_a_nat():
    """W-100."""
    blank = replace(PUBLIC, contact="*", received="", received_port=0, via="", via_port=0)
    found = results(judged(blank))
    assert {found[test] for test in found if found[test] != "ok"} == {"unknown", "note"}
    assert [test for test in found if found[test] == "unknown"] == [
        "firewall",
        "private Contact",
        "source and Via",
        "private Via",
        "source and Contact",
        "source port and Via port",
        "source port and Contact port",
        "SIP ALG",
        "pings",
        "OPTIONS now",
    ]


@pytest.mark.parametrize("transport", ["tcp", "tls", "ws", "wss"])
def test_a_connection_bridges_the_nat_and_its_source_port_means_nothing(transport):
    """S-135."""
    diagnosis = judged(replace(BEHIND_NAT, transport=transport))
    found = results(diagnosis)
    assert "bad" not in found.values()
    assert found["private Contact"] == "note"
    assert found["source port and Contact port"] == "ok"
    assert (found["transport"], by_name(diagnosis)["transport"].code) == ("ok", "S-135")


def test_a_web_client_that_names_an_invalid_host_is_as_its_rfc_wants_it():
    contact = replace(BEHIND_NAT, contact="sip:x@df7jal23ls0d.invalid;transport=ws", via="df7jal23ls0d.invalid")
    assert "RFC 7118" in by_name(judged(replace(contact, transport="")))["private Contact"].text


def test_the_transport_is_taken_from_the_contact_where_the_edge_names_none():
    assert (
        results(judged(replace(BEHIND_NAT, transport="", contact="sip:1@10.0.0.1;transport=TCP")))["transport"] == "ok"
    )
    assert results(judged(replace(BEHIND_NAT, transport="", contact="sip:1@10.0.0.1")))["transport"] == "note"
    assert results(judged(replace(BEHIND_NAT, transport="", contact="?")))["transport"] == "unknown"


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"contact": "sip:1@198.51.100.7:61344"}, "the Via still 192.168.1.20: a SIP ALG"),
        ({"contact": "sip:1@198.51.100.7:5060", "via": "198.51.100.7"}, "port 5060 instead of 61344: a SIP ALG"),
    ],
)
def test_a_contact_that_was_rewritten_on_its_way_is_a_sign_of_a_sip_alg(differs, words):
    """S-132."""
    contact = replace(BEHIND_NAT, pings=LOST, **differs)
    diagnosis = judged(contact, nat_ping=Ping.ENABLED)
    assert results(diagnosis)["SIP ALG"] == "note"
    assert words in by_name(diagnosis)["SIP ALG"].text
    assert diagnosis.next.startswith("Try in this order: switch SIP ALG off")
    assert "SIP ALG" not in judged(replace(BEHIND_NAT, pings=LOST), nat_ping=Ping.ENABLED).next


def test_signs_of_a_nat_are_no_fault_while_the_path_is_open():
    """W-100."""
    found = results(judged(replace(BEHIND_NAT, pings=ANSWERED), nat_ping=Ping.ENABLED))
    assert "bad" not in found.values()
    assert found["private Contact"] == "note"


def test_the_pings_are_counted_and_their_round_trips_told_in_milliseconds():
    """W-019, W-020."""
    pings = ((NOW - 200, None), *ANSWERED)
    told = by_name(judged(replace(BEHIND_NAT, pings=pings), nat_ping=Ping.ENABLED))["pings"]
    assert told.text == "lost 1 of 4; round trip min/median/max 40.0/42.0/45.0 ms, jitter 3.5 ms"
    assert told.result is Result.NOTE
    assert results(judged(replace(BEHIND_NAT, pings=ANSWERED)))["pings"] == "ok"
    assert results(judged(replace(BEHIND_NAT, pings=LOST)))["pings"] == "bad"


def test_impossible_pings_are_not_counted():
    """W-020."""
    trips = round_trips(((float("nan"), 5), (float("inf"), None), (NOW, -1), (NOW, 10**18), (NOW, 7)))
    assert (trips.sent, trips.lost, trips.shortest, trips.longest) == (1, 0, 7, 7)


KEEP_ALIVES = [
    # contact, ping setting, result and code of the keep-alive test
    (replace(BEHIND_NAT, registered_at=NOW - 5), Ping.ENABLED, "note", "S-101"),
    (BEHIND_NAT, Ping.ENABLED, "bad", "S-101"),
    (BEHIND_NAT, Ping.TIMEOUT, "bad", "S-102"),
    (replace(BEHIND_NAT, last_ping_at=NOW - 149), Ping.ENABLED, "ok", "S-101"),
    (replace(BEHIND_NAT, last_ping_at=NOW - 151), Ping.ENABLED, "bad", "S-101"),
    (replace(BEHIND_NAT, registered_at=NOW - 5, pings=LOST[1:]), Ping.ENABLED, "bad", "S-101"),
    (replace(BEHIND_NAT, registered_at=NOW - 30, expires_at=NOW + 30), Ping.DISABLED, "note", "S-137"),
    (BEHIND_NAT, Ping.DISABLED, "bad", "S-137"),
    (PUBLIC, Ping.DISABLED, "note", "S-137"),
    (replace(BEHIND_NAT, transport="tcp"), Ping.DISABLED, "ok", "S-135"),
]


@pytest.mark.parametrize(("contact", "setting", "result", "code"), KEEP_ALIVES)
def test_the_age_of_the_last_ping_is_held_against_the_setting(contact, setting, result, code):
    """S-100, S-101, S-102, S-135, S-137."""
    told = by_name(judged(contact, nat_ping=setting))["keep-alive"]
    assert (told.result.value, told.code) == (result, code)


def test_pings_that_were_lost_long_ago_close_nothing_once_they_are_switched_off():
    """S-100."""
    lost_before = replace(PUBLIC, pings=((NOW - 9000, None), (NOW - 8940, None)))
    assert judged(lost_before).verdict.startswith("No sign of a NAT,")
    assert judged(replace(PUBLIC, pings=LOST)).verdict.startswith("A firewall or the device drops what we send:")


def test_the_edges_own_mark_is_told_where_no_test_of_ours_shows_a_nat():
    """W-100."""
    assert results(judged(replace(PUBLIC, nat=True)))["edge's NAT mark"] == "note"
    assert "edge's NAT mark" not in results(judged(replace(BEHIND_NAT, nat=True)))
    assert "edge's NAT mark" not in results(judged(PUBLIC))


def test_long_enumerations_are_counted():
    """C-13."""
    sources = [replace(PUBLIC, received=f"203.0.113.{last}", registered_at=NOW - last) for last in range(1, 6)]
    told = by_name(judged(*sources, allow_list="198.51.100.7"))
    assert told["allow list"].text.startswith("excludes 203.0.113.1, 203.0.113.2, 203.0.113.3 and 2 more:")
    assert told["contacts"].text.endswith("; 2 more")
    told = by_name(judged(*sources[:3], allow_list="198.51.100.7"))
    assert "more" not in told["allow list"].text + told["contacts"].text


def test_without_an_edge_it_is_unknown_whether_a_user_is_registered():
    assert results(judged(no_edge=True)) == {"edge": "unknown", "registered": "unknown", "user": "ok"}
    assert results(judged()) == {"registered": "bad", "user": "ok", "firewall": "unknown"}


def test_what_is_missing_for_a_comparison_is_named():
    """W-100."""
    assert by_name(judged(replace(PUBLIC, via="")))["source and Via"].text == "the Via of the REGISTER is not known"
    assert (
        by_name(judged(replace(PUBLIC, received="")))["source and Via"].text
        == "the source of the REGISTER is not known"
    )


def test_what_is_not_recorded_of_a_registration_is_called_unknown():
    told = by_name(judged(replace(BEHIND_NAT, registered_at=0.0, user_agent=""), PUBLIC))
    assert "registered 15 min ago" in told["registered"].text
    assert "by an unnamed device" in told["contacts"].text
    assert "Yealink SIP-T46S" in told["contacts"].text
    assert "registered at an unknown time" in by_name(judged(replace(PUBLIC, registered_at=0.0)))["registered"].text


def test_a_contact_or_a_source_alone_does_not_tell_whether_there_is_a_nat():
    """W-100."""
    for differs in ({"contact": "?"}, {"received": "", "received_port": 0}):
        assert judged(replace(PUBLIC, **differs)).verdict.startswith("Whether 1003 is behind a NAT cannot be told:")


def test_another_source_port_of_a_connection_is_no_sign_of_a_sip_alg():
    """S-135."""
    assert results(judged(replace(PUBLIC, received_port=61344, transport="tcp")))["SIP ALG"] == "ok"
    assert results(judged(replace(PUBLIC, received_port=61344)))["SIP ALG"] == "note"


def test_a_single_lost_ping_closes_nothing():
    """S-102."""
    contact = replace(BEHIND_NAT, pings=((NOW - 70, 40_000), (NOW - 10, None)))
    diagnosis = judged(contact, nat_ping=Ping.TIMEOUT)
    assert results(diagnosis)["keep-alive"] == "ok"
    assert diagnosis.severity is Severity.WARNING
    assert "the last ping before got lost" in diagnosis.verdict


def test_a_last_ping_among_the_lost_ones_is_no_answer():
    """S-101."""
    silent = replace(BEHIND_NAT, pings=((NOW - 70, None), (NOW - 10, None)), last_ping_at=NOW - 10)
    assert "last ping never" in judged(silent, nat_ping=Ping.ENABLED).verdict


def test_old_pings_prove_nothing_after_they_were_switched_off():
    """S-100, S-137."""
    aged = tuple((at - 3600, took) for at, took in ANSWERED)
    diagnosis = judged(replace(BEHIND_NAT, pings=aged))
    assert diagnosis.verdict.startswith("The NAT binding has expired or soon will:")
    assert "last ping 1 h ago" in diagnosis.verdict


def test_unanswered_pings_with_timeout_end_the_registration():
    """S-102, W-018."""
    assert (
        "its registration will be terminated" in judged(replace(BEHIND_NAT, pings=LOST), nat_ping=Ping.TIMEOUT).verdict
    )
    assert "terminated" not in judged(replace(BEHIND_NAT, pings=LOST), nat_ping=Ping.ENABLED).verdict


def test_an_older_contact_of_the_same_device_is_left_over():
    """S-132: a device that came back from another port leaves its old contact until it expires."""
    older = replace(BEHIND_NAT, received_port=40001, registered_at=NOW - 2000, user_agent="Yealink SIP-T46S 66.83.0.1")
    newest = replace(BEHIND_NAT, pings=ANSWERED)
    diagnosis = judged(older, newest, nat_ping=Ping.ENABLED)
    assert diagnosis.severity is Severity.WARNING
    assert "one that is left over" in diagnosis.verdict
    told = by_name(diagnosis)["contacts"]
    assert told.result is Result.BAD
    assert "198.51.100.7:40001" in told.text
    assert "198.51.100.7:61344" in by_name(diagnosis)["registered"].text


def test_two_devices_of_one_user_ring_both():
    other = replace(PUBLIC, received="203.0.113.9", registered_at=NOW - 2000, user_agent="Zoiper")
    assert results(judged(BEHIND_NAT, other))["contacts"] == "note"
    assert results(judged(BEHIND_NAT, replace(other, pings=LOST)))["contacts"] == "bad"
    assert results(judged(BEHIND_NAT, replace(other, expires_at=NOW - 1)))["contacts"] == "ok"


def test_retain_did_is_a_note_and_a_question_where_the_path_is_open():
    """S-103."""
    diagnosis = judged(PUBLIC, options_now=("answered", 900), retain_did=True)
    assert results(diagnosis)["Retain DID"] == "note"
    assert diagnosis.severity is None
    assert "Retain DID is on" in diagnosis.next
    assert "Retain DID" not in judged(PUBLIC, options_now=("answered", 900)).next


ALLOWED = [
    # allow list, received, result of the evidence, whether the form warns
    ("", "198.51.100.7", "ok", False),
    ("198.51.100.0/24", "198.51.100.7", "ok", False),
    ("203.0.113.9\n198.51.100.7", "198.51.100.7", "ok", False),
    ("203.0.113.9", "198.51.100.7", "bad", True),
    ("203.0.113.9", "::ffff:198.51.100.7", "bad", True),
    ("198.51.100.7", "::ffff:198.51.100.7", "ok", False),
    ("2001:db8::/32", "[2001:db8::5]", "ok", False),
    ("2001:db8::/32", "2001:db9::5", "bad", True),
    ("203.0.113.9", "", "unknown", False),
    ("203.0.113.9", "garbage", "unknown", False),
    ("203.0.113.9 1.2.3.300", "198.51.100.7", "unknown", False),
]


@pytest.mark.parametrize(("allow_list", "received", "result", "warned"), ALLOWED)
def test_an_allow_list_that_excludes_the_registered_address_is_warned_of(allow_list, received, result, warned):
    """C-13, W-015."""
    assert results(judged(replace(PUBLIC, received=received), allow_list=allow_list))["allow list"] == result
    findings = registration_conflict(allow_list, received)
    assert [(one.field, one.severity, one.code) for one in findings] == (
        [("allow_list", Severity.WARNING, "C-13")] if warned else []
    )


def claim(number: int | None, address: str, direction: str = "egress", enabled: bool = True) -> Claim:
    network = parse_network(address)
    return Claim(number, 1, "Acme", address, network.first, network.last, direction, 5060, False, enabled)


def test_an_ip_entry_that_holds_a_registered_address_is_refused():
    """C-13, S-084: the entry wins and the user is never challenged."""
    entries = [claim(4, "198.51.100.0/24"), claim(5, "198.51.100.8"), claim(None, "198.51.100.7")]
    findings = covered_by_ip_entry("198.51.100.7", entries)
    assert [(one.field, one.severity, one.code) for one in findings] == [("address", Severity.ERROR, "C-13")] * 2
    assert findings[0].text.startswith("198.51.100.0/24 of Acme (entry 4) holds 198.51.100.7,")
    assert "never challenged" in findings[0].text
    assert "(this entry)" in findings[1].text


def test_entries_that_receive_or_are_disabled_take_no_calls_from_a_user():
    """C-13."""
    entries = [claim(4, "198.51.100.7", "ingress"), claim(5, "198.51.100.7", enabled=False)]
    assert covered_by_ip_entry("198.51.100.7", entries) == []
    assert covered_by_ip_entry("garbage", [claim(4, "198.51.100.7")]) == []


def test_many_covering_entries_are_counted():
    findings = covered_by_ip_entry(
        "198.51.100.7", [claim(number, "198.51.100.0/24") for number in range(MOST_SHOWN + 3)]
    )
    assert len(findings) == MOST_SHOWN + 1
    assert findings[-1].text == "and 3 more like these"


URIS = [
    ("sip:1003@192.168.1.20:5062;transport=udp", "", "192.168.1.20:5062", "udp"),
    ("sip:192.168.1.20", "", "192.168.1.20:5060", ""),
    ("sips:a@192.0.2.1", "", "192.0.2.1:5061", "tls"),
    ("SIP:a@192.0.2.1", "tls", "192.0.2.1:5061", ""),
    ("<sip:a@192.0.2.1:5070>;expires=60", "", "192.0.2.1:5070", ""),
    ('"Ann <x> \\" sip:b@10.0.0.1" <sip:a@192.0.2.1;transport=TLS>;q=1', "", "192.0.2.1:5061", "tls"),
    ("Ann <sip:a@[2001:DB8:0::1]:5070;ob>", "", "[2001:db8::1]:5070", ""),
    ("sip:a;x=1:pw@192.0.2.1;transport=evil", "", "192.0.2.1:5060", ""),
    ("sip:a@Phone.Example.com", "", "phone.example.com:5060", ""),
    ("sip:a@localhost:6000?h=1", "", "localhost:6000", ""),
]


@pytest.mark.parametrize(("text", "transport", "shown", "named"), URIS)
def test_a_contact_uri_is_read_in_all_its_forms(text, transport, shown, named):
    found = parse_uri(text, transport)
    assert found is not None
    assert (str(found), found.transport) == (shown, named)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "garbage",
        "tel:+441782",
        "sip:",
        "sip:@",
        "sip:a@",
        "sip:a@1.2.3.300",
        "sip:a@1.2.3.4:0",
        "sip:a@1.2.3.4:65536",
        "sip:a@1.2.3.4:٣",
        "sip:a@[::1",
        "sip:a@::1",
        "sip:a@[phone]",
        "sip:a@b@192.0.2.1",
        "sip:a@192.0.2.1, sip:b@192.0.2.2",
        "<sip:a@192.0.2.1" + ";x" * 600 + ">",
        "sip:a@\x1b[31m",
    ],
)
def test_a_contact_that_is_none_is_unknown(text):
    assert parse_uri(text) is None
    told = by_name(judged(replace(PUBLIC, contact=text)))
    assert told["private Contact"].result is Result.UNKNOWN


def test_what_a_device_sends_cannot_steer_the_terminal_or_fill_the_screen():
    evil = replace(BEHIND_NAT, contact="\x1b]0;x\x07" * 200, user_agent="\x1b[2J" * 200, sdp="\u202e" * 500)
    diagnosis = judged(evil, replace(evil, received="203.0.113.9", registered_at=1.0))
    for text in (diagnosis.verdict, *(one.text for one in diagnosis.evidence)):
        assert clean(text) == text
        assert len(text) < 600


def test_a_flood_of_contacts_is_judged_by_the_newest():
    many = [replace(BEHIND_NAT, received_port=port, registered_at=NOW - port) for port in range(1, 2001)]
    told = by_name(judged(*many))
    assert "198.51.100.7:1," in told["registered"].text
    assert told["contacts"].text.startswith(f"{MOST_CONTACTS - 1} of {MOST_CONTACTS} seem left over")


def test_a_stored_registration_is_read():
    """W-020, W-023."""
    stored = Registration(
        username="1003",
        contact="sip:1003@192.168.1.20:5060",
        received="sip:198.51.100.7:61344;transport=udp",
        via="SIP/2.0/UDP 192.168.1.20",
        transport="udp",
        registered_at=NOW,
        expires_at=NOW + 60,
        pings="1700000000.5:420 1700000060:- x:y 5:5:5 7:",
    )
    contact = contact_of(stored)
    assert (contact.received, contact.received_port) == ("198.51.100.7", 61344)
    assert (contact.via, contact.via_port) == ("192.168.1.20", 0)
    assert contact.pings == ((1_700_000_000.5, 420), (1_700_000_060.0, None))
    bare = contact_of(replace(stored, received="2001:db8::7", via="[2001:db8::8]:5070"))
    assert (bare.received, bare.received_port) == ("2001:db8::7", 0)
    assert (bare.via, bare.via_port) == ("[2001:db8::8]", 5070)
    assert contact_of(replace(stored, received="", via="")).received == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [("10.0.0.1", "RFC 1918"), ("100.64.0.1", "RFC 6598"), ("fd00::1", "RFC 4193"), ("fe80::1", "link-local")],
)
def test_what_the_internet_does_not_carry_is_called_by_its_rfc(address, words):
    """W-100."""
    assert words in unrouted(ip_address(address))
    assert unrouted(ip_address("8.8.8.8")) == ""


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "198.51.100.7", "10.0.0.1", "::1", "[fe80::1%x]", "::ffff:10.0.0.1", "1.2.3.4.5", "a.b"]),
    st.builds("sip:{}@{}:{};transport={}".format, *[st.text(max_size=12)] * 4),
    st.sampled_from(["sip:a@10.0.0.1:5060", "<sip:a@[::]:1>", '"x" <sips:198.51.100.7>', "sip:h.example;transport=ws"]),
)
TIMES = st.one_of(st.floats(), st.floats(NOW - 4000, NOW + 4000))
PORTS = st.one_of(st.integers(), st.sampled_from([0, 5060, 61344]))
CONTACTS = st.builds(
    Contact,
    contact=HOSTILE,
    received=HOSTILE,
    received_port=PORTS,
    transport=st.sampled_from(["udp", "tcp", "tls", "ws", "", "UDP", "sctp", "\x00"]),
    via=HOSTILE,
    via_port=PORTS,
    user_agent=st.text(max_size=20),
    registered_at=TIMES,
    expires_at=st.none() | TIMES,
    nat=st.booleans(),
    last_ping_at=st.none() | TIMES,
    pings=st.lists(st.tuples(TIMES, st.none() | st.integers() | st.integers(0, 10**6)), max_size=4).map(tuple),
    sdp=HOSTILE,
)
SITUATIONS = st.builds(
    Situation,
    username=st.text(max_size=20),
    now=st.just(NOW) | st.floats(),
    enabled=st.sampled_from([True, True, True, False]),
    has_password=st.sampled_from([True, True, True, False]),
    nat_ping=st.sampled_from(Ping),
    allow_list=st.sampled_from(["", "", "198.51.100.0/24", "x", "10.0.0.0/8 ::1"]) | st.text(max_size=20),
    retain_did=st.booleans(),
    contacts=st.lists(CONTACTS, max_size=3).map(tuple),
    ping_interval=st.integers(-5, 10**6),
    options_now=st.none()
    | st.tuples(st.just("answered"), st.integers())
    | st.tuples(st.just("timeout"), st.integers()),
    no_edge=st.booleans(),
    edge_silent=st.booleans(),
)


@given(SITUATIONS)
def test_whatever_comes_from_the_network_there_is_one_printable_verdict(situation):
    """S-132: never raises, never empty; a fix only while pings are Disabled."""
    diagnosis = diagnose(situation)
    assert diagnosis.verdict.strip()
    assert diagnosis.next
    assert diagnosis.evidence
    assert len({one.test for one in diagnosis.evidence}) == len(diagnosis.evidence)
    for text in (diagnosis.verdict, diagnosis.next, *(one.text for one in diagnosis.evidence)):
        assert text
        assert clean(text) == text
        assert len(text) < 1200
    if diagnosis.fix:
        assert situation.nat_ping == Ping.DISABLED
        assert diagnosis.fix.value == Ping.ENABLED
    if diagnosis.severity is None:
        assert all(one.result is not Result.BAD for one in diagnosis.evidence if one.test in {"registered", "user"})


@given(st.text(max_size=80), HOSTILE)
def test_the_forms_findings_never_raise(allow_list, received):
    assert len(registration_conflict(allow_list, received)) <= 1
    assert len(covered_by_ip_entry(received, [claim(1, "0.0.0.0/1"), claim(2, "128.0.0.0/1")])) <= 1
