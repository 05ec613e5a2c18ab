"""Rules from examples."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.rewrite import apply_rules
from cxtui.rules.rewrite_check import check_rule
from cxtui.rules.rewrite_examples import MOST_PAIRS, MOST_SUGGESTED, Suggestions, parse_pairs, suggest
from cxtui.rules.rewrite_families import Pair

MANY_CODES = "\n".join(f"{code}17825501{code} → 4417825501{code}" for code in range(11, 31, 2))
NUMBERS = st.text("0123456789+#", min_size=1, max_size=14)


def suggested(text: str) -> Suggestions:
    pairs, findings = parse_pairs(text)
    assert findings == ()
    return suggest(pairs)


def offers(text: str) -> list[tuple[str, str, str]]:
    return [(each.rule.mode.value, each.rule.current, each.rule.new) for each in suggested(text).rules]


@pytest.mark.parametrize(
    "line",
    [
        "0044 1782 → 441782",
        "0044 1782 -> 441782",
        "00441782=>44-1782",
        "0044 (1782) , 441782",
        "00441782\t441782",
        "  00441782   441782  ",
        "0044.1782 ⇒ 441782",
    ],
)
def test_a_pair_is_written_as_people_write_it(line):
    """C-15."""
    assert parse_pairs(line) == ((Pair("00441782", "441782"),), ())


def test_a_line_that_is_no_pair_is_named_and_the_others_are_read():
    """C-15."""
    pairs, findings = parse_pairs("1 → 2\n\nfoo\n→ 4\na b c\n5 → \n1,2,3\n\x1b[31m")
    assert pairs == (Pair("1", "2"), Pair("5", ""))
    assert [finding.field for finding in findings] == ["pairs"] * 5
    assert [finding.text.split(",")[0].split(":")[0] for finding in findings] == [
        "line 3",
        "line 4",
        "line 5",
        "line 7",
        "line 8",
    ]
    assert "\x1b" not in findings[-1].text


def test_pairs_beyond_the_limit_are_said_to_be_left_out():
    pairs, (finding,) = parse_pairs("1 2\n" * (MOST_PAIRS + 1))
    assert len(pairs) == MOST_PAIRS
    assert f"only the first {MOST_PAIRS}" in finding.text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("0044178 → 44178\n0033123 → 33123", ("prefix", "00", "")),
        ("01782550100 → 441782550100\n02079460000 → 442079460000", ("prefix", "0", "44")),
        ("+1782 → 441782", ("prefix", "+", "44")),
        ("1782550100 → 441782550100", ("regex", r"^(\d{10})$", r"44\1")),
        ("178255 → 44178255\n20794600 → 4420794600", ("regex", r"^(\d{6,8})$", r"44\1")),
        ("01782 → 441782\n02079 → 442079\n0044 → 0044", ("regex", r"^0(\d{4})$", r"44\1")),
        ("01782 → 441782\n0207 → 44207\n0044 → 0044\n00331 → 00331", ("regex", "^0([1-9])", r"44\1")),
        ("0044178 → 44178\n+44178 → 44178\n0178 → 44178", ("regex", r"^(?:0044|\+44|0)", "44")),
        ("00331 → 331\n+491 → 491", ("regex", r"^(?:00|\+)", "")),
        ("441782550100# → 441782550100\n4420# → 4420", ("regex", "#$", "")),
        (MANY_CODES, ("regex", r"^.*(\d{10})$", r"44\1")),
        ("442079460000 → 4420\n4417820 → 4417", ("regex", "^(.{4}).*$", r"\1")),
        ("1782#44 → 441782\n555#1 → 1555", ("regex", r"^(\d+)#(\d+)$", r"\2\1")),
        ("12345 → 34512\n67890 → 89067", ("regex", r"^(\d{2})(\d{3})$", r"\2\1")),
        ("+12x345a → 345*12\n+67x890b → 890*67", ("regex", r"^\+(\d{2})x(\d{3}).$", r"\2*\1")),
        ("100 → 441782550100\n217 → 441782550100", ("regex", "^(?:100|217)$", "441782550100")),
        ("12#34 → 1234\n1#2 → 12", ("regex", r"^(\d+)#(\d+)$", r"\1\2")),
        ("a44b → a33b\nxx44yy → xx33yy", ("regex", "44", "33")),
    ],
)
def test_the_simplest_and_safest_rule_comes_first(text, first):
    """C-15, S-065."""
    assert offers(text)[0] == first


def test_a_prefix_comes_before_its_counted_form():
    """C-15."""
    assert offers("01782550100 → 441782550100\n0207946000 → 44207946000") == [
        ("prefix", "0", "44"),
        ("regex", r"^0(\d{9,10})$", r"44\1"),
    ]
    whys = [each.why for each in suggested("01782550100 → 441782550100\n0207946000 → 44207946000").rules]
    assert whys == [
        "replaces a leading 0 by 44, whatever follows",
        "replaces a leading 0 by 44, only where exactly 9 to 10 digits follow",
    ]


def test_a_tag_for_every_number_is_offered_last():
    """W-046, C-15."""
    assert offers("441782 → #1#441782\n4420 → #1#4420")[-1] == ("regex", "^", "#1#")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no pairs yet"),
        ("1 → 1", "nothing has to change"),
        ("0044 → 44\n1 → 2\n0044 → 33", "into both 44 and 33: pairs 1 and 3 contradict each other"),
        ("12 → 21\n34 → 7\n5 → 99", "no single rule does all of it; 3 prefix rules would"),
        ("12 → 21\n34 → 7\n123 → 123\n345 → 345", "no single rule turns these numbers into those, nor do prefixes"),
    ],
)
def test_an_empty_list_comes_with_its_reason(text, reason):
    """C-15: an honest "no single rule"."""
    found = suggested(text)
    assert found.rules == ()
    assert reason in found.reason


def test_several_prefix_rules_are_offered_where_no_single_rule_does_it():
    """C-15, C-10."""
    found = suggested("01782 → 441782\n02079 → 442079\n0044 → 44\n00331 → 331\n+44 → 44")
    assert found.rules == ()
    assert found.reason == (
        "no single rule does all of it; 3 prefix rules would: "
        "00 → nothing for pairs 3, 4; 0 → 44 for pairs 1, 2; + → nothing for pair 5"
    )
    assert [(rule.current, rule.new, rule.stop) for rule in found.together] == [
        ("00", "", True),
        ("0", "44", True),
        ("+", "", True),
    ]


def test_the_rules_are_made_for_the_asked_parameter():
    found = suggest([Pair("0044", "44")], Parameter.CLI)
    assert {each.rule.parameter for each in found.rules} == {Parameter.CLI}


PAIRS = st.one_of(
    st.lists(st.builds(Pair, NUMBERS, NUMBERS), max_size=5),
    st.lists(NUMBERS.map(lambda rest: Pair("0" + rest, "44" + rest)), max_size=5),
    st.lists(st.tuples(st.sampled_from(["00", "+", "0044"]), NUMBERS).map(lambda two: Pair("".join(two), two[1]))),
    st.lists(st.text("0123456789", min_size=6, max_size=6).map(lambda got: Pair(got, got[3:] + got[:3])), max_size=5),
)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_whatever_is_offered_does_all_pairs_and_may_be_saved(pairs):
    """C-15."""
    found = suggest(pairs)
    assert len(found.rules) <= MOST_SUGGESTED
    assert bool(found.rules) != bool(found.reason)
    for each in found.rules:
        assert check_rule(each.rule) == []
        assert each.why
        for pair in pairs:
            assert apply_rules([each.rule], Parameter.DESTINATION, pair.got).result == pair.want
    for pair in pairs if found.together else []:
        assert all(rule.mode is Mode.PREFIX for rule in found.together)
        assert apply_rules(found.together, Parameter.DESTINATION, pair.got).result == pair.want
    assert suggest(pairs) == found
