"""The evidence that an agent gathers of a source, whatever that source wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.edge import evidence
from cxtui.edge.evidence import UNASKED, UNKNOWN, WRONG, Evidence, canonical
from cxtui.rules.printable import clean
from tests.support import NOON

SOURCE = "192.0.2.1"
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3)


def failed(code: int, user: Any = "1001", **more: Any) -> dict[str, Any]:
    """A failed attempt as the switch tells it."""
    return {"source": SOURCE, "rc": code, "user": user, "agent": "scanner", "method": "REGISTER", "count": 1, **more}


def gathered(*events: dict[str, Any], every: float = 1.0) -> Evidence:
    """Evidence of events that came so many seconds apart."""
    found = Evidence()
    for number, event in enumerate(events):
        found.note(event, NOON + number * every)
    return found


@pytest.mark.parametrize(
    ("events", "reason", "hits"),
    [
        ([failed(WRONG)] * 3, "wrong password 1001", 3),
        ([failed(WRONG), failed(WRONG, "1002")], "wrong passwords", 2),
        ([failed(UNKNOWN, name) for name in ("a", "b", "c")], "unknown user ×3", 3),
        ([failed(WRONG), failed(UNKNOWN, "a"), failed(UNKNOWN, "b")], "wrong password ×1, unknown user ×2", 3),
        ([failed(UNASKED, "<null>", method="INVITE", count=60)], "INVITE not authorised", 60),
        ([failed(UNASKED, "<null>", method="<null>", count=60)], "INVITE not authorised", 60),
    ],
)
def test_the_reason_says_what_was_tried(events: list[dict[str, Any]], reason: str, hits: int) -> None:
    """S-012, W-030, W-032."""
    seen = gathered(*events).sighting(SOURCE, NOON + 3600)
    assert seen
    assert (seen.reason, seen.hits, seen.source) == (reason, hits, "table")
    assert (seen.address, seen.at, seen.expires_at) == (SOURCE, NOON + len(events) - 1, NOON + 3600)


def test_the_names_are_those_that_were_tried_first_each_once() -> None:
    """W-032."""
    names = [*("100", "100", "<null>", ""), *(f"user{number}" for number in range(50))]
    seen = gathered(*(failed(UNKNOWN, name) for name in names)).sighting(SOURCE, NOON)
    assert seen
    assert seen.usernames.split() == ["100", *(f"user{number}" for number in range(19))]


def test_a_device_that_gives_no_name_later_keeps_its_first_one() -> None:
    seen = gathered(failed(WRONG), failed(WRONG, agent="<null>"), failed(WRONG, agent="")).sighting(SOURCE, NOON)
    assert seen
    assert seen.user_agent == "scanner"


def test_what_was_told_is_told_once() -> None:
    found = gathered(failed(WRONG))
    assert found.sighting(SOURCE, NOON)
    assert found.sighting(SOURCE, NOON) is None
    found.note(failed(WRONG), NOON)
    found.forget(SOURCE)
    assert found.sighting(SOURCE, NOON) is None


def test_mistakes_of_long_ago_are_no_evidence() -> None:
    seen = gathered(failed(WRONG, "old"), failed(WRONG, "new"), every=200).sighting(SOURCE, NOON)
    assert seen
    assert (seen.usernames, seen.hits) == ("new", 1)


def test_so_many_sources_are_remembered_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_MOST_SOURCES", 3)
    found = gathered(*(failed(WRONG, source=f"192.0.2.{number}") for number in range(5)))
    told = [found.sighting(f"192.0.2.{number}", NOON) for number in range(5)]
    assert [seen is not None for seen in told] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "::1"),
        ("[2001:DB8:0:0::1]", "2001:db8::1"),
        ("", ""),
        ("<null>", ""),
        ("192.0.2.300", ""),
        ("fe80::1%lo", ""),
        ("192.0.2.1; DROP TABLE block", ""),
    ],
)
def test_a_source_is_an_address_or_nothing(source: str, address: str) -> None:
    assert canonical(source) == address
    found = gathered(failed(WRONG, source=source))
    assert (found.sighting(address, NOON) is not None) == bool(address)


@given(st.dictionaries(st.sampled_from(["rc", "user", "agent", "method", "count", "source", "blocked"]), JSON))
def test_whatever_comes_is_evidence_that_can_be_shown_or_nothing(event: dict[str, Any]) -> None:
    """W-032: it comes from a stranger, by way of the switch."""
    found = Evidence()
    found.note({**failed(WRONG), **event, "source": SOURCE}, NOON)
    found.note(json.loads(json.dumps({**failed(WRONG), **event})), NOON)
    seen = found.sighting(SOURCE, NOON)
    assert seen
    for text in (seen.usernames, seen.user_agent, seen.reason):
        assert clean(text) == text
        assert len(text) <= 400
        text.encode()
