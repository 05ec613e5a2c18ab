"""Whether CLI allow lists of companies on one address keep their calls apart (W-007, W-008, W-009)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations, islice

from cxtui.models.findings import Finding, error, warning

from .cli_lists import LONGEST_NUMBER, CliList, matches, quoted

MOST_SHOWN = 20
"""Findings beside one company about one other; one more counts the rest."""

MOST_COMPARED = 400
"""Pairs of expressions of two companies that are tried on numbers, 1 ms each."""

_EXAMPLES = 8
_FILLERS = "05"


def overlaps(lists: Mapping[str, CliList], pairs: Iterable[tuple[str, str]] | None = None) -> list[Finding]:
    """What keeps ``lists``, by the companies' names, from telling their calls apart; ``field`` is the company's name.

    ``pairs`` are the companies that do meet on an address, all of them unless given. Errors: a company without a list
    beside others, a number on two lists, a number that another's expression matches, one expression on two lists, and
    two expressions for which a number was found that both match. That none was found proves nothing.
    """
    meeting = list(combinations(lists, 2) if pairs is None else pairs)
    findings = [_without_list(name) for name in lists if not lists[name].lines and _meets(name, meeting)]
    for one, other in meeting:
        mine, theirs = lists[one], lists[other]
        if mine.lines and theirs.lines:
            findings += _shortened(one, _seen_from(mine, theirs, other))
            findings += _shortened(other, _seen_from(theirs, mine, one))
            findings += _not_compared(one, other, mine, theirs)
    return findings


@lru_cache(maxsize=8192)
def common_number(one: str, other: str) -> str:
    """A number that two expressions both match, "" where none was found among those that they look made for."""
    for number in _candidates(one, other):
        if matches(one, number) and matches(other, number):
            return number
    return ""


def _without_list(name: str) -> Finding:
    return error(name, f"{name} has no CLI list: every call would be theirs", "W-009")


def _meets(name: str, pairs: Iterable[tuple[str, str]]) -> bool:
    return any(name in pair for pair in pairs)


def _seen_from(mine: CliList, theirs: CliList, whose: str) -> Iterator[str]:
    """What is wrong with lines of ``mine`` because of the list of ``whose``, one sentence a line."""
    for line in mine.lines:
        if line in theirs.lines:
            yield f"{quoted(line)} also stands on the list of {whose}"
        elif line in mine.numbers:
            other = next((regex for regex in theirs.regexes if matches(regex, line)), "")
            if other:
                yield f"{line} is also matched by {quoted(other)} of {whose}"
        else:
            number = next((number for number in theirs.lines if number in theirs.numbers and matches(line, number)), "")
            if number:
                yield f"{quoted(line)} also matches {number} of {whose}"
            else:
                yield from _common(line, mine, theirs, whose)


def _common(line: str, mine: CliList, theirs: CliList, whose: str) -> Iterator[str]:
    for other in islice(theirs.regexes, MOST_COMPARED // len(mine.regexes)):
        number = common_number(*sorted((line, other)))
        if number:
            yield f"{quoted(line)} and {quoted(other)} of {whose} both match {number}"
            return


def _not_compared(one: str, other: str, mine: CliList, theirs: CliList) -> list[Finding]:
    pairs = len(mine.regexes) * len(theirs.regexes)
    if pairs <= MOST_COMPARED:
        return []
    return [warning(one, f"of {pairs} pairs of expressions with {other}, only {MOST_COMPARED} were compared", "W-007")]


def _shortened(name: str, sentences: Iterator[str]) -> list[Finding]:
    found = [error(name, sentence, "W-007") for sentence in sentences]
    rest = len(found) - MOST_SHOWN
    return [*found[:MOST_SHOWN], *([error(name, f"and {rest} more like these", "W-007")] if rest > 0 else [])]


def _candidates(one: str, other: str) -> Iterator[str]:
    """Numbers of up to 15 digits that two expressions look made for: what each asks for, alone and both together."""
    from .regex_parser import parse
    from .regex_tree import examples

    try:
        mine, theirs = (examples(parse(regex), _EXAMPLES) for regex in (one, other))
    except ValueError:
        return
    for text in (*mine, *theirs):
        yield text
        for digit in _FILLERS:
            for length in range(len(text) + 1, LONGEST_NUMBER + 1):
                yield text.ljust(length, digit)
                yield text.rjust(length, digit)
    for first, last in (
        (first, last) for pair in ((mine, theirs), (theirs, mine)) for first in pair[0] for last in pair[1]
    ):
        for length in range(len(first) + len(last), LONGEST_NUMBER + 1):
            yield first + last.rjust(length - len(first), _FILLERS[0])
