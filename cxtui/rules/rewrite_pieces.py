"""Rules from examples where pieces of the number change their places (C-15)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cxtui.models.rewrite import Mode

from .dialplan import MOST_GROUPS, escaped
from .rewrite_families import Candidate, Pair, shared_heads, shared_tails

_LONGEST = 40
_TOKENS = re.compile(r"[0-9]+|[^0-9]+")


def moved(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """Pieces at fixed places are moved, dropped or parted by text; all numbers have one length."""
    gots, wants = [pair.got for pair in changed], [pair.want for pair in changed]
    if len(changed) < 2 or shared_heads(changed) or shared_tails(changed):
        return
    if len({*map(len, gots)}) > 1 or len({*map(len, wants)}) > 1:
        return
    if not 0 < len(gots[0]) <= _LONGEST or len(wants[0]) > _LONGEST:
        return
    pieces = _align(gots, wants)
    if pieces is None:
        return
    cuts = sorted({0, len(gots[0]), *(edge for piece in pieces if not isinstance(piece, str) for edge in piece)})
    used = {place for piece in pieces if not isinstance(piece, str) for place in range(*piece)}
    current, numbers = "^", dict[int, int]()
    for start, end in pairwise(cuts):
        texts = {got[start:end] for got in gots}
        if start in used:
            numbers[start] = len(numbers) + 1
            current += f"({_class(texts, end - start)})"
        else:
            current += escaped(texts.pop()) if len(texts) == 1 else _class(texts, end - start)
    if len(numbers) > MOST_GROUPS:
        return
    new = "".join(piece if isinstance(piece, str) else _references(piece, numbers) for piece in pieces)
    yield Candidate(Mode.REGEX, f"{current}$", new, "takes the number apart at fixed places and puts the pieces anew")


def tokens(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """Runs of digits with the same signs between them are moved or dropped, however long they are."""
    parted = [_TOKENS.findall(pair.got) for pair in changed]
    shapes = {tuple("" if token[0] in "0123456789" else token for token in number) for number in parted}
    digits = [index for index, token in enumerate(next(iter(shapes))) if not token]
    if len(shapes) > 1 or not 1 < len(digits) <= MOST_GROUPS:
        return
    numbers = {index: place for place, index in enumerate(digits, start=1)}
    current = "".join("(\\d+)" if index in numbers else escaped(token) for index, token in enumerate(parted[0]))
    new, rest = "", changed[0].want
    while rest:
        found = [index for index in digits if rest.startswith(parted[0][index])]
        index = max(found, key=lambda index: len(parted[0][index]), default=-1)
        new += rest[0] if index < 0 else f"\\{numbers[index]}"
        rest = rest[1 if index < 0 else len(parted[0][index]) :]
    yield Candidate(Mode.REGEX, f"^{current}$", new, "takes the number apart at its signs and puts the pieces anew")


def _align(gots: Sequence[str], wants: Sequence[str]) -> list[str | tuple[int, int]] | None:
    """What is wanted as literal text and (start, end) of what came in; None when some place is neither in all pairs."""
    pieces: list[str | tuple[int, int]] = []
    place = 0
    while place < len(wants[0]):
        start, length = max(
            ((start, _run(gots, wants, start, place)) for start in range(len(gots[0]))),
            key=lambda found: (found[1], -abs(found[0] - place)),
        )
        fixed = len({want[place] for want in wants}) == 1
        if length > 1 or (length and not fixed):
            pieces.append((start, start + length))
            place += length
        elif fixed:
            pieces.append(wants[0][place])
            place += 1
        else:
            return None
    return pieces


def _run(gots: Sequence[str], wants: Sequence[str], start: int, place: int) -> int:
    """How far what came in at `start` is what is wanted at `place`, in all pairs."""
    longest = min(len(gots[0]) - start, len(wants[0]) - place)
    for length in range(longest):
        if any(got[start + length] != want[place + length] for got, want in zip(gots, wants, strict=True)):
            return length
    return longest


def _references(piece: tuple[int, int], numbers: dict[int, int]) -> str:
    return "".join(f"\\{number}" for start, number in numbers.items() if piece[0] <= start < piece[1])


def _class(texts: set[str], length: int) -> str:
    one = "\\d" if all(text.isascii() and text.isdigit() for text in texts) else "."
    return one if length == 1 else f"{one}{{{length}}}"
