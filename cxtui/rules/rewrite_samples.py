"""Numbers to try rewrite rules with: common ones, and ones made from a rule so that it matches them."""

from __future__ import annotations

from cxtui.models.rewrite import Mode

from .regex_parser import parse
from .regex_tree import FILLER, anchored_end, anchored_start, examples
from .regex_words import RegexRefused
from .rewrite import Fault, Replace, Rule

COMMON = (
    "441782550100",
    "01782550100",
    "00441782550100",
    "+441782550100",
    "12025550123",
    "493012345678",
    "2001",
    "112",
    "*72",
    "#1#441782550100",
    "anonymous",
    "7",
)
_TAILS = ("", FILLER, *(f"{digit}{FILLER}" for digit in "023456789"), "+" + FILLER)
_VARIANTS = 6


def samples_of(rule: Rule, replace: Replace) -> list[str]:
    """Different numbers that the rule changes or stops at, plain ones first; `replace` is the rule compiled."""
    return [number for number in dict.fromkeys(_candidates(rule)) if number and matches(replace, number)]


def matches(replace: Replace, number: str) -> bool:
    """Whether a compiled rule has an effect on a number."""
    try:
        return replace(number) is not None
    except Fault:
        return False


def _candidates(rule: Rule) -> list[str]:
    if rule.mode is Mode.PREFIX:
        return [*(rule.current + tail for tail in _TAILS), *COMMON]
    try:
        tree = parse(rule.current)
    except RegexRefused:
        return list(COMMON)
    heads = ("",) if anchored_start(tree) else ("", FILLER)
    tails = ("",) if anchored_end(tree) else _TAILS
    made = examples(tree, _VARIANTS)
    return [*(head + text + tail for text in made for head in heads for tail in tails), *COMMON]
