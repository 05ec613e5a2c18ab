"""CLI allow lists: what may stand on them, and whose call a number makes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.findings import Finding, errors
from cxtui.rules.cli_lists import (
    LONGEST_REGEX,
    MOST_REGEXES,
    RESTRICTED,
    CliList,
    admits,
    deciding,
    matches,
    parse,
    stored,
)
from cxtui.rules.values import read

HOSTILE = [
    "(",
    "[",
    "+",
    "*44",
    "^(44",
    "^44)",
    "\\",
    "^(a+)+$",
    "^(\\d+)+$",
    "^(\\d|\\d)*x",
    "^(\\d*)*\\d*x",
    "(*UTF)^44",
    "(*LIMIT_MATCH=4000000000)^(a+)+$",
    "(*NO_JIT)44",
    "(?R)",
    "^((?1))*",
    "(?C1)^44",
    "\\u1234",
    "\\x{41}",
    "\\C",
    "^44\x00",
    "\x1b]52;c;AAAA\x07",
    "^4\u0664",
    "\u202e44",
    "^" + "4" * LONGEST_REGEX,
    "(" * 100 + ")" * 100,
    "^((1{1,255}){1,255}){1,255}",
    "^44, ^45",
    "^44 ^45",
]


def said(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.severity}: {finding.text}" for finding in findings]


def lists(**texts: str) -> dict[str, CliList]:
    return {name: stored(text) for name, text in texts.items()}


@pytest.mark.parametrize(
    "number", ["1", "1234567", "+441782550100", "441782550100", "0", "+1", "1" * 15, "+" + "1" * 15]
)
def test_a_number_is_compared_exactly_as_it_arrives(number: str) -> None:
    """S-045, W-007: with its +, or without one."""
    parsed = parse(number)
    assert parsed.findings == ()
    assert parsed.list.numbers == {number}
    assert admits(parsed.list, number)
    for other in (number + "1", "1" + number, "+" + number, number.removeprefix("+") + "0", ""):
        assert not admits(parsed.list, other)


def test_a_number_with_a_plus_is_another_one_without() -> None:
    """S-045"""
    assert not admits(stored("+441782550100"), "441782550100")
    assert not admits(stored("441782550100"), "+441782550100")


@pytest.mark.parametrize("text", ["44,45,46", "44, 45 ;46", "44\n45\n46\n", "\r\n44\r\n\r\n45\r46", " 44 \n\t45\n46"])
def test_lines_and_pasted_commas_separate_numbers(text: str) -> None:
    """W-009"""
    parsed = parse(text)
    assert parsed.list.lines == ("44", "45", "46")
    assert parsed.list.text == "44\n45\n46"
    assert parsed.findings == ()


def test_a_comma_inside_an_expression_belongs_to_it() -> None:
    """W-007: regular expressions are allowed."""
    parsed = parse("^44[0-9]{8,10}$")
    assert parsed.findings == ()
    assert [cli for cli in ("4412345678", "441234567890", "4412345") if admits(parsed.list, cli)] == [
        "4412345678",
        "441234567890",
    ]


def test_each_line_is_judged_on_its_own_and_named() -> None:
    """S-045"""
    parsed = parse("1234567\n^44\n(\n44 1782\n1234567890123456\n1234567")
    assert said(parsed.findings) == [
        "error: (: character 1: this group is never closed: a ) is missing, or write \\( for a bracket",
        "error: 44 1782: a number is compared as it arrives, in digits only: write 441782",
        "error: 1234567890123456: 16 digits: a number has at most 15",
        "warning: 1234567 stands twice; it is kept once",
    ]
    assert admits(parsed.list, "1234567")
    assert admits(parsed.list, "4499")


@pytest.mark.parametrize("text", ["44-1782", "+44 (1782) 550", "44/1782", "0 1782"])
def test_a_number_as_people_write_it_is_refused_with_the_digits_to_write(text: str) -> None:
    """S-045: an expression with blanks would never match and say nothing."""
    (finding,) = errors(parse(text).findings)
    assert finding.text.startswith(f"{text}: ")
    assert finding.text.endswith("".join(sign for sign in text if sign in "+0123456789"))


@pytest.mark.parametrize("regex", [".*99$", "^44|99", "(^44|99)", "^44|^55|66"])
def test_an_expression_that_is_not_anchored_is_a_warning(regex: str) -> None:
    """W-007"""
    assert said(parse(regex).findings) == [f"warning: {regex} matches anywhere in the number: begin with ^"]


@pytest.mark.parametrize("regex", ["^44", "^44|^55", "^(44|55)", "(^44|^55)1", "(?i)^44", "\\A44", "(?:^44)"])
def test_an_anchored_expression_is_not_remarked_on(regex: str) -> None:
    """W-007"""
    assert parse(regex).findings == ()


@pytest.mark.parametrize("line", HOSTILE, ids=ascii)
def test_a_hostile_line_is_refused_named_and_never_run(line: str) -> None:
    """S-045: a verb could lift the limit, a slow one could stop the edge."""
    findings = parse(line).findings
    assert errors(findings)
    assert all(finding.text.isprintable() and "\u202e" not in finding.text for finding in findings)
    for cli in ("a" * 40 + "!", "1" * 64 + "x", "", "44"):
        assert not admits(stored(line), cli)
        assert not matches(line, cli)


def test_only_so_many_expressions_are_tried_on_a_call() -> None:
    """S-045"""
    many = "\n".join(f"^{number}" for number in range(1000, 1001 + MOST_REGEXES))
    (finding,) = errors(parse(many).findings)
    assert str(MOST_REGEXES) in finding.text
    assert errors(parse(many.partition("\n")[2]).findings) == ()


def test_an_empty_list_lets_all_pass_and_the_first_line_bars_all_others() -> None:
    """W-009"""
    assert admits(stored(""), "1234567")
    assert admits(stored(""), "")
    assert admits(stored("1234567"), "1234567")
    assert not admits(stored("1234567"), "1234578")
    assert not admits(stored("("), "1234567")


@pytest.mark.parametrize(
    ("cli", "words", "why"),
    [
        ("1234567", "Acme", "1234567"),
        ("1234578", "Beta", "1234578"),
        ("441782", "Acme", "^44"),
        ("999", RESTRICTED, ""),
        ("", RESTRICTED, ""),
        ("anonymous", RESTRICTED, ""),
        ("5550", "2: Acme, Beta", "^555, ^5550$"),
    ],
)
def test_a_call_is_routed_to_the_company_that_its_source_and_its_number_both_name(
    cli: str, words: str, why: str
) -> None:
    """W-007, S-045: the seed's example, 1234567 of one and 1234578 of the other."""
    decision = deciding(lists(Acme="1234567\n^44\n^555", Beta="1234578\n^5550$"), cli)
    assert (decision.words, decision.why) == (words, why)
    assert decision.settled is (words in ("Acme", "Beta"))


def test_a_company_without_a_list_takes_every_call() -> None:
    """W-009"""
    decision = deciding(lists(Acme="1234567", Beta=""), "1234567")
    assert decision.words == "2: Acme, Beta"
    assert decision.why == "1234567, it has no CLI list"
    assert deciding(lists(Acme="1234567", Beta=""), "999").words == "Beta"


def test_the_form_the_shell_and_files_read_a_list_alike() -> None:
    """S-045"""
    assert read(Company, {"cli_allow_list": "44, 45\n^46"}).values == {"cli_allow_list": "44\n45\n^46"}
    refused = read(Company, {"cli_allow_list": "44\n("})
    assert refused.values == {}
    assert [finding.field for finding in refused.findings] == ["cli_allow_list"]
    (too_long,) = read(Company, {"cli_allow_list": "1" * 20_001}).findings
    assert "at most 20000" in too_long.text


@given(st.text(alphabet="0123456789+,;\n\r ^$()[]{}|?*\\dDwWsSbAzZ-.\x1b\u0664(?:", max_size=60))
def test_whatever_is_typed_is_read_to_the_end_and_reading_it_again_changes_nothing(text: str) -> None:
    """S-045"""
    parsed = parse(text)
    again = parse(parsed.list.text)
    if not errors(parsed.findings):
        assert again.list == parsed.list == stored(parsed.list.text)
    assert all(finding.text.isprintable() for finding in parsed.findings)


@given(
    st.lists(st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True), unique=True, max_size=20), st.from_regex(r"[0-9]{1,6}")
)
def test_a_list_of_numbers_admits_these_and_no_others(numbers: list[str], other: str) -> None:
    """W-009"""
    parsed = parse("\n".join(numbers)).list
    assert all(admits(parsed, number) for number in numbers)
    assert admits(parsed, other) is (other in numbers or not numbers)
