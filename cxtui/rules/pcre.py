"""The one door to PCRE2: expressions over bytes as the edge matches them, cut off when a match takes too long.

Compiled from bytes, so without UTF and Unicode properties: `\\d` is 0-9 and nothing else, as at the edge.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, cast

import pcre2  # type: ignore[import-untyped]

MATCH_LIMIT = 20_000
"""Steps after which a match is given up: 0.1 ms here, 1 ms at the edge, where a caller would wait for it."""


class Match(Protocol):
    """Where an expression matched."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """The start and end of a group, (-1, -1) when it took no part."""

    def group(self, group: int = 0) -> bytes | None:
        """What a group took, None when it took no part."""


class Pattern(Protocol):
    """A compiled expression; `search` raises `TooSlow` by the name of `LibraryError`."""

    groups: int

    def search(self, subject: bytes) -> Match | None:
        """The first match in `subject`."""


class CompileError(ValueError):
    """PCRE2 refuses an expression: `place` counts characters from 0, `words` are the library's."""

    def __init__(self, place: int, words: str) -> None:
        """Keep the place apart from the words."""
        super().__init__(f"character {place + 1}: {words}")
        self.place = place
        self.words = words


TooSlow: type[Exception] = pcre2.LibraryError
"""What a search raises that was cut off at `MATCH_LIMIT` (or, the same to us, ran out of stack)."""


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """An expression ready for many searches; raises `CompileError`, and ValueError when it is not ASCII."""
    return _compile(text, "", jit=True)


def compile_probe(text: str) -> Pattern:
    """The same without the shortcuts that a matcher takes: what a hostile number can make of it."""
    return _compile(text, "(*NO_START_OPT)", jit=False)


def _compile(text: str, verbs: str, *, jit: bool) -> Pattern:
    verbs = f"{verbs}(*LIMIT_MATCH={MATCH_LIMIT})"
    try:
        return cast(Pattern, pcre2.compile((verbs + text).encode("ascii"), jit=jit))
    except pcre2.LibraryError as error:
        place = getattr(error, "pos", len(verbs)) - len(verbs)
        raise CompileError(max(place, 0), error.msg.rpartition("; ")[2]) from None
