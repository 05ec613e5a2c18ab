"""Parameter Rewrite: what a rule does to a number, and a list of rules one after the other (W-042, C-09, C-10, C-14).

A prefix rule replaces the beginning of the number, taken literally. A regex rule replaces the first match, wherever it
is. Whether a rule may be saved is `rules.rewrite_check`, its form at the edge `rules.dialplan`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from cxtui.models.rewrite import Mode, Parameter

from .printable import clean
from .regex_parser import parse

LONGEST_RESULT = 126
"""Bytes; the edge does not translate into more (measured with Kamailio 5.6.3: 126 pass, 127 do not)."""

MOST_NUMBERS = 10_000

Replace = Callable[[str], str | None]
"""A compiled rule: the number after it, None when it does not match; raises `Fault` when it has no effect."""

_PREFIX_LIKE = re.compile(r"[0-9+]*")
_REFERENCE = re.compile(r"[$\\](?:([0-9])|\{([0-9])\})|[$\\]")
_SEPARATORS = re.compile(r"[\n\r,;\t]")
_PUNCTUATION = re.compile(r"[\s()./\u2010-\u2015\u2212-]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is worked with; `new` in the form of `canonical_new`."""

    parameter: Parameter
    mode: Mode
    current: str
    new: str
    stop: bool = False


class Fault(Exception):
    """A rule matched or ran too long and has no effect on this number; the words say why."""


class NewRefused(ValueError):
    """A replacement that the edge would read as something else; the words say what to write."""


class StepKind(StrEnum):
    """What a rule did to a number."""

    NO_MATCH = "no match"
    REPLACED = "replaced"
    STOPPED = "stopped here"
    FAULT = "fault"


class Step(NamedTuple):
    """What one rule did, `rule` its index in the list; `reason` says why a fault had no effect, else it is empty."""

    rule: int
    before: str
    after: str
    kind: StepKind
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """The number after all rules; `changes` are the steps that matched, `considered` the rules of the parameter."""

    number: str
    result: str
    changes: tuple[Step, ...]
    considered: tuple[int, ...]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The ladder: one step per rule of the parameter, up to the one that stopped."""
        changed = {step.rule: step for step in self.changes}
        number, ladder = self.number, []
        for index in self.considered:
            step = changed.get(index) or Step(index, number, number, StepKind.NO_MATCH)
            ladder.append(step)
            number = step.after
            if step.kind is StepKind.STOPPED:
                break
        return tuple(ladder)


def default_mode(current: str) -> Mode:
    """How a new *Current* is read unless the operator says otherwise: digits and + alone are a prefix (C-09)."""
    return Mode.PREFIX if _PREFIX_LIKE.fullmatch(current) else Mode.REGEX


def read_new(text: str) -> tuple[str | int, ...]:
    """A replacement as literal text and group numbers, 0 the whole match; raises `NewRefused` (C-14)."""
    pieces: list[str | int] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        if found[0] in ("$", "\\"):
            words = f"character {found.start() + 1}: {found[0]} stands only before the number of a group"
            raise NewRefused(f"{words}: $0 is the whole match, $1 to $9 are the groups")
        if found.start() > end:
            pieces.append(text[end : found.start()])
        pieces.append(int(found[1] or found[2]))
        end = found.end()
    if end < len(text):
        pieces.append(text[end:])
    return tuple(pieces)


def canonical_new(text: str) -> str:
    """A replacement as it is stored: `$1`, `${1}` and `\\1` all become `\\1`; raises `NewRefused` (C-14)."""
    return "".join(piece if isinstance(piece, str) else f"\\{piece}" for piece in read_new(text))


def new_pieces(mode: Mode, new: str) -> tuple[str | int, ...]:
    """`read_new` where a prefix rule may not refer to a group; raises `NewRefused`."""
    pieces = read_new(new)
    if mode is Mode.PREFIX and any(isinstance(piece, int) for piece in pieces):
        raise NewRefused("a prefix has no groups to refer to: choose regex, or leave the reference out")
    return pieces


@lru_cache(maxsize=4096)
def compile_rule(rule: Rule) -> Replace:
    """The rule as a function; raises ValueError for one that `check_rule` refuses."""
    if not rule.current:
        raise ValueError("Current is empty")
    pieces = new_pieces(rule.mode, rule.new)
    if rule.mode is Mode.PREFIX:
        return _prefix(rule.current, rule.new)
    return _regex(rule.current, pieces)


def apply_rules(rules: Iterable[Rule], parameter: Parameter, number: str) -> Outcome:
    """What the rules of `parameter` make of a number, the result of one being the input of the next (C-10)."""
    return apply_to_all(rules, parameter, (number,))[0]


def apply_to_all(rules: Iterable[Rule], parameter: Parameter, numbers: Iterable[str]) -> list[Outcome]:
    """The same for many numbers, in their order; a rule that cannot be compiled is a fault on each."""
    chain = [(index, _compiled(rule), rule.stop) for index, rule in enumerate(rules) if rule.parameter == parameter]
    considered = tuple(index for index, _, _ in chain)
    return [_run(chain, considered, number) for number in numbers]


def split_numbers(text: str) -> list[str]:
    """The numbers of a pasted list, apart by line, comma, semicolon or tab; at most MOST_NUMBERS, the first ones."""
    numbers = map(bare_number, _SEPARATORS.split(text))
    return list(islice(filter(None, numbers), MOST_NUMBERS))


def bare_number(text: str) -> str:
    """A number without the blanks, dots, dashes, slashes and brackets that people write into it."""
    return clean(_PUNCTUATION.sub("", text))


def _compiled(rule: Rule) -> Replace:
    try:
        return compile_rule(rule)
    except ValueError as refused:
        reason = str(refused)

    def fail(number: str) -> str | None:
        raise Fault(reason)

    return fail


def _run(chain: Sequence[tuple[int, Replace, bool]], considered: tuple[int, ...], number: str) -> Outcome:
    changes = []
    current = number
    for index, replace, stop in chain:
        try:
            after = replace(current)
        except Fault as fault:
            changes.append(Step(index, current, current, StepKind.FAULT, str(fault)))
            continue
        if after is None:
            continue
        changes.append(Step(index, current, after, StepKind.STOPPED if stop else StepKind.REPLACED))
        current = after
        # The edge runs no rule on an empty number: such a call is refused.
        if stop or not current:
            break
    return Outcome(number, current, tuple(changes), considered)


def _prefix(current: str, new: str) -> Replace:
    length = len(current)

    def replace(number: str) -> str | None:
        return _bounded(new + number[length:]) if number.startswith(current) else None

    return replace


def _regex(current: str, pieces: tuple[str | int, ...]) -> Replace:
    from .pcre import TooSlow, compile_pattern

    parse(current)  # refuses what PCRE2 knows and the edge does not
    pattern = compile_pattern(current)
    if any(isinstance(piece, int) and piece > pattern.groups for piece in pieces):
        raise ValueError("New refers to a group that Current does not have")
    search = pattern.search
    template = tuple(piece if isinstance(piece, int) else _bytes(piece) for piece in pieces)

    def replace(number: str) -> str | None:
        subject = _bytes(number)
        try:
            match = search(subject)
        except TooSlow:
            raise Fault("too slow: the match was given up") from None
        if match is None:
            return None
        start, end = match.span()
        result = subject[:start]
        for piece in template:
            if isinstance(piece, bytes):
                result += piece
            else:
                first, last = match.span(piece)
                if first >= 0:
                    result += subject[first:last]
        return _bounded((result + subject[end:]).decode("utf-8", "surrogateescape"))

    return replace


def _bounded(result: str) -> str:
    length = len(result) if result.isascii() else len(_bytes(result))
    if length > LONGEST_RESULT:
        raise Fault(f"the result is longer than the edge allows: {length} bytes, at most {LONGEST_RESULT}")
    return result


def _bytes(number: str) -> bytes:
    """The number as it stands in a SIP message; half a character that a rule left behind comes back whole."""
    try:
        return number.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return number.encode("utf-8", "replace")
