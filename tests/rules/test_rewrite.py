"""What rewrite rules do to numbers, one by one and as a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.rewrite import (
    LONGEST_RESULT,
    MOST_NUMBERS,
    NewRefused,
    Rule,
    StepKind,
    apply_rules,
    apply_to_all,
    bare_number,
    canonical_new,
    compile_rule,
    default_mode,
    split_numbers,
)

DESTINATION, CLI = Parameter.DESTINATION, Parameter.CLI
NUMBERS = st.text("0123456789+*#ab", min_size=0, max_size=20)


def prefix(current: str, new: str, *, stop: bool = False, parameter: Parameter = DESTINATION) -> Rule:
    return Rule(parameter, Mode.PREFIX, current, new, stop)


def regex(current: str, new: str, *, stop: bool = False, parameter: Parameter = DESTINATION) -> Rule:
    return Rule(parameter, Mode.REGEX, current, new, stop)


def result(rule: Rule, number: str) -> str:
    return apply_rules([rule], rule.parameter, number).result


@pytest.mark.parametrize(
    ("current", "new", "number", "expected"),
    [
        (r"\+", "44", "+1782", "441782"),
        ("^(.*)", "1234$1", "44178212345", "123444178212345"),
        ("^", "#1#", "", "#1#"),
        ("^", "#1#", "4420", "#1#4420"),
        ("^0([1-9]+)$", r"44\1", "01782", "441782"),
        (r"^\+([0-9]+)$", "$1", "+441782", "441782"),
    ],
)
def test_the_portals_examples_come_out_as_the_portal_shows_them(current, new, number, expected):
    """W-042, W-043, W-046, S-070."""
    assert result(regex(current, canonical_new(new)), number) == expected


@pytest.mark.parametrize(
    ("current", "new", "number", "expected"),
    [
        ("1", "x", "2112", "2x12"),  # the first match only, wherever it stands
        ("9", "x", "2112", "2112"),
        ("x*", "-", "12", "-12"),  # an empty match is one
        ("(a)|(b)", r"[\1\2]", "cb", "c[b]"),  # a group that took no part is empty
        (r"(\d)(\d)", r"\2\1\0", "12", "2112"),
        (r"(?<cc>44)(\d+)", r"\2", "44207", "207"),
        (r"(?i)AB", "", "xab", "x"),
        (r"\d", "", "١1", "١"),  # digits are 0-9, as at the edge
        ("$", "#", "12", "12#"),
        ("^44$", "", "44", ""),
    ],
)
def test_a_regex_rule_replaces_the_first_match_in_place(current, new, number, expected):
    """C-09."""
    assert result(regex(current, new), number) == expected


@pytest.mark.parametrize(
    ("current", "new", "number", "expected"),
    [
        ("00", "", "0044", "44"),
        ("00", "", "4400", "4400"),
        ("+", "00", "+44", "0044"),
        (".", "1", "44", "44"),
        (".*", "1", ".*2", "12"),
        ("0", "44", "", ""),
    ],
)
def test_a_prefix_rule_replaces_only_the_beginning_and_takes_it_literally(current, new, number, expected):
    """C-09."""
    assert result(prefix(current, new), number) == expected


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_prefix_is_what_str_says(current, new, number):
    """C-09."""
    if current:
        expected = new + number[len(current) :] if number.startswith(current) else number
        assert result(prefix(current, new), number) == expected


@pytest.mark.parametrize(
    ("current", "mode"),
    [("00", "prefix"), ("+44", "prefix"), ("+", "prefix"), ("", "prefix"), ("^00", "regex"), ("#1#", "regex")],
)
def test_digits_and_plus_alone_are_a_prefix_by_default(current, mode):
    """C-09."""
    assert default_mode(current) is Mode(mode)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("44", "44"),
        ("$1", r"\1"),
        ("44$1#", r"44\1#"),
        ("${1}0", r"\10"),
        ("$10", r"\10"),
        (r"\{2}", r"\2"),
        ("$0$9", r"\0\9"),
        (r"\1$2", r"\1\2"),
    ],
)
def test_references_are_stored_in_one_form(typed, stored):
    """C-14."""
    assert canonical_new(typed) == stored


@given(st.text(r"$\{}0123456789+#a", max_size=12))
def test_the_stored_form_stays_as_it_is(typed):
    """C-14."""
    try:
        stored = canonical_new(typed)
    except NewRefused:
        return
    assert canonical_new(stored) == stored
    assert "$" not in stored


@pytest.mark.parametrize("typed", ["$", "a$rU", r"\n", "\\", r"\\", r"\$", "${12}", "${name}", "$<paid>", r"\g<1>"])
def test_a_sign_that_the_edge_would_read_as_something_else_is_refused_with_its_place(typed):
    """C-14: a bare $ begins a pseudo-variable at the edge, an unknown escape loses its backslash."""
    with pytest.raises(NewRefused, match=r"character \d+: [$\\] stands only before the number of a group"):
        canonical_new(typed)


def test_the_result_of_one_rule_is_the_input_of_the_next():
    """C-10."""
    rules = [prefix("00", ""), prefix("0", "44"), regex(r"^44(\d+)", r"+44\1"), prefix("9", "8")]
    outcome = apply_rules(rules, DESTINATION, "01782")
    assert outcome.result == "+441782"
    assert [(step.rule, step.before, step.after, step.kind) for step in outcome.steps] == [
        (0, "01782", "01782", StepKind.NO_MATCH),
        (1, "01782", "441782", StepKind.REPLACED),
        (2, "441782", "+441782", StepKind.REPLACED),
        (3, "+441782", "+441782", StepKind.NO_MATCH),
    ]


def test_a_rule_with_stop_ends_the_list_only_when_it_matched():
    """C-10."""
    rules = [prefix("0", "44", stop=True), prefix("44", "+44")]
    stopped = apply_rules(rules, DESTINATION, "01782")
    assert (stopped.result, [step.kind for step in stopped.steps]) == ("441782", [StepKind.STOPPED])
    passed = apply_rules(rules, DESTINATION, "441782")
    assert (passed.result, [step.kind for step in passed.steps]) == (
        "+441782",
        [StepKind.NO_MATCH, StepKind.REPLACED],
    )


def test_rules_of_the_other_parameter_are_skipped_and_not_shown():
    """S-063, C-10."""
    rules = [prefix("0", "1", parameter=CLI), prefix("0", "44")]
    assert [step.rule for step in apply_rules(rules, DESTINATION, "01").steps] == [1]
    assert apply_rules(rules, CLI, "01").result == "11"


def test_a_result_that_is_too_long_for_the_edge_leaves_the_number_alone():
    """Kamailio 5.6.3 answers with 126 bytes and with nothing for 127; the rule has no effect, the next one runs."""
    fits = "1" * (LONGEST_RESULT - 2)
    assert result(prefix("0", "44"), "0" + fits) == "44" + fits
    outcome = apply_rules([prefix("0", "44", stop=True), prefix("0", "")], DESTINATION, "01" + fits)
    assert outcome.result == "1" + fits
    assert [step.kind for step in outcome.steps] == [StepKind.FAULT, StepKind.REPLACED]
    assert "longer than the edge allows" in outcome.steps[0].reason


def test_a_match_that_takes_too_long_leaves_the_number_alone():
    outcome = apply_rules([regex("(a+)+$", "b")], DESTINATION, "a" * 40 + "!")
    assert outcome.result == outcome.number
    assert (outcome.steps[0].kind, outcome.steps[0].reason) == (
        StepKind.FAULT,
        "too slow: the match was given up",
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (regex("(", ""), "never closed"),
        (regex(r"00\K44", ""), "not carried to the edge"),
        (regex("a", r"\1"), "Current does not have"),
        (prefix("", "1"), "Current is empty"),
        (prefix("0", r"\1"), "a prefix has no groups"),
        (regex("0", "$"), "stands only before"),
    ],
)
def test_a_rule_that_could_not_be_saved_is_a_fault_and_not_an_exception(rule, words):
    """The rule that is being typed is in the list that is tested."""
    with pytest.raises(ValueError, match=words):
        compile_rule(rule)
    outcome = apply_rules([rule, prefix("0", "44")], DESTINATION, "01782")
    assert outcome.result == "441782"
    assert outcome.steps[0].kind is StepKind.FAULT
    assert words in outcome.steps[0].reason


@given(st.text(max_size=30))
def test_no_number_makes_a_rule_raise(number):
    rules = [regex("^.", ""), regex(".$", "x"), prefix("é", ""), regex(r"\W+", "-")]
    for outcome in apply_to_all(rules, DESTINATION, [number, number[::-1]]):
        assert len(outcome.steps) == len(rules)


def test_many_numbers_come_out_in_their_order():
    assert [outcome.result for outcome in apply_to_all([prefix("0", "44")], DESTINATION, ["01", "02", "3"])] == [
        "441",
        "442",
        "3",
    ]


def test_a_pasted_list_is_split_and_cleared_of_what_people_write():
    """S-067."""
    text = "0044 1782 550-100\r\n+44 (1782) 550.100, 2001;;\t#1#44 \x1b[31m7\n\n441782/550\u2013100\N{NO-BREAK SPACE}"
    assert split_numbers(text) == ["00441782550100", "+441782550100", "2001", "#1#44␛[31m7", "441782550100"]
    assert split_numbers(" ,;\n\t ") == []


def test_a_pasted_list_has_an_end():
    assert len(split_numbers("1\n" * (MOST_NUMBERS + 5))) == MOST_NUMBERS


@given(st.text(max_size=40))
def test_a_split_number_can_be_shown_and_split_again(text):
    for number in split_numbers(text):
        assert bare_number(number) == number
        assert split_numbers(number) == [number]
