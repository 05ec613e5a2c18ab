"""Whether some number makes an expression take too long: hostile numbers made of the expression itself.

A caller chooses the number, so a slow rule is a way to stop the edge. For each repetition without end a number is made
that leads into it, goes round many times and then fails; the match is cut off at `pcre.MATCH_LIMIT` steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from .regex_tree import PRINTABLE, Characters, Choice, Group, Item, Repeat, example, parts

LONGEST_PROBE = 64
"""Bytes; as long as a number that the edge lets in."""

MOST_PROBES = 48
_MOST_UNITS = 4
_MANY = 8
_TAIL = "!"
_MOST_TAILS = 3
_ALWAYS = ("1" * 63, "+" + "4" * 62, "0" * 63, "a" * 63, "1#" * 31, "")


def slow_number(text: str, tree: Choice) -> str | None:
    """A number on which the expression runs into the limit, None when none was found; `text` has to compile."""
    from .pcre import TooSlow, compile_probe

    pattern = compile_probe(text)
    for number in islice(_probes(tree), MOST_PROBES):
        try:
            pattern.search(number.encode("ascii"))
        except TooSlow:
            return number
    return None


def _probes(tree: Choice) -> Iterator[str]:
    tails = _tails(tree)
    for lead, units in _repetitions(tree, ""):
        for unit in units:
            turns = max((LONGEST_PROBE - len(lead) - 1) // len(unit), 1)
            body = (lead + unit * turns)[: LONGEST_PROBE - 1]
            for tail in tails:
                yield body + tail
    for number in _ALWAYS:
        yield number + _TAIL
        yield number


def _tails(tree: Choice) -> list[str]:
    """Characters to fail at: one that no number has, and what negated classes such as `[^0]` leave out."""
    left_out = (PRINTABLE - part.members for part in parts(tree) if isinstance(part, Characters))
    excluded = (min(members) for members in left_out if 0 < len(members) < len(PRINTABLE) // 2)
    return list(dict.fromkeys((_TAIL, *excluded)))[:_MOST_TAILS]


def _repetitions(part: Choice | Item, lead: str) -> Iterator[tuple[str, list[str]]]:
    """Each repetition inside `part` that can go round many times: what leads into it, and what one turn takes."""
    if isinstance(part, Choice):
        for option in part.options:
            ahead = lead
            for item in option:
                yield from _repetitions(item, ahead)
                ahead += example(item)
    elif isinstance(part, Group):
        yield from _repetitions(part.body, lead)
    elif isinstance(part, Repeat):
        if part.high is None or part.high >= _MANY:
            turns = (example(part.item, variant) for variant in range(2 * _MOST_UNITS))
            units = list(dict.fromkeys(turn for turn in turns if turn))[:_MOST_UNITS]
            yield lead, units
        yield from _repetitions(part.item, lead)
