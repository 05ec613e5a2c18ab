"""Spans of time as operators write and read them."""

from __future__ import annotations

import pytest

from cxtui.rules.durations import ago, parse_duration


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("90 s", 90),
        ("90s", 90),
        ("15 min", 900),
        ("15 m", 900),
        (" 2 H ", 7200),
        ("3 d", 259_200),
        ("1 w", 604_800),
        ("3650 d", 315_360_000),
    ],
)
def test_a_number_and_a_unit_are_read(typed: str, seconds: int) -> None:
    assert parse_duration(typed) == seconds


@pytest.mark.parametrize("typed", ["", "   "])
def test_nothing_is_no_end(typed: str) -> None:
    assert parse_duration(typed) is None


@pytest.mark.parametrize(
    "typed", ["2", "h", "2 hours", "-2 h", "1.5 h", "2 h 30 min", "2 h\n1", "1e3 s", "٣ h", "２ h"]
)
def test_anything_else_is_refused_with_examples(typed: str) -> None:
    with pytest.raises(ValueError, match="write a number and a unit: 90 s"):
        parse_duration(typed)


@pytest.mark.parametrize("typed", ["0 s", "0 w", "3651 d", "999999 w"])
def test_a_span_beyond_sense_is_refused_with_its_limits(typed: str) -> None:
    with pytest.raises(ValueError, match="between 1 second and 10 years"):
        parse_duration(typed)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "now"),
        (0.4, "now"),
        (1, "1 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (1e9, "11574 d"),
    ],
)
def test_a_span_is_told_in_its_largest_whole_unit(seconds: float, words: str) -> None:
    assert ago(seconds) == words
