"""Rules from examples: pairs of "came in" and "should be" in, rules that do all of them out (S-065, C-15).

Nothing is guessed and nothing leaves the machine: candidates are made from the pairs, and each one that is offered has
been run on every pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxtui.models.findings import Finding, error, warning
from cxtui.models.rewrite import Parameter

from .printable import clean
from .rewrite import Fault, Rule, apply_rules, bare_number, compile_rule
from .rewrite_check import check_rule
from .rewrite_families import (
    Candidate,
    Family,
    Pair,
    alternatives,
    counted,
    everywhere,
    first_digits,
    inside,
    last_digits,
    listed,
    next_digit,
    prefix,
    prefix_rules,
    suffix,
)
from .rewrite_pieces import moved, tokens

MOST_PAIRS = 1000
MOST_SUGGESTED = 5
_ARROW = re.compile(r"\s*(?:→|->|=>|⇒|➔)\s*")
_COLUMN = re.compile(r"\s*[,;\t]\s*")

FAMILIES: tuple[Family, ...] = (
    prefix,
    counted,
    next_digit,
    alternatives,
    suffix,
    last_digits,
    first_digits,
    listed,
    tokens,
    moved,
    inside,
    everywhere,
)
"""The simplest and safest first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule that turns every pair's first number into its second, and one sentence why."""

    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Rules, the simplest and safest first; without any, `reason` says why, and `together` may do it as a list."""

    rules: tuple[Suggestion, ...]
    reason: str = ""
    together: tuple[Rule, ...] = ()


def parse_pairs(text: str) -> tuple[tuple[Pair, ...], tuple[Finding, ...]]:
    """The pairs of a pasted text, one a line: "got → want", also with ->, =>, a comma, a tab or a blank between.

    A line that is none is an error with its number.
    """
    pairs: list[Pair] = []
    findings: list[Finding] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if len(pairs) == MOST_PAIRS:
            findings.append(warning("pairs", f"only the first {MOST_PAIRS} pairs are used", "C-15"))
            break
        parts = _split(line.strip())
        if parts is None:
            words = f"line {number}, {_short(line.strip())}: write what came in, an arrow and what it should be"
            findings.append(error("pairs", f"{words}, such as 01782 -> 441782", "C-15"))
            continue
        pair = Pair(bare_number(parts[0]), bare_number(parts[1]))
        if not pair.got:
            findings.append(error("pairs", f"line {number}: no number stands before the arrow", "C-15"))
        else:
            pairs.append(pair)
    return tuple(pairs), tuple(findings)


def suggest(pairs: Iterable[Pair], parameter: Parameter = Parameter.DESTINATION) -> Suggestions:
    """At most MOST_SUGGESTED rules of which each one alone does all pairs; a pair of equals means: stays as it is."""
    pairs = tuple(pairs)
    changed = [pair for pair in pairs if pair.got != pair.want]
    if not changed:
        return Suggestions((), "nothing has to change in these pairs" if pairs else "no pairs yet: paste some")
    if contradiction := _contradiction(pairs):
        return Suggestions((), contradiction)
    kept = [pair for pair in pairs if pair.got == pair.want]
    rules: list[Suggestion] = []
    for family in FAMILIES:
        seen = {each.rule for each in rules}
        rules += [each for each in _proven(family(changed, kept), pairs, parameter) if each.rule not in seen]
        if len(rules) == MOST_SUGGESTED:
            break
    return Suggestions(tuple(rules)) if rules else _together(pairs, parameter)


def _proven(found: Iterable[Candidate], pairs: Sequence[Pair], parameter: Parameter) -> list[Suggestion]:
    """The first of a family's members that does all pairs and may be saved."""
    for each in found:
        rule = each.rule(parameter)
        if _does_all(rule, pairs) and not check_rule(rule):
            return [Suggestion(rule, each.why)]
    return []


def _does_all(rule: Rule, pairs: Sequence[Pair]) -> bool:
    try:
        replace = compile_rule(rule)
        return all((pair.got if (after := replace(pair.got)) is None else after) == pair.want for pair in pairs)
    except (Fault, ValueError):
        return False


def _contradiction(pairs: Sequence[Pair]) -> str:
    first: dict[str, int] = {}
    for index, pair in enumerate(pairs):
        other = first.setdefault(pair.got, index)
        if other != index:
            words = f"no single rule turns {pair.got} into both {pairs[other].want} and {pair.want}"
            return f"{words}: pairs {other + 1} and {index + 1} contradict each other"
    return ""


def _together(pairs: Sequence[Pair], parameter: Parameter) -> Suggestions:
    """Several prefix rules, each of which stops, if these do what no single rule does."""
    rules = prefix_rules(pairs, parameter)
    done = rules and all(apply_rules(rules, parameter, pair.got).result == pair.want for pair in pairs)
    if not done or any(check_rule(rule) for rule in rules):
        return Suggestions((), "no single rule turns these numbers into those, nor do prefixes: try fewer pairs")
    changed: dict[Rule, list[int]] = {rule: [] for rule in rules}
    for index, pair in enumerate(pairs):
        for step in apply_rules(rules, parameter, pair.got).changes:
            changed[rules[step.rule]].append(index + 1)
    words = "; ".join(f"{rule.current} → {rule.new or 'nothing'} for {_pairs(changed[rule])}" for rule in rules)
    return Suggestions((), f"no single rule does all of it; {len(rules)} prefix rules would: {words}", rules)


def _pairs(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"pair {numbers[0]}"
    shown = ", ".join(map(str, numbers[:6]))
    return f"pairs {shown}" + (" …" if len(numbers) > 6 else "")


def _split(line: str) -> list[str] | None:
    for separator in (_ARROW, _COLUMN):
        parts = separator.split(line)
        if len(parts) == 2:
            return parts
        if len(parts) > 2:
            return None
    words = line.split()
    return words if len(words) == 2 else None


def _short(line: str) -> str:
    line = clean(line)
    return line if len(line) <= 40 else line[:39] + "…"
