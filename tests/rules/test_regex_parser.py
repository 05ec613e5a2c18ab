"""Which regular expressions are read, and what is known about them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtui.rules.pcre import CompileError, compile_pattern
from cxtui.rules.regex_parser import parse
from cxtui.rules.regex_tree import anchored_end, anchored_start, example, examples, width, write
from cxtui.rules.regex_words import RegexRefused
from tests.rules.regexes import PATTERNS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "^(.*)",
        r"\+",
        "^0([1-9]+)$",
        r"(?:0044|\+44|0)(\d{2,3})\d{1,}",
        "(?<n>a)(?P<m>b)(?'o'c)",
        "(?i)ab(?-i)c(?i:d)",
        "(?=1)(?!2)(?<=3|44)(?<!5{2})x",
        "(?>a+)b++c?+d*+",
        "[]a][^]b][a-][-a][[:^alpha:][:digit:]_][\\d.-][\\]\\[]",
        "]}",
        r"\b\B\A\Z\z\x2b\-\/",
        "a||b|",
    ],
)
def test_what_console_and_edge_read_alike_is_kept_as_it_is(text):
    """C-09."""
    assert write(parse(text)) == text
    compile_pattern(text)


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("+44", 1, r"write \+ for a plus sign"),
        ("^+44", 2, r"write \+ for a plus sign"),
        ("(*)", 1, "takes none from a rule"),
        ("a|*", 3, r"write \* for a star"),
        ("a**", 3, "nothing does that could be repeated"),
        (r"\b+", 3, "nothing does that could be repeated"),
        ("(?=a)*", 6, "nothing does that could be repeated"),
        ("a{,3}", 2, r"write \{ for a brace"),
        ("a{ 2}", 2, r"write \{ for a brace"),
        ("a{3,2}", 2, "count upwards"),
        ("a{0}", 2, "count upwards"),
        ("a{256}", 2, "at most 255"),
        ("(a", 1, "never closed"),
        ("1(a(b)", 2, "never closed"),
        ("a)", 2, "closes no group"),
        ("[a", 1, "never closed"),
        ("[z-a]", 3, "runs backwards"),
        (r"[\d-z]", 4, "one character on each side"),
        ("[[:digits:]]", 2, "is no class"),
        ("[[.a.]]", 2, r"write \[ for a bracket"),
        (r"[\b]", 2, "no meaning inside a class"),
        ("é", 1, "only ASCII"),
        ("a\tb", 2, "only ASCII"),
        ("a\\", 2, "ends in a single"),
        ("(?#c)", 1, "a comment"),
        ("(?x) a", 1, "only (?i)"),
        ("(?s:.)", 1, "only (?i)"),
        ("(?i-s)", 1, "only (?i)"),
        ("(?^)", 1, "only (?i)"),
        ("(?|a|b)", 1, "number the groups"),
        ("(a)(?(1)b|c)", 4, "a condition"),
        ("(?R)", 1, "calling a group again"),
        ("(a)(?1)", 4, "calling a group again"),
        ("(a)(?-1)", 4, "calling a group again"),
        ("(?<n>a)(?&n)", 8, "calling a group again"),
        ("(?<n>a)(?P>n)", 8, "calling a group again"),
        (r"(a)\g<1>", 4, "calling a group again"),
        ("(?C1)", 1, "a callout"),
        ("(*LIMIT_MATCH=1)a", 1, "takes none from a rule"),
        ("(*UTF)a", 1, "takes none from a rule"),
        ("a(*ACCEPT)b", 2, "takes none from a rule"),
        ("(?<1a>b)", 1, "something unknown"),
        ("(?<n>a)(?<n>b)", 8, "two groups are called n"),
        (f"(?<{'n' * 33}>a)", 1, "at most 32 characters"),
        (r"00\K44", 3, "write $1 in New"),
        (r"\G1", 1, "write ^"),
        (r"\Q+\E", 1, "special character"),
        (r"\R", 1, "not carried"),
        (r"\p{N}", 1, "not carried"),
        (r"\n", 1, "control characters"),
        (r"\x1b", 1, "printable ASCII"),
        (r"\x{31}", 1, "printable ASCII"),
        (r"\012", 1, "character code"),
        (r"(a)\10", 4, r"write \g{1}0"),
        (r"\y", 1, "not known"),
        (r"(\1)", 2, "not complete before it"),
        (r"\1(a)", 1, "not complete before it"),
        (r"(a)\g{-2}", 4, "not complete before it"),
        (r"(a)\k<n>", 4, "not complete before it"),
        ("(?<=a+)b", 1, "fixed length"),
        ("(?<=(?:a|bc))d", 1, "fixed length"),
        (r"(a)(?<=\1)b", 4, "fixed length"),
        ("(" * 30 + ")" * 30, 22, "inside each other"),
        ("(?:(?:a{255}){255}){255}", 1, "too large"),
    ],
)
def test_what_the_edge_cannot_carry_is_refused_with_the_place_and_the_reason(text, place, word):
    """C-09, C-14."""
    with pytest.raises(RegexRefused) as refused:
        parse(text)
    assert str(refused.value).startswith(f"character {place}: ")
    assert word in refused.value.words


@pytest.mark.parametrize(("text", "bare"), [("+44", True), ("(+)", True), ("*1", False), ("(", False)])
def test_a_plus_that_was_meant_as_a_sign_is_told_apart(text, bare):
    """C-09."""
    with pytest.raises(RegexRefused) as refused:
        parse(text)
    assert refused.value.bare_plus is bare


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("^a$", True, True),
        (r"\Aa\z", True, True),
        ("(?i)^a", True, False),
        ("^a|b", False, False),
        ("^a$|^b$", True, True),
        ("(^a|^b)c", True, False),
        ("a(b$)", False, True),
        ("(?=^a)b", False, False),
        ("(?<=^00)1", False, False),
        ("", False, False),
    ],
)
def test_anchors_count_when_every_match_has_them(text, start, end):
    tree = parse(text)
    assert (anchored_start(tree), anchored_end(tree)) == (start, end)


@pytest.mark.parametrize(
    ("text", "characters"),
    [("abc", 3), ("a{3}b", 4), ("(ab|cd)", 2), ("ab|c", None), ("a?", None), ("a{2,3}", None), (r"^\b(?=abc)a", 1)],
)
def test_the_width_of_a_match_is_known_where_it_does_not_vary(text, characters):
    assert width(parse(text)) == characters


def test_group_numbers_move_together():
    assert write(parse(r"(a)\1(?<n>b)\g{-1}\k<n>(?P=n)\g{n}0"), 2) == r"(a)\g{3}(?<n>b)\g{4}\g{4}\g{4}\g{4}0"


def test_examples_begin_with_the_plainest():
    assert examples(parse(r"^0(?:44|33)(\d{2})#?")) == ["04417", "03317#"]
    assert examples(parse(r"^(?:00|\+)([1-9]\d*)$"), 3) == ["001", "004", "+51782550100"]
    assert example(parse(r"(\d)\1")) == "00"


@settings(max_examples=300, deadline=None)
@given(PATTERNS)
def test_what_is_read_means_the_same_when_written_again(text):
    try:
        tree = parse(text)
    except RegexRefused:
        return
    again = write(tree)
    assert parse(again) == tree
    compile_pattern(text)
    compile_pattern(again)


@settings(max_examples=300, deadline=None)
@given(st.text(r"()[]{}?*+^$|\.:=!<>-,0123abkgPQEx'&#", max_size=14))
def test_no_text_ends_in_anything_but_a_tree_or_a_refusal(text):
    try:
        tree = parse(text)
    except RegexRefused:
        return
    try:
        compile_pattern(write(tree))
    except CompileError as error:
        raise AssertionError(f"{text} is read, but not compiled: {error}") from error
