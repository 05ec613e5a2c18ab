"""Whether a rewrite rule may be saved: one bad row stops every reload of the edge, and its next start."""

from __future__ import annotations

from cxtui.models.findings import Finding, error
from cxtui.models.rewrite import Mode

from .dialplan import TooManyGroups, edge_form, group_count
from .printable import clean
from .regex_parser import parse
from .regex_speed import slow_number
from .regex_tree import PRINTABLE, Choice
from .regex_words import RegexRefused
from .rewrite import LONGEST_RESULT, NewRefused, Rule, new_pieces

LONGEST_CURRENT = 255
"""Characters of *Current*."""

_NOT_IN_A_NUMBER = frozenset(' "<>@:[]{}|^`')
"""What ends or breaks the user part of a SIP address (RFC 3261 §25.1); `#` breaks none, tech prefixes use it."""


def check_rule(rule: Rule) -> list[Finding]:
    """What refuses a rule, beside the fields current and new (W-041, C-09, C-14); empty = it may be saved.

    `rule.new` may be as typed. Takes a few milliseconds at worst: the expression is tried on hostile numbers.
    """
    findings = _check_current(rule.current, rule.mode)
    pieces: tuple[str | int, ...] = ()
    try:
        pieces = new_pieces(rule.mode, rule.new)
    except NewRefused as refused:
        findings.append(error("new", str(refused), "C-14"))
    findings += _check_new(rule.new, pieces)
    if not findings and rule.mode is Mode.REGEX:
        findings += _check_regex(rule, pieces)
    return findings


def _check_current(current: str, mode: Mode) -> list[Finding]:
    if not current:
        return [error("current", "Current is required: write a prefix, or ^ in regex mode for every number", "W-041")]
    if len(current) > LONGEST_CURRENT:
        return [error("current", f"{len(current)} characters: at most {LONGEST_CURRENT} are allowed", "C-09")]
    if mode is Mode.REGEX:
        return []
    bad = next((character for character in current if character not in PRINTABLE or character == " "), "")
    if bad:
        return [error("current", f"{_named(bad)} cannot be part of a prefix: only ASCII without blanks", "C-09")]
    return []


def _check_new(new: str, pieces: tuple[str | int, ...]) -> list[Finding]:
    if len(new.encode("utf-8", "replace")) > LONGEST_RESULT:
        return [error("new", f"longer than the edge allows: at most {LONGEST_RESULT} characters", "C-14")]
    literal = "".join(piece for piece in pieces if isinstance(piece, str))
    bad = next((sign for sign in literal if sign not in PRINTABLE or sign in _NOT_IN_A_NUMBER), "")
    if bad:
        return [error("new", f"{_named(bad)} cannot stand in the number of a SIP address", "C-14")]
    return []


def _check_regex(rule: Rule, pieces: tuple[str | int, ...]) -> list[Finding]:
    from .pcre import CompileError, compile_pattern

    try:
        tree = parse(rule.current)
        compile_pattern(rule.current)
    except RegexRefused as refused:
        hint = ", or choose prefix" if refused.bare_plus else ""
        return [error("current", f"{refused}{hint}", "C-09")]
    except CompileError as refused:
        return [error("current", str(refused), "C-09")]
    return _check_references(tree, pieces) or _check_edge(rule, tree)


def _check_references(tree: Choice, pieces: tuple[str | int, ...]) -> list[Finding]:
    groups = group_count(tree)
    missing = sorted({piece for piece in pieces if isinstance(piece, int) and piece > groups})
    if not missing:
        return []
    words = ", ".join(f"${number}" for number in missing)
    there = {0: "no group", 1: "1 group"}.get(groups, f"{groups} groups")
    return [error("new", f"{words}: Current has {there}; write ( ) around what New takes over", "C-14")]


def _check_edge(rule: Rule, tree: Choice) -> list[Finding]:
    from .pcre import CompileError, compile_pattern

    try:
        form = edge_form(rule)
        compile_pattern(form.subst_exp)
    except TooManyGroups as refused:
        return [error("current", str(refused), "C-14")]
    except CompileError as refused:
        return [error("current", f"the edge cannot compile it as {form.subst_exp}: {refused.words}", "C-09")]
    number = slow_number(form.subst_exp, tree)
    if number is None:
        return []
    words = f"too slow: a number such as {_short(number)} would keep the edge busy"
    return [
        error("current", f"{words}; avoid repetitions inside or right behind each other, such as ([0-9]+)+", "C-09")
    ]


def _named(character: str) -> str:
    return "a blank" if character.isspace() else f"“{clean(character)}”"


def _short(number: str) -> str:
    return number if len(number) <= 16 else f"{number[:12]}… ({len(number)} characters)"
