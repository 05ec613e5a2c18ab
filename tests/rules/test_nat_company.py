"""A SIP user whose company may not call: no password, network or firewall has a part in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.company import MAY_CALL, STATUSES
from cxtui.models.findings import Severity
from cxtui.models.sip_user import Ping
from cxtui.rules.nat import Contact, Diagnosis, Result, Situation, diagnose
from cxtui.rules.nat_due import diagnose_due
from tests.rules.test_nat import BEHIND_NAT, NOW, PUBLIC
from tests.rules.test_nat_firewall import BLOCK

PENALTY = "Beta Ltd is Penalty, so the edge refuses the registrations of 1003, and calls from and to it."


def situation(*contacts: Contact, **facts: Any) -> Situation:
    known: dict[str, Any] = {"username": "1003", "now": NOW, "company": "Beta Ltd", "company_status": "penalty"}
    return Situation(contacts=contacts, **(known | facts))


def company(found: Diagnosis) -> tuple[Result, str] | None:
    return next(((one.result, one.text) for one in found.evidence if one.test == "company"), None)


@pytest.mark.parametrize(
    ("contacts", "facts"),
    [
        ((), {}),
        ((), {"has_password": False}),
        ((), {"no_edge": True}),
        ((replace(BEHIND_NAT, expires_at=NOW - 300),), {}),
        ((BEHIND_NAT,), {"options_now": ("timeout", 3)}),
        ((PUBLIC,), {"options_now": ("answered", 42_000)}),
        ((BEHIND_NAT,), {"blocked": (BLOCK,)}),
        ((BEHIND_NAT,), {"allow_list": "203.0.113.0/24"}),
    ],
    ids=["offline", "no password", "no edge", "expired", "NAT closed", "open", "blocked", "not on its list"],
)
def test_it_is_the_verdict_whatever_else_is_wrong(contacts: tuple[Contact, ...], facts: dict[str, Any]) -> None:
    """W-105, S-132: mending any of that lets no call through, so nothing of it is offered."""
    found = diagnose(situation(*contacts, **facts))
    assert (found.verdict, found.severity, found.fix) == (PENALTY, Severity.ERROR, None)
    assert company(found) == (
        Result.BAD,
        "Beta Ltd is Penalty: registrations of its users are refused, and calls from and to them",
    )
    assert "Status to Active" in found.next


@pytest.mark.parametrize("status", [choice.value for choice in STATUSES])
def test_every_status_that_may_not_call_is_named_and_no_other_one(status: str) -> None:
    """W-105."""
    found = diagnose(situation(PUBLIC, options_now=("answered", 42_000), company_status=status))
    label = next(choice.label for choice in STATUSES if choice.value == status)
    assert (company(found) is None) is (status in MAY_CALL)
    assert (f"Beta Ltd is {label}" in found.verdict) is (status not in MAY_CALL)


def test_a_disabled_user_is_told_that_enabling_it_will_not_do() -> None:
    """W-105: both are needed; the user's own comes first, as its state has it."""
    found = diagnose(situation(enabled=False))
    assert found.verdict.startswith("1003 is disabled")
    assert found.next == "Enable the user. Beta Ltd is Penalty: that status must change too."
    assert company(found) is not None


def test_pings_that_are_yet_to_begin_do_not_hide_it() -> None:
    """W-018, W-105."""
    found = diagnose_due(situation(BEHIND_NAT, nat_ping=Ping.ENABLED))
    assert (found.verdict, found.fix) == (PENALTY, None)


def test_old_facts_are_called_old_and_a_hostile_name_is_made_printable() -> None:
    """W-105: a company is named by operators, and by whoever can write the file."""
    found = diagnose(situation(company="Beta\x1b[2J Ltd" + "x" * 500, company_status="\x07odd", edge_silent=True))
    assert found.verdict.endswith("; but the edge is silent and these facts are old.")
    assert all(text.isprintable() for text in (found.verdict, *(one.text for one in found.evidence)))
    assert len(found.verdict) < 400
