"""A contact whose pings begin with its next REGISTER."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.models.findings import Severity
from cxtui.models.sip_user import Ping
from cxtui.rules.nat import Contact, Situation, diagnose
from cxtui.rules.nat_due import diagnose_due
from tests.rules.test_nat import BEHIND_NAT, NOW, PUBLIC


def due(*contacts: Contact, **facts) -> Situation:
    return Situation(username="1003", now=NOW, contacts=contacts, nat_ping=Ping.ENABLED, **facts)


def test_pings_that_are_yet_to_begin_are_not_said_to_be_lost():
    """S-137, W-018: judged by the setting alone, the device would be blamed."""
    situation = due(BEHIND_NAT)
    assert diagnose(situation).verdict.startswith("Pings do not come back:")
    found = diagnose_due(situation)
    assert found.verdict == (
        "Contact 192.168.1.20:5060 received from 198.51.100.7:61344: the switch pings 1003 from its next REGISTER on, "
        "in 45 min at the latest. Until then nothing keeps the way in open."
    )
    assert (found.severity, found.fix) == (Severity.WARNING, None)
    assert [one.test for one in found.evidence] == [one.test for one in diagnose(situation).evidence]


@pytest.mark.parametrize(
    ("contact", "facts", "words", "severity"),
    [
        (BEHIND_NAT, {"options_now": ("timeout", 2)}, "the way in is closed (OPTIONS lost 2/2).", Severity.ERROR),
        (BEHIND_NAT, {"options_now": ("answered", 42_000)}, "(OPTIONS answered in 42.0 ms), but", Severity.WARNING),
        (BEHIND_NAT, {"edge_silent": True}, "but the edge is silent and these facts are old.", Severity.WARNING),
        (replace(BEHIND_NAT, expires_at=None), {}, "from its next REGISTER on. Until then", Severity.WARNING),
        (replace(BEHIND_NAT, expires_at=NOW + 0.5), {}, "in 1 s at the latest", Severity.WARNING),
        (PUBLIC, {"options_now": ("answered", 900)}, "The path is open: contact 198.51.100.7:5060", None),
        (BEHIND_NAT, {"enabled": False}, "1003 is disabled:", Severity.ERROR),
    ],
)
def test_what_else_is_known_stands_beside_it(contact, facts, words, severity):
    """S-132."""
    found = diagnose_due(due(contact, **facts))
    assert words in found.verdict
    assert (found.severity, found.fix) == (severity, None)


def test_without_pings_or_a_contact_there_is_nothing_to_wait_for():
    for situation in (due(), replace(due(BEHIND_NAT), nat_ping=Ping.DISABLED)):
        assert diagnose_due(situation) == diagnose(situation)
