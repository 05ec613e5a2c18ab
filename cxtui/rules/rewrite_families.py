"""Kinds of rules that examples suggest, each family from its simplest member on (C-15).

Nothing here is sure: a member follows from the pairs that change, the caller runs it on all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cxtui.models.rewrite import Mode, Parameter

from .dialplan import escaped
from .rewrite import Rule

LONGEST_END = 24
"""Characters of a prefix or suffix that are tried."""

MOST_ALTERNATIVES = 8
MOST_LISTED = 12

FEWEST_KEPT = 3
"""Digits that have to stay for them to be more than a coincidence."""

_DIGITS = "0123456789"


class Pair(NamedTuple):
    """What came in and what it should be; equal ones mean that it stays."""

    got: str
    want: str


class Candidate(NamedTuple):
    """Current and New of a rule that may do, its mode, and one sentence why."""

    mode: Mode
    current: str
    new: str
    why: str

    def rule(self, parameter: Parameter) -> Rule:
        """The rule it stands for."""
        return Rule(parameter, self.mode, self.current, self.new)


Family = Callable[[Sequence[Pair], Sequence[Pair]], Iterator[Candidate]]
"""The pairs that change and those that stay in, candidates out."""


def prefix(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """One beginning is replaced."""
    heads = shared_heads(changed)
    if not kept and heads[:1] and not heads[0][0]:
        return  # something is put before the number: that needs no beginning
    for before, after in heads:
        if before:
            yield Candidate(Mode.PREFIX, before, after, f"{_replaced('a leading', before, after)}, whatever follows")


def counted(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """One beginning is replaced where as many digits follow as in the pairs."""
    for before, after in shared_heads(changed):
        tails = [pair.got[len(before) :] for pair in changed]
        if all(_is_digits(tail) for tail in tails):
            count = _count(tails)
            what = _replaced("a leading", before, after) if before else f"puts {after} before the number"
            why = f"{what}, only where exactly {_counted(tails)} digits {'follow' if before else 'are all there is'}"
            yield _regex(f"^{escaped(before)}(\\d{count})$", f"{after}\\1", why)


def next_digit(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """One beginning is replaced, unless what follows is as in the pairs that stay."""
    for before, after in shared_heads(changed):
        follow = {pair.got[len(before) : len(before) + 1] for pair in changed}
        stay = {pair.got[len(before) : len(before) + 1] for pair in kept if pair.got.startswith(before)}
        if not stay or not follow <= set(_DIGITS):
            continue
        for digits in (set(_DIGITS) - stay, follow):
            of = ", ".join(_ranges(digits))
            adds = f"puts {after} before a number that begins with one of {of}"
            why = f"{_replaced('a leading', before, after)}, where one of {of} follows" if before else adds
            yield _regex(f"^{escaped(before)}([{''.join(_ranges(digits))}])", f"{after}\\1", why)


def alternatives(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """Several beginnings become one."""
    heads = [{after: before for before, after in _heads(pair)} for pair in changed]
    for after in sorted(set(heads[0]).intersection(*heads[1:]), key=len):
        befores = sorted({head[after] for head in heads}, key=lambda text: (-len(text), text))
        rest = min(len(pair.want) for pair in changed) - len(after)
        chance = rest < (1 if len(after) < FEWEST_KEPT else FEWEST_KEPT)
        if 1 < len(befores) <= MOST_ALTERNATIVES and all(befores) and not chance:
            current = "|".join(escaped(before) for before in befores)
            why = f"a leading {' or '.join(befores)} becomes {after or 'nothing'}, whatever follows"
            yield _regex(f"^(?:{current})", after, why)


def everywhere(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """Something is put before every number."""
    for before, after in shared_heads(changed)[:1]:
        if not before:
            yield _regex("^", after, f"puts {after} before every number, also before one that has it already")


def last_digits(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """The last digits are kept, whatever stands before them."""
    if shared_heads(changed):
        return  # only one beginning to replace
    ends = [{(after, len(pair.got) - len(before)) for before, after in _heads(pair)} for pair in changed]
    for after, length in sorted(ends[0].intersection(*ends[1:])):
        if length >= FEWEST_KEPT and all(_is_digits(pair.got[-length:]) for pair in changed):
            why = f"keeps the last {length} digits" + (f" and puts {after} before them" if after else "")
            yield _regex(f"^.*(\\d{{{length}}})$", f"{after}\\1", why)


def suffix(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """One ending is replaced."""
    for before, after in shared_tails(changed):
        what = _replaced("the ending", before, after) if before else f"puts {after} behind the number"
        heads = [pair.got[: len(pair.got) - len(before)] for pair in changed]
        if not before and all(_is_digits(head) for head in heads):
            why = f"{what}, only where it has exactly {_counted(heads)} digits"
            yield _regex(f"^(\\d{_count(heads)})$", f"\\1{after}", why)
        yield _regex(f"{escaped(before)}$", after, f"{what}, whatever stands before")


def first_digits(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """The first digits are kept, the rest is dropped."""
    lengths = {len(pair.want) for pair in changed}
    length = min(lengths)
    if len(changed) > 1 and len(lengths) == 1 and length and all(pair.got.startswith(pair.want) for pair in changed):
        yield _regex(f"^(.{{{length}}}).*$", "\\1", f"keeps the first {length} characters")


def inside(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """One text in the middle is replaced wherever it first stands."""
    middles = {_middle(pair) for pair in changed}
    before, after = next(iter(middles))
    if len(middles) == 1 and before and not shared_heads(changed) and not shared_tails(changed):
        yield _regex(escaped(before), after, f"{_replaced('the first', before, after)}, wherever it stands")


def listed(changed: Sequence[Pair], kept: Sequence[Pair]) -> Iterator[Candidate]:
    """Exactly these numbers become one."""
    if len({pair.want for pair in changed}) == 1 and len(changed) <= MOST_LISTED:
        numbers = sorted({pair.got for pair in changed})
        current = "|".join(map(escaped, numbers))
        becomes = f"becomes {changed[0].want or 'nothing'}"
        why = f"exactly {numbers[0]} {becomes}" if len(numbers) == 1 else f"each of these {len(numbers)} {becomes}"
        yield _regex(f"^(?:{current})$" if len(numbers) > 1 else f"^{current}$", changed[0].want, why)


def shared_heads(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """Each (before, after) such that every pair is `before` + rest → `after` + rest, the shortest first."""
    common = set(_heads(pairs[0]))
    for pair in pairs[1:]:
        common.intersection_update(_heads(pair))
        if not common:
            break
    return sorted(
        (head for head in common if any(pair.got != head[0] for pair in pairs)), key=lambda head: len(head[0])
    )


def shared_tails(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """The same for endings: every pair is rest + `before` → rest + `after`."""
    turned = [Pair(pair.got[::-1], pair.want[::-1]) for pair in pairs]
    return [(before[::-1], after[::-1]) for before, after in shared_heads(turned)]


def prefix_rules(pairs: Sequence[Pair], parameter: Parameter) -> tuple[Rule, ...]:
    """Few prefix rules, each of which stops, that might do all pairs as a list; none if it takes too many."""
    left = [pair for pair in pairs if pair.got != pair.want]
    kept = [pair.got for pair in pairs if pair.got == pair.want]
    chosen: list[tuple[str, str]] = []
    while left and len(chosen) < MOST_ALTERNATIVES:
        heads = Counter(head for pair in left for head in _heads(pair) if head[0])
        usable = [head for head in heads if not any(number.startswith(head[0]) for number in kept)]
        if not usable:
            return ()
        best = max(usable, key=lambda head: (heads[head], -len(head[0])))
        chosen.append(best)
        left = [pair for pair in left if best not in _heads(pair)]
    if left:
        return ()
    chosen.sort(key=lambda head: -len(head[0]))
    return tuple(Rule(parameter, Mode.PREFIX, before, after, stop=True) for before, after in chosen)


def _heads(pair: Pair) -> list[tuple[str, str]]:
    """Each (before, after) that makes `want` of `got` by replacing its beginning."""
    same = _common(pair.got[::-1], pair.want[::-1])
    shortest = len(pair.got) - same
    longer = len(pair.want) - len(pair.got)
    lengths = range(shortest, min(len(pair.got), shortest + LONGEST_END) + 1)
    return [(pair.got[:length], pair.want[: length + longer]) for length in lengths]


def _middle(pair: Pair) -> tuple[str, str]:
    """What differs between the common beginning and the common end."""
    start = _common(pair.got, pair.want)
    got, want = pair.got[start:], pair.want[start:]
    end = _common(got[::-1], want[::-1])
    return got[: len(got) - end], want[: len(want) - end]


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _regex(current: str, new: str, why: str) -> Candidate:
    return Candidate(Mode.REGEX, current, new, why)


def _replaced(where: str, before: str, after: str) -> str:
    return f"replaces {where} {before} by {after}" if after else f"removes {where} {before}"


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _count(texts: Sequence[str]) -> str:
    low, high = min(map(len, texts)), max(map(len, texts))
    return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _counted(texts: Sequence[str]) -> str:
    low, high = min(map(len, texts)), max(map(len, texts))
    return str(low) if low == high else f"{low} to {high}"


def _ranges(digits: set[str]) -> list[str]:
    """Digits as the entries of a class, such as "1-4" and "7"."""
    runs = "".join(digit if digit in digits else " " for digit in _DIGITS).split()
    return [run if len(run) < 3 else f"{run[0]}-{run[-1]}" for run in runs]
