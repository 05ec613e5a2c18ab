"""Moments to come, as operators write and read them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.services.moments import moment_words, parse_moment


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where clocks are set back on 2023-10-29 and forward on 2024-03-31."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def utc(text: str) -> float:
    """Seconds since the epoch of a time in UTC, such as "2023-11-14 22:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("typed", "seconds"), [("90s", 90), ("15min", 900), ("2h", 7200), (" 3 D ", 259_200)])
def test_a_span_counts_from_now(typed: str, seconds: float) -> None:
    """W-025"""
    assert parse_moment(typed, 1000.5) == 1000.5 + seconds


@pytest.mark.parametrize(
    ("typed", "now", "then"),
    [
        ("22:30", "2023-11-14 20:00", "2023-11-14 21:30"),
        ("22:30", "2023-11-14 21:29:59", "2023-11-14 21:30"),
        ("22:30", "2023-11-14 21:30", "2023-11-15 21:30"),
        ("0:05", "2023-12-31 22:00", "2023-12-31 23:05"),
        ("02:30", "2023-10-28 22:00", "2023-10-29 00:30"),
        ("02:30", "2023-10-29 00:45", "2023-10-29 01:30"),
        ("02:30", "2023-10-29 01:30", "2023-10-30 01:30"),
        ("22:30", "2023-10-28 20:31", "2023-10-29 21:30"),
        ("02:30", "2024-03-30 23:00", "2024-03-31 01:30"),
        ("03:30", "2024-03-30 23:00", "2024-03-31 01:30"),
    ],
)
def test_a_time_of_day_is_the_next_such_moment_also_when_the_clocks_are_set(typed: str, now: str, then: str) -> None:
    """W-025"""
    assert parse_moment(typed, utc(now)) == utc(then)


@pytest.mark.parametrize("typed", ["", "soon", "24:00", "12:60", "2:3", "-1h", "12:30:00", "1h30", "٣h", "inf", "1e9s"])
def test_what_is_no_moment_is_refused_in_words(typed: str) -> None:
    """W-025"""
    with pytest.raises(ValueError, match=r"write a span|a time of day"):
        parse_moment(typed, 0.0)
    with pytest.raises(ValueError, match="between 1 second and 10 years"):
        parse_moment("0s", 0.0)


@given(st.integers(0, 23), st.integers(0, 59), st.floats(1_600_000_000, 1_800_000_000))
def test_it_is_always_to_come_and_shows_the_time_that_was_typed(hour: int, minute: int, now: float) -> None:
    found = parse_moment(f"{hour}:{minute:02}", now)
    assert 0 < found - now <= 25 * 3600
    skipped = hour == 2 and time.localtime(found).tm_mon == 3
    assert skipped or time.localtime(found)[3:6] == (hour, minute, 0)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("2023-11-14 21:30", "at 22:30"),
        ("2023-11-14 20:01:30", "at 21:01:30"),
        ("2023-11-14 20:05", "at 21:05"),
        ("2023-11-14 23:30", "on Wed 2023-11-15 at 00:30"),
    ],
)
def test_a_moment_is_said_as_short_as_it_is_clear(then: str, words: str) -> None:
    assert moment_words(utc(then), utc("2023-11-14 20:00")) == words
