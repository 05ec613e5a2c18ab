"""Numbers in E.164 form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.e164 import judge_e164


@pytest.mark.parametrize(
    ("number", "ok", "word"),
    [
        ("441782550100", True, "GB"),
        ("12025550123", True, "US"),
        ("390612345678", True, "IT"),  # Italy keeps its 0
        ("4930123456", True, "DE"),
        ("80012345678", True, "worldwide"),
        ("", False, "empty"),
        ("+441782550100", False, "has +"),
        ("00441782550100", False, "begins with 0"),
        ("01782550100", False, "begins with 0"),
        ("4401782550100", False, "0 after 44"),
        ("5411151234567", False, "not a valid number"),
        ("447700900123", False, "not a valid number"),
        ("2001", False, "short"),
        ("44", False, "short"),
        ("44178255", False, "short"),
        ("4417825501001234", False, "long"),
        ("441782550100123", False, "long"),
        ("99912345678", False, "no such country code"),
        ("44x", False, "not digits"),
        ("#1#441782550100", False, "not digits"),
        ("٤٤١٧٨٢٥٥٠١٠٠", False, "not digits"),
    ],
)
def test_the_verdict_is_the_region_or_one_short_word(number, ok, word):
    """S-061, W-045: digits alone, country code first, at most 15, no leading +."""
    assert judge_e164(number) == (ok, word)


@given(st.one_of(st.text(max_size=20), st.text("0123456789+", max_size=18)))
def test_what_is_ok_is_at_most_fifteen_digits(number):
    """W-045."""
    verdict = judge_e164(number)
    assert verdict.word
    if verdict.ok:
        assert number.isascii()
        assert number.isdigit()
        assert len(number) <= 15
