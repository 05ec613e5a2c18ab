"""A rewrite rule as a row of Kamailio's dialplan, and what the edge makes of it (measured with Kamailio 5.6.3).

The edge's output is the replacement alone, so what stands before and after the match is captured and put back:
`\\+` → `44` becomes `^(.*?)\\+(.*)` → `\\144\\2`. The first match stays the first: `.*?` tries one place after the
other from the left, as a search does.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxtui.models.rewrite import Mode

from .regex_parser import parse
from .regex_tree import Choice, anchored_end, anchored_start, parts, write
from .regex_tree import Group as RegexGroup
from .rewrite import LONGEST_RESULT, Rule, new_pieces, read_new

MOST_GROUPS = 9
"""References have one digit; with more than ten groups the edge refuses the whole reload."""

MOST_REFERENCES = 10
"""The edge keeps room for ten and does not check."""

_SPECIAL = frozenset("\\^$.[]|()?*+{}")


class TooManyGroups(ValueError):
    """The rule needs more groups, or more references, than the edge has; the words say how many."""


@dataclass(frozen=True, slots=True)
class EdgeForm:
    """The three expressions of a dialplan row with match_op 1 (PCRE)."""

    match_exp: str
    subst_exp: str
    repl_exp: str


def edge_form(rule: Rule) -> EdgeForm:
    """The row that does what the rule does; `rule.new` may be written with `$1` or `\\1`.

    Raises `RegexRefused`, `NewRefused` or `TooManyGroups` for a rule that no row can express. A replacement with a
    reference always ends in one: the edge checks the length of its output only there.
    """
    new = new_pieces(rule.mode, rule.new)
    if rule.mode is Mode.PREFIX:
        literal = "^" + escaped(rule.current)
        return EdgeForm(literal, f"{literal}(.*)", rule.new + r"\1")
    return _wrapped(parse(rule.current), new)


def escaped(literal: str) -> str:
    """The expression that matches `literal` and nothing else."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in literal)


def group_count(tree: Choice) -> int:
    """How many capturing groups the expression itself has."""
    return sum(1 for part in parts(tree) if isinstance(part, RegexGroup) and part.number)


def run_edge_form(form: EdgeForm, number: str) -> str | None:
    """What the edge answers, None = no translation: the number stays. An empty number never reaches the rules there."""
    from .pcre import TooSlow, compile_pattern

    subject = number.encode("utf-8", "surrogateescape")
    if not subject:
        return None
    try:
        if compile_pattern(form.match_exp).search(subject) is None:
            return None
        if not form.repl_exp:
            return ""
        match = compile_pattern(form.subst_exp).search(subject)
    except TooSlow:
        return None
    if match is None:
        return None
    result = b""
    for piece in read_new(form.repl_exp):
        result += piece.encode("ascii") if isinstance(piece, str) else match.group(piece) or b""
        if len(result) > LONGEST_RESULT:
            return None
    return result.decode("utf-8", "surrogateescape")


def _wrapped(tree: Choice, new: tuple[str | int, ...]) -> EdgeForm:
    own = group_count(tree)
    at_start, at_end = anchored_start(tree), anchored_end(tree)
    whole = 0 in new and not (at_start and at_end)
    before = 0 if at_start else 1
    shift = before + whole
    replacement: list[str | int] = [*([1] if before else []), *(_moved(piece, shift, whole) for piece in new)]
    behind = "" if at_end else "(.*)"
    if at_end and _ends_in_text(replacement):
        behind = "()"
    groups = own + shift + bool(behind)
    if behind:
        replacement.append(groups)
    _check(groups, groups - own, sum(1 for piece in replacement if isinstance(piece, int)))
    expression = write(tree, shift)
    if whole:
        expression = f"({expression})"
    elif len(tree.options) > 1 and (before or behind):
        expression = f"(?:{expression})"
    subst = ("^(.*?)" if before else "") + expression + behind
    repl = "".join(piece if isinstance(piece, str) else f"\\{piece}" for piece in replacement)
    return EdgeForm(write(tree), subst, repl)


def _moved(piece: str | int, shift: int, whole: bool) -> str | int:
    """A piece of New with its reference moved behind the groups that stand before the expression."""
    if isinstance(piece, str):
        return piece
    return piece + shift if piece or whole else 0


def _ends_in_text(replacement: list[str | int]) -> bool:
    return any(isinstance(piece, int) for piece in replacement) and isinstance(replacement[-1], str)


def _check(groups: int, extra: int, references: int) -> None:
    if groups > MOST_GROUPS:
        words = f"needs {groups} groups at the edge, {extra} of them to keep what stands around the match"
        raise TooManyGroups(f"{words}: at most {MOST_GROUPS} are possible; write (?: for a group that New does not use")
    if references > MOST_REFERENCES:
        raise TooManyGroups(f"refers to groups {references} times at the edge: at most {MOST_REFERENCES} are possible")
