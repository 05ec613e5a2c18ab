"""What is made of the switch's pings, round by round: when one is missed, and when one is only late."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.edge.pings import Pings
from cxtui.models.registration import Registration

AT, EVERY = 1_700_000_000, 60.0
PINGED = 1 << 6
ROW = Registration(ruid="r1", username="1001", registered_at=AT)
"""A device that has just registered."""


def contact(*, flags: int = PINGED, at: int = 0, registered: int = AT, trip: int = 0) -> dict[str, Any]:
    """A contact as the switch tells it."""
    return {"CFlags": flags, "Last-Keepalive": at or registered, "Last-Modified": registered, "KA-Roundtrip": trip}


@pytest.fixture
def pings() -> Pings:
    """The pings of a switch that sends them every minute."""
    return Pings(EVERY)


def test_a_device_that_has_just_registered_has_missed_nothing_yet(pings: Pings) -> None:
    """S-101, S-102: its first ping may be a whole round away."""
    for seconds in (1, 60, 89):
        assert pings.judge(ROW, contact(), AT + seconds).missed == 0


def test_each_round_without_an_answer_counts_one(pings: Pings) -> None:
    """S-102, W-018."""
    row = pings.judge(ROW, contact(), AT + 1)
    for missed, seconds in enumerate((121, 181, 241), 1):
        row = pings.judge(row, contact(), AT + seconds)
        assert (row.missed, row.round_trip) == (missed, None)
    assert [one.partition(":")[2] for one in row.pings.split()] == ["-", "-", "-"]


def test_an_answer_begins_the_count_anew(pings: Pings) -> None:
    """S-101, S-102, W-020."""
    row = pings.judge(ROW, contact(), AT + 1)
    row = pings.judge(row, contact(), AT + 121)
    row = pings.judge(row, contact(at=AT + 180, trip=12_000), AT + 181)
    assert (row.missed, row.round_trip, row.last_ping_at) == (0, 12_000, AT + 180)
    assert row.pings == f"{AT + 121}:- {AT + 180}:12000"


def test_an_answer_counts_as_late_after_one_and_a_half_rounds(pings: Pings) -> None:
    """S-102: the rounds of the switch and of the agent are not in step."""
    answered = contact(at=AT + 60, trip=12_000)
    row = pings.judge(ROW, answered, AT + 61)
    assert pings.judge(row, answered, AT + 60 + 90).missed == 0
    assert pings.judge(row, answered, AT + 60 + 91).missed == 1


def test_a_register_is_no_answer_to_a_ping(pings: Pings) -> None:
    """S-102: it turns the switch's moment of the last answer to its own."""
    row = pings.judge(ROW, contact(at=AT + 60, trip=12_000), AT + 61)
    row = pings.judge(row, contact(registered=AT + 170, trip=12_000), AT + 181)
    assert (row.missed, row.last_ping_at) == (1, AT + 60)


def test_a_contact_that_is_not_pinged_any_more_has_missed_nothing(pings: Pings) -> None:
    """S-099."""
    row = pings.judge(ROW, contact(), AT + 1)
    row = pings.judge(row, contact(), AT + 121)
    assert pings.judge(row, contact(flags=0), AT + 181).missed == 0
