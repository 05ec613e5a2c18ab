"""What is allowed in a list of rules and most likely not meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtui.models.findings import Severity
from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.rewrite import Rule
from cxtui.rules.rewrite_lint import lint_rules
from tests.rules.regexes import RULES

DESTINATION, CLI = Parameter.DESTINATION, Parameter.CLI


def prefix(current: str, new: str = "", *, stop: bool = False, parameter: Parameter = DESTINATION) -> Rule:
    return Rule(parameter, Mode.PREFIX, current, new, stop)


def regex(current: str, new: str = "", *, stop: bool = False, parameter: Parameter = DESTINATION) -> Rule:
    return Rule(parameter, Mode.REGEX, current, new, stop)


def codes(rules: list[Rule], samples: list[tuple[Parameter, str]] | None = None) -> list[tuple[int, str]]:
    return [(each.index, each.finding.code) for each in lint_rules(rules, samples or [])]


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [prefix("00"), prefix("0", "44"), regex(r"^\+", stop=True), regex(r"^(\d{6})$", r"441782\1", parameter=CLI)],
        [regex(r"\+", "44")],
        [regex("^(.*)", r"1234\1")],
        [prefix("+", "00"), prefix("00")],  # the second one runs on what the first one made
        [prefix("0", "1", stop=True), prefix("+", "0"), prefix("01", "5")],
        [prefix("44", "44", stop=True), regex("^", "44")],  # a guard
        [prefix("0", "44", parameter=CLI), prefix("00")],
        [regex("(?<=^00)44", "33")],
        [prefix("*72#"), prefix("#1#", ".")],
    ],
)
def test_an_ordinary_list_has_no_warnings(rules):
    assert codes(rules) == []


@pytest.mark.parametrize("current", ["+44", "^+44", "(+|00)44", "0+44", "^00+$"])
def test_a_plus_that_is_no_plus_sign_is_pointed_out(current):
    """C-09: hnimminh/libresbc#76."""
    (each,) = lint_rules([regex(current)])
    assert (each.finding.code, each.finding.severity) == ("rewrite-bare-plus", Severity.WARNING)
    assert "write \\+" in each.finding.text


@pytest.mark.parametrize(
    ("current", "remedy"),
    [
        ("44", "write ^44, or choose prefix"),
        ("0([1-9])", "write ^0([1-9])"),
        ("44|33", "write ^(?:44|33)"),
        (r"\+44", r"write ^\+44"),
    ],
)
def test_digits_that_are_replaced_anywhere_are_pointed_out(current, remedy):
    """C-09."""
    (each,) = lint_rules([regex(current)])
    assert each.finding.code == "rewrite-unanchored"
    assert each.finding.text.endswith(remedy)


@pytest.mark.parametrize("current", ["^00", r"\+44", "(.*)", "00|33", "[0-9]", "44$", "0.*"])
def test_a_prefix_that_looks_like_a_regex_is_pointed_out(current):
    """C-09."""
    assert codes([prefix(current)]) == [(0, "rewrite-looks-like-regex")]


def test_a_list_that_lets_no_number_through_is_pointed_out_at_the_rule_that_takes_all():
    """C-10."""
    (each,) = lint_rules([regex("^", "1", stop=True), prefix("00"), prefix("0", "44")])
    assert (each.index, each.finding.code) == (0, "rewrite-catch-all")
    assert "later rules of the same type never run (2, 3)" in each.finding.text
    assert codes([regex("^(.*)", r"1234\1"), prefix("00")]) == [(0, "rewrite-catch-all")]
    assert codes([regex("^", "1", stop=True), prefix("00", parameter=CLI)]) == []


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([prefix("0", "44"), prefix("00")], "rule 2 never runs for numbers that rule 1 changed, such as 001782550100"),
        ([prefix("0", "44", stop=True), prefix("00")], "rule 2 never runs for numbers that rule 1 stops at"),
        ([regex("^0", "44"), regex("^00(.*)$", r"\1")], "rule 2 never runs for numbers that rule 1 changed"),
        ([prefix("0", "44"), prefix("1", "2"), regex("^0[1-9]", "")], "rule 3 never runs for numbers that rule 1"),
    ],
)
def test_a_rule_that_an_earlier_one_leaves_nothing_for_is_pointed_out(rules, words):
    """C-10."""
    (each,) = lint_rules(rules)
    assert (each.index, each.finding.code) == (len(rules) - 1, "rewrite-shadowed")
    assert each.finding.text.startswith(words)
    assert each.finding.text.endswith("move it before rule 1")


def test_a_rule_that_stands_twice_is_pointed_out_once():
    assert codes([prefix("0", "44"), prefix("0", "44"), prefix("0", "44", parameter=CLI)]) == [(1, "rewrite-duplicate")]


@pytest.mark.parametrize("rule", [prefix("0", "0"), regex("^(.*)$", r"\1"), regex("^44", "44")])
def test_a_rule_that_changes_nothing_is_pointed_out(rule):
    assert codes([rule]) == [(0, "rewrite-no-change")]


def test_a_rule_that_leaves_nothing_is_pointed_out():
    assert codes([regex("^.*$")]) == [(0, "rewrite-empty")]
    assert codes([regex("^00.*")]) == [(0, "rewrite-empty")]


def test_a_test_number_that_does_not_become_e164_is_pointed_out_at_the_rule_that_changed_it_last():
    """S-061, W-045."""
    rules = [prefix("00"), prefix("0", "44"), prefix("9", "8", parameter=CLI)]
    samples = [(DESTINATION, "01782550100"), (DESTINATION, "0044"), (DESTINATION, "00x"), (CLI, "91"), (CLI, "2001")]
    findings = lint_rules(rules, samples)
    assert [(each.index, each.finding.code) for each in findings] == [(0, "rewrite-not-e164"), (2, "rewrite-not-e164")]
    assert findings[0].finding.text.endswith("0044 comes out as 44: short (and 1 more)")


def test_rules_that_cannot_be_saved_do_not_end_the_lint():
    assert codes([regex("("), regex("0", r"\5"), prefix("", "1"), prefix("0", "0")])[-1] == (3, "rewrite-no-change")


@settings(max_examples=150, deadline=None)
@given(st.lists(RULES, max_size=5))
def test_warnings_belong_to_rules_of_the_list_and_change_none(rules):
    for each in lint_rules(rules, [(DESTINATION, "01782550100")]):
        assert 0 <= each.index < len(rules)
        assert each.finding.severity is Severity.WARNING
        assert each.finding.code.startswith("rewrite-")
        assert each.finding.field in ("current", "new", "mode")
