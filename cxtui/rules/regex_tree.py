"""The parts of a regular expression that both the console and the edge understand alike, as a tree.

What matters here: writing it again with other group numbers, how long its matches are, whether it is anchored, and
texts that it matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))
FILLER = "1782550100"
"""The digits that stand for "anything" in an example."""

AT_START = frozenset({"^", r"\A"})
AT_END = frozenset({"$", r"\z", r"\Z"})
LOOKAROUND = frozenset({"(?=", "(?!", "(?<=", "(?<!"})


@dataclass(frozen=True, slots=True)
class Characters:
    """One character: a literal, an escape, a class or the dot; `members` are the printable ones it takes."""

    text: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assertion:
    """A place in the number: `^`, `$`, `\\b` and the like."""

    text: str


@dataclass(frozen=True, slots=True)
class Flags:
    """A setting for the rest of the group, such as `(?i)`."""

    text: str


@dataclass(frozen=True, slots=True)
class Backreference:
    """What group `number` matched, once more."""

    number: int


@dataclass(frozen=True, slots=True)
class Group:
    """`opening` as written, `number` 0 for a group that captures nothing."""

    opening: str
    number: int
    body: Choice


@dataclass(frozen=True, slots=True)
class Repeat:
    """`low` to `high` times `item`; `high` None = without end; `text` is the quantifier as written."""

    item: Item
    low: int
    high: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives between `|`, each a sequence of items."""

    options: tuple[tuple[Item, ...], ...]


Item: TypeAlias = Characters | Assertion | Flags | Backreference | Group | Repeat


def write(part: Choice | Item, shift: int = 0) -> str:
    """The expression as text, its group numbers moved up by `shift`."""
    if isinstance(part, Choice):
        return "|".join("".join(write(item, shift) for item in option) for option in part.options)
    if isinstance(part, Group):
        return f"{part.opening}{write(part.body, shift)})"
    if isinstance(part, Repeat):
        return write(part.item, shift) + part.text
    if isinstance(part, Backreference):
        return rf"\g{{{part.number + shift}}}"
    return part.text


def width(part: Choice | Item) -> int | None:
    """How many characters a match has, None when that varies (or is not known beforehand)."""
    if isinstance(part, Choice):
        widths = {_width_of(option) for option in part.options}
        return widths.pop() if len(widths) == 1 else None
    if isinstance(part, Characters):
        return 1
    if isinstance(part, Group):
        return 0 if part.opening in LOOKAROUND else width(part.body)
    if isinstance(part, Repeat):
        once = width(part.item)
        return once * part.low if once is not None and part.low == part.high else None
    return None if isinstance(part, Backreference) else 0


def _width_of(option: tuple[Item, ...]) -> int | None:
    total = 0
    for item in option:
        one = width(item)
        if one is None:
            return None
        total += one
    return total


def size(part: Choice | Item) -> int:
    """How many items the edge's library has to compile, repetitions written out."""
    if isinstance(part, Choice):
        return sum(size(item) + 1 for option in part.options for item in option)
    if isinstance(part, Group):
        return size(part.body) + 2
    if isinstance(part, Repeat):
        return size(part.item) * max(part.low, part.high or 1)
    return 1


def anchored_start(part: Choice | Item) -> bool:
    """Whether every match begins where the number begins."""
    if isinstance(part, Choice):
        firsts = [next((item for item in option if not isinstance(item, Flags)), None) for option in part.options]
        return all(first is not None and anchored_start(first) for first in firsts)
    if isinstance(part, Group) and part.opening not in LOOKAROUND:
        return anchored_start(part.body)
    return isinstance(part, Assertion) and part.text in AT_START


def anchored_end(part: Choice | Item) -> bool:
    """Whether every match ends where the number ends."""
    if isinstance(part, Choice):
        return all(bool(option) and anchored_end(option[-1]) for option in part.options)
    if isinstance(part, Group) and part.opening not in LOOKAROUND:
        return anchored_end(part.body)
    return isinstance(part, Assertion) and part.text in AT_END


def examples(part: Choice, count: int = 8) -> list[str]:
    """Up to `count` different texts of which most match: shorter ones first, then ones with other choices made.

    Look-around and word boundaries are not looked at, so whoever needs certainty runs the expression.
    """
    texts = (example(part, variant) for variant in range(3 * count))
    return list(dict.fromkeys(texts))[:count]


def example(part: Choice | Item, variant: int = 0) -> str:
    """A text that the part matches, `variant` 0 the shortest and plainest."""
    return _example(part, variant, {})


def _example(part: Choice | Item, variant: int, groups: dict[int, str]) -> str:
    if isinstance(part, Choice):
        rest, chosen = divmod(variant, len(part.options))
        # Each item varies in another step, so that not all of them are long at once.
        steps = enumerate(part.options[chosen], start=rest)
        return "".join(_example(item, step if rest else 0, groups) for step, item in steps)
    if isinstance(part, Characters):
        return _pick(part.members, variant)
    if isinstance(part, Backreference):
        return groups.get(part.number, "")
    if isinstance(part, Group):
        if part.opening in LOOKAROUND:
            return ""
        text = _example(part.body, variant, groups)
        if part.number:
            groups[part.number] = text
        return text
    return _repeated(part, variant, groups) if isinstance(part, Repeat) else ""


def _repeated(part: Repeat, variant: int, groups: dict[int, str]) -> str:
    extra = len(FILLER) * (variant % 2) if part.high is None else (part.high - part.low) * (variant % 2)
    if isinstance(part.item, Characters) and part.item.members.issuperset(FILLER):
        return (FILLER * (part.low // len(FILLER) + 2))[: part.low + min(extra, len(FILLER))]
    return "".join(_example(part.item, variant // 2, groups) for _ in range(part.low + min(extra, 3)))


def _pick(members: frozenset[str], variant: int) -> str:
    """A digit if there is one among the members, else the first of them."""
    usable = sorted(members & set("0123456789")) or sorted(members)
    return usable[variant % len(usable)] if usable else ""


def parts(part: Choice | Item) -> list[Choice | Item]:
    """The part itself and everything inside it, from left to right."""
    found: list[Choice | Item] = [part]
    if isinstance(part, Choice):
        for option in part.options:
            for item in option:
                found += parts(item)
    elif isinstance(part, Group):
        found += parts(part.body)
    elif isinstance(part, Repeat):
        found += parts(part.item)
    return found
