"""SIP usernames and the number blocks companies choose them from (S-091…S-093, W-070)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from cxtui.models.findings import Finding, error

DUPLICATE_USER = "Duplicate User Detected"
LONGEST = 64
_SAFE = re.compile(r"[A-Za-z0-9._+-]")
_NUMBER = re.compile(r"(0|[1-9][0-9]*)\Z")


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """`size` consecutive internal numbers from `start` on."""

    start: int
    size: int

    def __post_init__(self) -> None:
        """Refuse a block that holds no number."""
        if self.start < 0 or self.size < 1:
            raise ValueError(f"a number block needs a start of 0 or more and a size of 1 or more, not {self}")

    @property
    def first(self) -> int:
        """Its lowest number."""
        return self.start

    @property
    def last(self) -> int:
        """Its highest number."""
        return self.start + self.size - 1

    def contains(self, username: str) -> bool:
        """Whether the username is one of its numbers, written without leading zeros."""
        if len(username) > LONGEST or not _NUMBER.match(username):
            return False
        return self.first <= int(username) <= self.last

    def overlaps(self, other: NumberBlock) -> bool:
        """Whether the two share a number."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        """The range as operators write it, such as "1000–1999"."""
        return f"{self.first}–{self.last}"


def check_username(text: str, block: NumberBlock | None = None) -> list[Finding]:
    """What is wrong with a username, and with its place outside the company's block if it has one (S-092).

    The alphabet is the part of RFC 3261 §25.1 `user` that no device escapes: letters, digits and . _ - +
    """
    if not text:
        return [error("username", "the username is empty", "S-091")]
    findings = []
    if len(text) > LONGEST:
        findings.append(error("username", f"at most {LONGEST} characters, this has {len(text)}", "S-091"))
    bad = next((character for character in text if not _SAFE.match(character)), "")
    if bad:
        words = f"{_name(bad)} is not allowed: letters, digits and . _ - + are"
        findings.append(error("username", words, "S-091"))
    elif block is not None and not block.contains(text):
        words = f"outside this company's number block: only {block} without leading zeros can be chosen"
        findings.append(error("username", words, "S-092"))
    return findings


def free(block: NumberBlock, taken: Iterable[str], limit: int) -> tuple[str, ...]:
    """At most `limit` numbers of the block that nobody on the account has, lowest first."""
    return tuple(islice(_free(block, taken), max(limit, 0)))


def next_free(block: NumberBlock, taken: Iterable[str]) -> str | None:
    """The lowest number of the block that nobody on the account has, None when the block is full."""
    return next(_free(block, taken), None)


def next_block(start: int, size: int, used: Iterable[NumberBlock]) -> NumberBlock:
    """The lowest block of `size` at `start`, `start + size`, … that overlaps none in use (W-070)."""
    candidate = NumberBlock(start, size)
    for block in sorted(used, key=lambda block: block.first):
        if candidate.overlaps(block):
            steps = (block.last - start) // size + 1
            candidate = NumberBlock(start + steps * size, size)
    return candidate


def _free(block: NumberBlock, taken: Iterable[str]) -> Iterator[str]:
    gone = frozenset(taken)
    return (name for name in map(str, range(block.first, block.last + 1)) if name not in gone)


def _name(character: str) -> str:
    if character.isspace():
        return "a blank"
    return f"“{character}”" if character.isprintable() else f"an invisible character (U+{ord(character):04X})"
