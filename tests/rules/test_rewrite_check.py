"""Which rewrite rules may be saved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from cxtui.models.findings import Severity
from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.dialplan import edge_form
from cxtui.rules.pcre import MATCH_LIMIT, compile_pattern
from cxtui.rules.rewrite import LONGEST_RESULT, Rule, canonical_new, compile_rule
from cxtui.rules.rewrite_check import LONGEST_CURRENT, check_rule
from tests.rules.regexes import RULES


def rule(mode: str, current: str, new: str = "") -> Rule:
    return Rule(Parameter.DESTINATION, Mode(mode), current, new)


@pytest.mark.parametrize(
    ("mode", "current", "new"),
    [
        ("prefix", "00", ""),
        ("prefix", "+44", "44"),
        ("prefix", "*72#", "#1#"),
        ("prefix", "1" * LONGEST_CURRENT, "1" * LONGEST_RESULT),
        ("regex", r"\+", "44"),
        ("regex", "^(.*)", "1234$1"),
        ("regex", "^", "#1#"),
        ("regex", "^0([1-9]+)$", r"44\1"),
        ("regex", r"^(?:0044|00|\+)([1-9]\d*)$", "$1"),
        ("regex", "^(?<cc>44)(?<rest>.*)$", "+$1$2"),
        ("regex", r"^(\d{3})(\d{3})(\d{4})$", "$3$2$1"),
        ("regex", r"^.*(\d{10})$", "44${1}"),
        ("regex", "^(.*)#(.*)$", "$2$1"),
        ("regex", "(1)" * 7, "$7"),
    ],
)
def test_an_ordinary_rule_has_no_findings(mode, current, new):
    """W-042, C-09, C-14."""
    assert check_rule(rule(mode, current, new)) == []


@pytest.mark.parametrize(
    ("mode", "current", "new", "field", "code", "words"),
    [
        ("prefix", "", "", "current", "W-041", "Current is required"),
        ("regex", "", "", "current", "W-041", "Current is required"),
        ("prefix", "0 0", "", "current", "C-09", "a blank cannot be part of a prefix"),
        ("prefix", "0é", "", "current", "C-09", "“é” cannot be part of a prefix"),
        ("prefix", "0\x1b", "", "current", "C-09", "“␛” cannot be part of a prefix"),
        ("regex", "1" * 256, "", "current", "C-09", "256 characters: at most 255"),
        ("regex", "+44", "", "current", "C-09", "write \\+ for a plus sign, or choose prefix"),
        ("regex", "0(", "", "current", "C-09", "character 2: this group is never closed"),
        ("regex", r"(*UTF)\d", "", "current", "C-09", "the edge takes none from a rule"),
        ("regex", "(1)" * 8, "", "current", "C-14", "needs 10 groups at the edge"),
        ("regex", "1", "$0" * 9, "current", "C-14", "refers to groups 11 times at the edge"),
        ("prefix", "0", "$1", "new", "C-14", "a prefix has no groups to refer to"),
        ("regex", "0", "$1", "new", "C-14", "$1: Current has no group"),
        ("regex", "(0)", "$2$1$3", "new", "C-14", "$2, $3: Current has 1 group"),
        ("regex", "0", "$", "new", "C-14", "character 1: $ stands only before"),
        ("prefix", "0", "44\\", "new", "C-14", "character 3: \\ stands only before"),
        ("prefix", "0", "4" * 127, "new", "C-14", "at most 126"),
        ("prefix", "0", "é", "new", "C-14", "“é” cannot stand in the number of a SIP address"),
        ("prefix", "0", "4 4", "new", "C-14", "a blank cannot stand"),
        ("regex", "0", "1@evil.example", "new", "C-14", "“@” cannot stand"),
        ("regex", "0", "1\r\nX: y", "new", "C-14", "a blank cannot stand"),
        ("regex", "0", "<44>", "new", "C-14", "“<” cannot stand"),
    ],
)
def test_what_would_break_the_edge_is_refused_beside_its_field(mode, current, new, field, code, words):
    """W-041, C-09, C-14."""
    (finding,) = check_rule(rule(mode, current, new))
    assert (finding.field, finding.severity, finding.code) == (field, Severity.ERROR, code)
    assert words in finding.text


def test_what_is_wrong_with_both_fields_is_said_at_once():
    assert [finding.field for finding in check_rule(rule("prefix", "", "$"))] == ["current", "new"]


@pytest.mark.parametrize(
    "current",
    [
        "(a+)+$",
        r"^(\d|\d\d)*$",
        r"(\d+)*x",
        "(.*?,){20}P",
        "^(.*)(.*)(.*)(.*)x",
        "(x+x+)+y",
        r"(\w+\d+)+!",
        "([a-z]+)*#",
        r"(?:(?:\d+)?)+a",
        "(0|0|0|0)*9",
        r"^(([0-9])+.)+([0-9])+$",
        r"(\d*)*$",
        r"(?=(\d+)+x)1",
        "(?:1?){60}1{60}",
        r"^(?:0044|00)(?:4|44)*5$",  # slow only behind 00 and 4s
        r"^\*72#(?:12|1|2)*9",
        r"^([^0]|[^0]+x?)*$",  # slow only on what ends in 0
    ],
)
def test_an_expression_that_some_number_makes_slow_is_refused(current):
    """C-09: the caller chooses the number, and the edge waits for the match."""
    compile_pattern(current)
    (finding,) = check_rule(rule("regex", current))
    assert (finding.field, finding.severity) == ("current", Severity.ERROR)
    assert finding.text.startswith("too slow: a number such as ")


def test_the_limit_is_the_one_that_the_tester_runs_with():
    assert MATCH_LIMIT == 20_000
    assert compile_pattern(r"^(.*)(.*)x").search(b"1" * 120) is None


@settings(max_examples=300, deadline=None)
@given(RULES)
def test_a_rule_without_findings_compiles_here_and_there(each):
    """C-09, C-14."""
    assert canonical_new(each.new) == each.new
    if check_rule(each):
        return
    compile_rule(each)
    form = edge_form(each)
    assert compile_pattern(form.match_exp).groups <= 9
    assert compile_pattern(form.subst_exp).groups <= 9
