"""The characters that a class `[…]` or an escape such as `\\d` takes."""

from __future__ import annotations

import re
import string

from .regex_tree import PRINTABLE
from .regex_words import RegexRefused

_DIGITS = frozenset(string.digits)
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_BLANKS = frozenset(" ")

ESCAPES = {
    "d": _DIGITS,
    "D": PRINTABLE - _DIGITS,
    "w": _WORD,
    "W": PRINTABLE - _WORD,
    "s": _BLANKS,
    "S": PRINTABLE - _BLANKS,
    "h": _BLANKS,
    "H": PRINTABLE - _BLANKS,
}
"""The printable members of each escape; the edge compares bytes, so no digit but 0-9 is one."""

_POSIX = {
    "alnum": frozenset(string.ascii_letters + string.digits),
    "alpha": frozenset(string.ascii_letters),
    "blank": _BLANKS,
    "digit": _DIGITS,
    "graph": PRINTABLE - _BLANKS,
    "lower": frozenset(string.ascii_lowercase),
    "print": PRINTABLE,
    "punct": frozenset(string.punctuation),
    "space": _BLANKS,
    "upper": frozenset(string.ascii_uppercase),
    "word": _WORD,
    "xdigit": frozenset(string.hexdigits),
}
_POSIX_NAME = re.compile(r"\[:(\^?)([a-z]+):\]")
_HEX = re.compile(r"\\x([2-7][0-9A-Fa-f])")


def read_hex(text: str, start: int) -> str:
    """The character that `\\xHH` at `start` names; raises `RegexRefused` for one that no number holds."""
    found = _HEX.match(text, start)
    if not found or found[1].lower() == "7f":
        raise RegexRefused(start, "write \\x and the two hex digits of a printable ASCII character, such as \\x23")
    return chr(int(found[1], 16))


def read_class(text: str, start: int) -> tuple[frozenset[str], int]:
    """The members of the class at `start`, and where it ends; raises `RegexRefused`."""
    place = start + 1
    negated = text.startswith("^", place)
    place += negated
    members: frozenset[str] = frozenset()
    first = True
    while not text.startswith("]", place) or first:
        if place >= len(text):
            raise RegexRefused(start, "this class is never closed: a ] is missing, or write \\[ for a bracket")
        first = False
        taken, place = _member(text, place)
        if text.startswith("-", place) and text[place + 1 : place + 2] not in ("]", ""):
            taken, place = _range(text, place, taken)
        members |= taken
    return (PRINTABLE - members if negated else members), place + 1


def _member(text: str, place: int) -> tuple[frozenset[str], int]:
    """One entry of a class and the place behind it."""
    if found := _POSIX_NAME.match(text, place):
        if found[2] not in _POSIX:
            raise RegexRefused(place, f"{found[0]} is no class; there are {', '.join(_POSIX)}")
        named = _POSIX[found[2]]
        return (PRINTABLE - named if found[1] else named), found.end()
    character = text[place]
    if character == "[" and text[place + 1 : place + 2] in (":", ".", "="):
        raise RegexRefused(place, "[ inside a class: write \\[ for a bracket")
    if character != "\\":
        return frozenset(character), place + 1
    letter = text[place + 1 : place + 2]
    if letter in ESCAPES:
        return ESCAPES[letter], place + 2
    if letter == "x":
        return frozenset(read_hex(text, place)), place + 4
    if not letter or letter.isalnum():
        raise RegexRefused(place, f"\\{letter} has no meaning inside a class")
    return frozenset(letter), place + 2


def _range(text: str, place: int, low: frozenset[str]) -> tuple[frozenset[str], int]:
    """The range whose lower end was just read; `place` is that of its `-`."""
    high, end = _member(text, place + 1)
    if len(low) != 1 or len(high) != 1:
        raise RegexRefused(place, "a range needs one character on each side: put a - that is meant as itself last")
    first, last = ord(min(low)), ord(min(high))
    if first > last:
        raise RegexRefused(place, f"the range {chr(first)}-{chr(last)} runs backwards")
    return frozenset(map(chr, range(first, last + 1))), end
