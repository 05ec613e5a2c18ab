"""Why a SIP user can register and call out but gets no inbound calls (S-132…S-137, W-100)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cxtui.rules.nat_claims import covered_by_ip_entry, registration_conflict
from cxtui.rules.nat_facts import (
    Blocked,
    Contact,
    Diagnosis,
    Evidence,
    Fix,
    Result,
    Situation,
    came_out_bad,
    note,
)
from cxtui.rules.nat_far_end import far_end_tests
from cxtui.rules.nat_firewall import firewall_tests
from cxtui.rules.nat_paths import contact_of, live, read_path
from cxtui.rules.nat_pings import Proof, keep_alive_test, options_test, ping_test, proof
from cxtui.rules.nat_registration import (
    allow_list_test,
    contacts_test,
    edge_tests,
    left_over,
    registered_test,
    retain_did_test,
    transport_test,
    user_tests,
)
from cxtui.rules.nat_verdict import Findings, conclude

__all__ = [
    "MOST_CONTACTS",
    "Blocked",
    "Contact",
    "Diagnosis",
    "Evidence",
    "Fix",
    "Result",
    "Situation",
    "contact_of",
    "covered_by_ip_entry",
    "diagnose",
    "registration_conflict",
]


MOST_CONTACTS = 32
"""Contacts that are looked at, the newest ones."""


def diagnose(situation: Situation) -> Diagnosis:
    """Judge the newest live contact of ``situation``; never raises, whatever came from the network.

    The evidence is in the order of the tests. A sign of a NAT counts as a note where the way in is open all the same,
    and where the device's own connection bridges the NAT.
    """
    evidence = [*edge_tests(situation), registered_test(situation), *user_tests(situation), *firewall_tests(situation)]
    current = live(situation.contacts, situation.now)[:MOST_CONTACTS]
    if not current:
        return conclude(Findings(situation, tuple(evidence)))
    path = read_path(current[0])
    signs = far_end_tests(path)
    behind_nat = came_out_bad(signs) or path.contact.nat
    way = proof(situation, path.contact)
    allowed = allow_list_test(situation, current)
    if path.contact.nat and not came_out_bad(signs):
        signs.append(note("edge's NAT mark", "the edge marked the contact as behind a NAT", "W-100"))
    evidence += [
        transport_test(path),
        *(_softened(signs) if path.stream or way is Proof.OPEN else signs),
        keep_alive_test(situation, path, behind_nat),
        ping_test(path.contact),
        options_test(situation),
        allowed,
        contacts_test(situation, current),
        retain_did_test(situation),
    ]
    return conclude(Findings(situation, tuple(evidence), path, behind_nat, way, tuple(left_over(current))))


def _softened(signs: Iterable[Evidence]) -> list[Evidence]:
    return [replace(sign, result=Result.NOTE) if sign.result is Result.BAD else sign for sign in signs]
