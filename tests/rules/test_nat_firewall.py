"""A device whose address the firewall blocks: the switch answers nothing from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cxtui.models.findings import Severity
from cxtui.models.sip_user import Ping
from cxtui.rules.nat import Blocked, Contact, Diagnosis, Situation, diagnose
from cxtui.rules.nat_due import diagnose_due
from cxtui.rules.nat_facts import UNBLOCK
from tests.rules.test_nat import BEHIND_NAT, NOW, PUBLIC

BLOCK = Blocked(address="198.51.100.7", since=NOW - 720, why="40 × wrong password 1003", held=("edge1",))
EXPIRED = replace(BEHIND_NAT, registered_at=NOW - 4000, expires_at=NOW - 60)


def judged(*contacts: Contact, **facts: Any) -> Diagnosis:
    return diagnose(Situation(username="1003", now=NOW, contacts=contacts, **facts))


def firewall(found: Diagnosis) -> tuple[str, str]:
    return next((one.result.value, one.text) for one in found.evidence if one.test == "firewall")


def test_a_device_whose_address_is_blocked_is_told_why_since_when_and_by_which_edge() -> None:
    """S-011, S-132: it still answers OPTIONS, since only what it sends of its own accord is dropped."""
    found = judged(BEHIND_NAT, blocked=(BLOCK,), options_now=("answered", 42_000))
    told = "was blocked 12 min ago (40 × wrong password 1003), held by edge1"
    assert firewall(found) == ("bad", f"198.51.100.7, where it is registered from, {told}")
    assert found.verdict == (
        "The switch answers nothing from 1003: 198.51.100.7, where it is registered from, is blocked "
        "(40 × wrong password 1003). Calls to it end with its registration, in 45 min at the latest."
    )
    assert found.severity is Severity.ERROR
    assert found.next.startswith("Correct what it was blocked for, or it is blocked again. Then let the device reg")
    assert found.fix is not None
    assert (found.fix.field, found.fix.value, found.fix.label) == (UNBLOCK, "198.51.100.7", "Unblock 198.51.100.7")


def test_a_user_that_is_offline_is_blocked_where_it_was_or_may_be() -> None:
    """S-011, S-132: its last address before one of its allow list."""
    other = replace(BLOCK, address="203.0.113.9", held=(), operator="alice", expires_at=NOW + 60)
    was = judged(EXPIRED, blocked=(other, BLOCK))
    assert was.verdict.startswith("1003 is not registered now: 198.51.100.7, where it was registered from, is bl")
    may = judged(blocked=(other,), allow_list="203.0.113.0/24")
    assert firewall(may)[1] == (
        "203.0.113.9, on its IP Allow list, was blocked 12 min ago (by hand, alice), for 1 min more, "
        "held by no edge yet"
    )
    assert may.fix is not None
    assert may.next.startswith("Ask alice what it was blocked for.")


def test_only_the_newest_contact_is_shut_out_and_an_unblocked_one_waits_for_the_edges() -> None:
    """S-013, S-014."""
    elsewhere = judged(PUBLIC, blocked=(replace(BLOCK, address="203.0.113.9"),), options_now=("answered", 1000))
    assert (elsewhere.severity, firewall(elsewhere)[0]) == (None, "note")
    lifting = judged(PUBLIC, blocked=(replace(BLOCK, lifting=True),))
    assert (lifting.severity, lifting.fix, firewall(lifting)[0]) == (Severity.WARNING, None, "note")
    assert firewall(lifting)[1].endswith("is being unblocked: edge1 still holds it")
    assert firewall(judged(PUBLIC)) == ("ok", "198.51.100.7 is not blocked")


def test_a_block_is_never_guessed_from_a_name_that_strangers_use() -> None:
    """S-011: nor is one told of without an edge that would enforce it."""
    found = judged(tried=("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"))
    assert firewall(found)[0] == "note"
    assert firewall(found)[1].startswith("203.0.113.1, 203.0.113.2, 203.0.113.3 and others used its name")
    assert found.fix is None
    alone = judged(blocked=(BLOCK,), no_edge=True)
    assert (alone.fix, [one.test for one in alone.evidence]) == (None, ["edge", "registered", "user"])


def test_a_block_comes_before_pings_that_are_yet_to_begin() -> None:
    """S-011, W-018."""
    situation = Situation(username="1003", now=NOW, contacts=(BEHIND_NAT,), blocked=(BLOCK,), nat_ping=Ping.ENABLED)
    found = diagnose_due(situation)
    assert found.fix is not None
    assert found.fix.field == UNBLOCK
    assert found.verdict.startswith("The switch answers nothing from 1003")
