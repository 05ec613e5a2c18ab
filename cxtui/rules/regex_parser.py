"""Reads a regular expression into its tree and refuses what the edge cannot carry, naming the place.

The edge links PCRE1 8.39, the console PCRE2, and a dialplan row wraps the expression in groups of its own. Accepted is
what means the same in all three: literals, classes, groups, alternatives, repetitions, look-around, back-references,
`(?i)`. Refused is what PCRE1 lacks or reads otherwise (verbs, recursion, look-behind of varying length), what the
wrapping would change (`\\K`, conditions) and what no number needs (control characters, comments).
"""

from __future__ import annotations

import re

from .regex_classes import ESCAPES, read_class, read_hex
from .regex_tree import (
    LOOKAROUND,
    PRINTABLE,
    Assertion,
    Backreference,
    Characters,
    Choice,
    Flags,
    Group,
    Item,
    Repeat,
    size,
    width,
)
from .regex_words import NOT_CARRIED, UNKNOWN_ESCAPES, RegexRefused

DEEPEST = 20
MOST_REPEATED = 255
LARGEST = 2000
LONGEST_NAME = 32

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})[?+]?")
_NAMED = re.compile(r"\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')", re.ASCII)
_NAMED_BACKREFERENCE = re.compile(r"\?P=([A-Za-z_]\w*)\)", re.ASCII)
_FLAGS = re.compile(r"\?-?i(?=[:)])")
_NUMBERED = re.compile(r"g(?:\{(-?\d+)\}|(\d))(?!\d)", re.ASCII)
_BY_NAME = re.compile(r"(?:g\{([A-Za-z_]\w*)\}|k(?:<([A-Za-z_]\w*)>|\{([A-Za-z_]\w*)\}|'([A-Za-z_]\w*)'))", re.ASCII)
_OPENINGS = ("?:", "?=", "?!", "?>", "?<=", "?<!")


def parse(text: str) -> Choice:
    """The tree of an expression; raises `RegexRefused` with the place and the reason."""
    reader = _Reader(text)
    tree = reader.choice(0)
    if reader.place < len(text):
        raise RegexRefused(reader.place, "this ) closes no group: write \\) for a bracket in the number")
    if size(tree) > LARGEST:
        raise RegexRefused(0, f"the expression is too large: more than {LARGEST} parts with all repetitions counted")
    return tree


class _Reader:
    """A position in the expression, and the groups seen so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.open: set[int] = set()
        bad = next((place for place, character in enumerate(text) if character not in PRINTABLE), None)
        if bad is not None:
            raise RegexRefused(bad, "only ASCII characters can be matched at the edge")

    def choice(self, depth: int) -> Choice:
        if depth > DEEPEST:
            raise RegexRefused(self.place, f"more than {DEEPEST} groups inside each other")
        options = [self.option(depth)]
        while self.text.startswith("|", self.place):
            self.place += 1
            options.append(self.option(depth))
        return Choice(tuple(options))

    def option(self, depth: int) -> tuple[Item, ...]:
        items: list[Item] = []
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            items.append(self.repeated(self.item(depth)))
        return tuple(items)

    def item(self, depth: int) -> Item:
        character = self.text[self.place]
        if character == "(":
            return self.group(depth)
        if character == "[":
            members, end = read_class(self.text, self.place)
            return self.take(end, members)
        if character == "\\":
            return self.escape()
        if character in "*+?":
            raise RegexRefused(self.place, _nothing_to_repeat(character), bare_plus=character == "+")
        if character == "{":
            raise RegexRefused(self.place, "{ begins a count such as {3} or {3,5}: write \\{ for a brace in the number")
        self.place += 1
        if character in "^$":
            return Assertion(character)
        return Characters(character, PRINTABLE if character == "." else frozenset(character))

    def take(self, end: int, members: frozenset[str]) -> Characters:
        text = self.text[self.place : end]
        self.place = end
        return Characters(text, members)

    def repeated(self, item: Item) -> Item:
        found = _QUANTIFIER.match(self.text, self.place)
        if not found:
            return item
        fixed = isinstance(item, Assertion | Flags) or (isinstance(item, Group) and item.opening in LOOKAROUND)
        if fixed:
            sign = found[0][0]
            raise RegexRefused(self.place, _nothing_to_repeat(sign), bare_plus=sign == "+")
        low, high = _bounds(found)
        if (high is not None and (high < low or high == 0 or high > MOST_REPEATED)) or low > MOST_REPEATED:
            words = f"{found[0]} has to count upwards, from 0 or more to at most {MOST_REPEATED} and at least 1"
            raise RegexRefused(self.place, words)
        self.place = found.end()
        return Repeat(item, low, high, found[0])

    def escape(self) -> Item:
        start = self.place
        letter = self.text[start + 1 : start + 2]
        if not letter:
            raise RegexRefused(start, "the expression ends in a single \\")
        if letter in "123456789" or letter in "gk":
            return self.backreference()
        if letter in "AzZbB":
            self.place += 2
            return Assertion("\\" + letter)
        if letter in ESCAPES:
            return self.take(start + 2, ESCAPES[letter])
        if letter == "x":
            return self.take(start + 4, frozenset(read_hex(self.text, start)))
        if letter.isalnum():
            raise RegexRefused(start, UNKNOWN_ESCAPES.get(letter, f"\\{letter} is not known here"))
        return self.take(start + 2, frozenset(letter))

    def backreference(self) -> Item:
        start = self.place
        rest = self.text[start + 1 :]
        if rest[:1].isdigit():
            if rest[1:2].isdigit():
                words = f"\\{rest[:2]} is read as a character code: write \\g{{{rest[0]}}}{rest[1]} for group {rest[0]}"
                raise RegexRefused(start, words)
            return self.refer(int(rest[0]), start, start + 2)
        if numbered := _NUMBERED.match(rest):
            number = int(numbered[1] or numbered[2])
            if number < 0:
                number += self.groups + 1
            return self.refer(number, start, start + 1 + numbered.end())
        if named := _BY_NAME.match(rest):
            return self.refer(self.names.get(_first(named), 0), start, start + 1 + named.end())
        raise RegexRefused(start, NOT_CARRIED["recursion"])

    def refer(self, number: int, start: int, end: int) -> Backreference:
        if not 0 < number <= self.groups or number in self.open:
            raise RegexRefused(start, "this refers to a group that is not complete before it")
        self.place = end
        return Backreference(number)

    def group(self, depth: int) -> Item:
        start = self.place
        rest = self.text[start + 1 :]
        if flags := _FLAGS.match(rest):
            return self.flags(flags.end(), depth)
        if named_back := _NAMED_BACKREFERENCE.match(rest):
            return self.refer(self.names.get(named_back[1], 0), start, start + 1 + named_back.end())
        named = _NAMED.match(rest)
        opening = next((known for known in _OPENINGS if rest.startswith(known)), "")
        if not named and not opening and rest[:1] in ("?", "*"):
            raise RegexRefused(start, _why_not(rest))
        number = 0
        if not opening:
            self.groups += 1
            number = self.groups
            self.open.add(number)
        if named:
            self.name(_first(named), number)
            opening = named[0]
        return self.close(start, "(" + opening, number, depth)

    def flags(self, length: int, depth: int) -> Item:
        start = self.place
        text = self.text[start : start + 1 + length]
        if self.text[start + 1 + length] == ":":
            return self.close(start, text + ":", 0, depth)
        self.place += length + 2
        return Flags(text + ")")

    def close(self, start: int, opening: str, number: int, depth: int) -> Group:
        self.place = start + len(opening)
        body = self.choice(depth + 1)
        if not self.text.startswith(")", self.place):
            raise RegexRefused(start, "this group is never closed: a ) is missing, or write \\( for a bracket")
        self.place += 1
        self.open.discard(number)
        if opening in ("(?<=", "(?<!") and any(width(Choice((option,))) is None for option in body.options):
            raise RegexRefused(start, "a look-behind needs a fixed length at the edge: no *, +, ? or {n,m} in it")
        return Group(opening, number, body)

    def name(self, name: str, number: int) -> None:
        if name in self.names:
            raise RegexRefused(self.place, f"two groups are called {name}")
        if len(name) > LONGEST_NAME:
            raise RegexRefused(self.place, f"the name of a group has at most {LONGEST_NAME} characters")
        self.names[name] = number


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    sign = found[0][0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    low = int(found[1])
    if not found[2]:
        return low, low
    return low, int(found[3]) if found[3] else None


def _first(found: re.Match[str]) -> str:
    return next(name for name in found.groups() if name)


def _nothing_to_repeat(sign: str) -> str:
    plain = {"+": "a plus sign", "*": "a star"}.get(sign, f"“{sign}” itself")
    return f"{sign} repeats what stands before it, and nothing does that could be repeated: write \\{sign} for {plain}"


def _why_not(rest: str) -> str:
    if rest.startswith("*"):
        return NOT_CARRIED["verb"]
    for beginning, kind in (("?#", "comment"), ("?(", "condition"), ("?|", "reset"), ("?C", "callout")):
        if rest.startswith(beginning):
            return NOT_CARRIED[kind]
    if re.match(r"\?(?:R|&|P>|[+-]?\d)", rest):
        return NOT_CARRIED["recursion"]
    if re.match(r"\?[a-zA-Z^-]*[:)]", rest):
        return NOT_CARRIED["flags"]
    return "(? begins something unknown: write (?: for a group without a number, \\( for a bracket in the number"
