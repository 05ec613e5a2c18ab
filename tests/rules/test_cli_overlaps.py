"""Whether the lists of companies on one address keep their calls apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import Severity
from cxtui.rules.cli_lists import CliList, deciding, stored
from cxtui.rules.cli_overlaps import MOST_COMPARED, MOST_SHOWN, common_number, overlaps


def lists(**texts: str) -> dict[str, CliList]:
    return {name: stored(text) for name, text in texts.items()}


def said(**texts: str) -> list[str]:
    findings = overlaps(lists(**texts))
    assert all(finding.severity is Severity.ERROR for finding in findings)
    return [f"{finding.field}: {finding.text}" for finding in findings]


def test_lists_that_have_nothing_in_common_keep_calls_apart() -> None:
    """W-007, S-045: the seed's example."""
    assert said(Acme="1234567", Beta="1234578") == []
    assert said(Acme="1234567\n^44[0-4]", Beta="1234578\n^44[5-9]") == []


def test_a_company_alone_needs_no_list() -> None:
    """W-009"""
    assert said(Acme="") == []


def test_a_company_without_a_list_beside_others_would_take_every_call() -> None:
    """W-009"""
    assert said(Acme="1234567", Beta="") == ["Beta: Beta has no CLI list: every call would be theirs"]
    assert len(said(Acme="", Beta="", Gamma="1")) == 2


def test_a_number_on_two_lists_is_said_beside_both() -> None:
    """W-007"""
    assert said(Acme="1234567\n1", Beta="2\n1234567") == [
        "Acme: 1234567 also stands on the list of Beta",
        "Beta: 1234567 also stands on the list of Acme",
    ]


def test_a_number_that_anothers_expression_matches_is_said_beside_both() -> None:
    """W-007"""
    assert said(Acme="1234567", Beta="^12") == [
        "Acme: 1234567 is also matched by ^12 of Beta",
        "Beta: ^12 also matches 1234567 of Acme",
    ]


def test_one_expression_on_two_lists_is_said() -> None:
    """W-007: also where no number is known that it matches."""
    assert said(Acme="^44(?!x)(?=9)", Beta="^44(?!x)(?=9)")[0] == "Acme: ^44(?!x)(?=9) also stands on the list of Beta"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("^44", "^4412"),
        ("^44[0-9]{8}$", "^4412[0-9]+$"),
        ("^44", "99$"),
        ("^441782[0-9]{6}$", "^44178255[0-9]+$"),
        ("^[0-9]{6}$", "^1[0-9]{5}$"),
        ("^(0044|44)", "^0044178"),
        ("^\\+44", "^\\+4417"),
    ],
)
def test_two_expressions_overlap_where_a_number_shows_it(one: str, other: str) -> None:
    """W-007"""
    number = common_number(*sorted((one, other)))
    assert number
    assert f"Acme: {one} and {other} of Beta both match {number}" in said(Acme=one, Beta=other)
    assert not deciding(lists(Acme=one, Beta=other), number).settled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("^44[1-4]", "^44[5-9]"),
        ("^[0-9]{6}$", "^[0-9]{11}$"),
        ("^44(?!12)", "^4412"),
        ("^44.*1$", "^44.*2$"),
        ("(", "^4"),
    ],
)
def test_nothing_is_said_of_expressions_for_which_no_common_number_was_found(one: str, other: str) -> None:
    """W-007: only what was shown is said."""
    assert said(Acme=one, Beta=other) == []


def test_companies_that_do_not_meet_may_have_the_same_numbers() -> None:
    """W-008: in a network, each may share an address with a third and none with the other."""
    all_three = lists(Acme="1", Beta="2", Gamma="2")
    assert overlaps(all_three, [("Acme", "Beta"), ("Acme", "Gamma")]) == []
    assert {finding.field for finding in overlaps(all_three)} == {"Beta", "Gamma"}
    assert overlaps(lists(Acme="1", Beta="2", Gamma=""), [("Acme", "Beta")]) == []


def test_a_long_list_of_overlaps_is_counted_at_its_end() -> None:
    """W-007"""
    numbers = "\n".join(str(number) for number in range(100, 150))
    found = said(Acme=numbers, Beta=numbers)
    assert len(found) == 2 * (MOST_SHOWN + 1)
    assert found[MOST_SHOWN] == "Acme: and 30 more like these"


def test_it_is_said_where_not_every_pair_was_compared() -> None:
    """W-007"""
    one = "\n".join(f"^1{number}" for number in range(10, 50))
    other = "\n".join(f"^2{number}" for number in range(10, 50))
    (finding,) = overlaps(lists(Acme=one, Beta=other))
    assert finding.severity is Severity.WARNING
    assert finding.text == f"of 1600 pairs of expressions with Beta, only {MOST_COMPARED} were compared"


numbers = st.lists(st.integers(1, 30).map(str), min_size=1, max_size=5, unique=True)


@given(numbers, numbers)
def test_lists_of_numbers_without_findings_never_give_a_call_to_two(one: list[str], other: list[str]) -> None:
    """W-007"""
    both = {"Acme": stored("\n".join(one)), "Beta": stored("\n".join(other))}
    shared = {*one} & {*other}
    assert bool(overlaps(both)) is bool(shared)
    assert all(len(deciding(both, cli).takers) < 2 for cli in {*one, *other} - shared)
