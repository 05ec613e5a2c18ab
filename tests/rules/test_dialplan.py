"""The same rule as the edge's dialplan reads it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.dialplan import MOST_GROUPS, MOST_REFERENCES, EdgeForm, TooManyGroups, edge_form, run_edge_form
from cxtui.rules.regex_words import RegexRefused
from cxtui.rules.rewrite import LONGEST_RESULT, NewRefused, Rule, apply_rules, canonical_new, read_new
from cxtui.rules.rewrite_check import check_rule
from tests.rules.regexes import NUMBERS, RULES

TRANSLATIONS = json.loads((Path(__file__).parent / "kamailio_translations.json").read_text(encoding="utf-8"))
"""What Kamailio 5.6.3 (PCRE 8.39) answered to `dialplan.translate` for our edge forms; null = No translation."""


def rule(current: str, new: str, mode: str = "regex") -> Rule:
    return Rule(Parameter.DESTINATION, Mode(mode), current, canonical_new(new))


def applied(each: Rule, number: str) -> str:
    return apply_rules([each], each.parameter, number).result


@pytest.mark.parametrize(
    ("current", "new", "match_exp", "subst_exp", "repl_exp"),
    [
        (r"\+", "44", r"\+", r"^(.*?)\+(.*)", r"\144\2"),
        ("^(.*)", "1234$1", "^(.*)", "^(.*)(.*)", r"1234\1\2"),
        ("^", "#1#", "^", "^(.*)", r"#1#\1"),
        ("^0([1-9]+)$", "44$1", "^0([1-9]+)$", "^0([1-9]+)$", r"44\1"),
        ("00|33", "", "00|33", "^(.*?)(?:00|33)(.*)", r"\1\2"),
        ("^00|^33", "", "^00|^33", "(?:^00|^33)(.*)", r"\1"),
        ("44", "($0)", "44", "^(.*?)(44)(.*)", r"\1(\2)\3"),
        ("^44$", "+$0", "^44$", "^44$", r"+\0"),
        (r"(\d)\1", "$1", r"(\d)\g{1}", r"^(.*?)(\d)\g{2}(.*)", r"\1\2\3"),
        ("(?i)a|b", "", "(?i)a|b", "^(.*?)(?:(?i)a|b)(.*)", r"\1\2"),
        # The edge checks the length of its output only at references: without the last one it would write beyond.
        ("(1)#$", "$1*", "(1)#$", "^(.*?)(1)#$()", r"\1\2*\3"),
        ("^a$|^b$", "$0x", "^a$|^b$", "(?:^a$|^b$)()", r"\0x\1"),
        ("^44$", "33", "^44$", "^44$", "33"),
        ("^44$", "", "^44$", "^44$", ""),
    ],
)
def test_what_stands_around_the_match_is_put_back(current, new, match_exp, subst_exp, repl_exp):
    """C-09, C-14: the edge's output is the replacement alone."""
    assert edge_form(rule(current, new)) == EdgeForm(match_exp, subst_exp, repl_exp)


@pytest.mark.parametrize(
    ("current", "new", "subst_exp"),
    [("00", "44", "^00(.*)"), ("+", "", r"^\+(.*)"), (".*", "1", r"^\.\*(.*)"), ("#(1)", "", r"^#\(1\)(.*)")],
)
def test_a_prefix_is_an_anchored_literal(current, new, subst_exp):
    """C-09."""
    assert edge_form(rule(current, new, "prefix")) == EdgeForm(subst_exp[:-4], subst_exp, new + r"\1")


@pytest.mark.parametrize(
    ("current", "new", "refusal"),
    [
        ("(1)" * 8, "", "needs 10 groups at the edge, 2 of them"),
        ("(1)" * 7, "$0", "needs 10 groups at the edge, 3 of them"),
        ("^" + "(1)" * 10 + "$", "", "needs 10 groups at the edge, 0 of them"),
        ("1", "$0" * 9, "refers to groups 11 times"),
    ],
)
def test_groups_that_the_edge_does_not_have_are_refused(current, new, refusal):
    """C-14."""
    with pytest.raises(TooManyGroups, match=refusal):
        edge_form(rule(current, new))


@pytest.mark.parametrize("current", ["(1)" * 7, "^" + "(1)" * 8, "^" + "(1)" * 9 + "$"])
def test_all_nine_groups_can_be_used(current):
    """C-14."""
    form = edge_form(rule(current, "$7"))
    assert run_edge_form(form, "1" * 9) == applied(rule(current, "$7"), "1" * 9)


def test_a_rule_that_no_row_can_express_raises():
    with pytest.raises(RegexRefused):
        edge_form(rule(r"00\K44", ""))
    with pytest.raises(NewRefused):
        edge_form(replace(rule("00", ""), new="$rU"))
    with pytest.raises(NewRefused):
        edge_form(Rule(Parameter.CLI, Mode.PREFIX, "0", r"\1"))


@pytest.mark.parametrize(
    ("form", "number", "output"),
    [
        (EdgeForm("^00", "^00", ""), "0044", ""),
        (EdgeForm("^00", "^00(.*)$", r"\1"), "0044", "44"),
        (EdgeForm("^1", "^2(.*)", r"\1"), "12", None),
        (EdgeForm("12", "12", "99"), "551255", "99"),
        (EdgeForm("^3", "^3", "1"), "12", None),
        (EdgeForm("^", "^(.*)", r"#\1"), "", None),
        (EdgeForm("^", "^(.*)", r"\1"), "1" * LONGEST_RESULT, "1" * LONGEST_RESULT),
        (EdgeForm("^", "^(.*)", r"\1"), "1" * (LONGEST_RESULT + 1), None),
        (EdgeForm("(a+)+$", "(a+)+$", "1"), "a" * 40 + "!", None),
    ],
)
def test_the_edge_answers_with_the_replacement_or_not_at_all(form, number, output):
    """As measured: both expressions have to match, an empty number and a long result have no translation."""
    assert run_edge_form(form, number) == output


@pytest.mark.parametrize("case", TRANSLATIONS, ids=lambda case: f"{case['mode']} {case['current']}")
def test_a_real_kamailio_agreed(case: dict[str, Any]):
    """C-09, C-10, C-14."""
    each = Rule(Parameter.DESTINATION, Mode(case["mode"]), case["current"], case["new"])
    assert check_rule(each) == []
    form = edge_form(each)
    for number, output in case["translations"]:
        assert run_edge_form(form, number) == output, number
        assert applied(each, number) == (number if output is None else output), number


@settings(max_examples=500, deadline=None)
@given(RULES, NUMBERS)
def test_console_and_edge_agree_on_every_rule_that_may_be_saved(each, number):
    """C-09, C-10, C-14: no translation means that the number stays."""
    assume(not check_rule(each))
    output = run_edge_form(edge_form(each), number)
    assert applied(each, number) == (number if output is None else output)


@settings(max_examples=200, deadline=None)
@given(RULES)
def test_a_row_never_asks_for_more_than_the_edge_has(each):
    """One bad row stops every reload of the edge, and its next start."""
    assume(not check_rule(each))
    form = edge_form(each)
    references = [piece for piece in read_new(form.repl_exp) if isinstance(piece, int)]
    assert max(references, default=0) <= MOST_GROUPS
    assert len(references) <= MOST_REFERENCES
    assert "$" not in form.repl_exp
    if references:
        assert form.repl_exp[-2] == "\\"
