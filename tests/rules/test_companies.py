"""What a company and a profile must satisfy by themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.companies import block_of, check_company, check_profile, slug
from cxtui.rules.usernames import NumberBlock


def test_a_number_block_has_a_start_and_a_size() -> None:
    """W-070."""
    assert check_company({"number_block_start": 1000, "number_block_size": 1000}) == []
    assert check_company({"number_block_start": 0, "number_block_size": 0}) == []
    (finding,) = check_company({"number_block_start": 1000, "number_block_size": 0})
    assert (finding.field, finding.code) == ("number_block_size", "W-070")
    (finding,) = check_company({"number_block_start": 0, "number_block_size": 10})
    assert (finding.field, finding.code) == ("number_block_start", "W-070")


def test_a_company_without_start_or_size_has_no_block() -> None:
    """W-070."""
    assert block_of({"number_block_start": 1000, "number_block_size": 10}) == NumberBlock(1000, 10)
    assert block_of({"number_block_start": 0, "number_block_size": 10}) is None
    assert block_of({"number_block_start": 1000, "number_block_size": 0}) is None
    assert block_of({}) is None


@pytest.mark.parametrize("name", ["agents", "a_1", "0", "_"])
def test_a_profile_name_of_the_pattern_is_taken(name: str) -> None:
    """C-07, W-071."""
    assert check_profile({"name": name}) == []


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("Call Agents (new)", "call_agents_new"),
        ("Straße", "strae"),
        ("Café №1", "cafe_no1"),
        ("agents\n", "agents"),
        ("__x__ y", "x_y"),
        ("日本", "profile"),
        ("-", "profile"),
    ],
)
def test_another_name_is_refused_with_a_slug(name: str, offered: str) -> None:
    """C-07."""
    (finding,) = check_profile({"name": name})
    assert (finding.field, finding.code, finding.fix) == ("name", "C-07", "slug")
    assert finding.text.endswith(f": {offered}?")


@given(st.text(min_size=1, max_size=60))
def test_a_slug_can_always_be_taken(name: str) -> None:
    """C-07: within the pattern and the length of the field."""
    assert re.fullmatch("[a-z_0-9]{1,40}", slug(name))
    assert check_profile({"name": slug(name)}) == []
