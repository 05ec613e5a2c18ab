"""What is allowed in a list of rewrite rules and yet most likely not meant.

Nothing is proved: rules are run on numbers made from the rules themselves, so what is said comes with a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cxtui.models.findings import Finding, warning
from cxtui.models.rewrite import Mode, Parameter

from .e164 import judge_e164
from .regex_parser import parse
from .regex_tree import LOOKAROUND, Characters, Choice, Group, Item, anchored_end, anchored_start, parts
from .regex_words import RegexRefused
from .rewrite import Fault, Replace, Rule, Step, StepKind, apply_to_all, compile_rule, default_mode
from .rewrite_samples import COMMON, matches, samples_of

_REPEATED_DIGIT = re.compile(r"\^?\d+\+[\d+]*\$?")
_REGEX_SIGNS = re.compile(r"[\\^$()\[\]{}|?]|\.[*+]")
_REALISTIC = 7
"""Digits from which a sample counts as a whole number."""

_MOST_FED = 4
"""Samples of each rule that are run through the whole list."""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A warning about the rule at `index` of the list."""

    index: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule that compiles, with numbers that it matches."""

    index: int
    rule: Rule
    replace: Replace
    samples: list[str]


def lint_rules(rules: Iterable[Rule], samples: Iterable[tuple[Parameter, str]] = ()) -> list[RuleFinding]:
    """The warnings about a list, in its order; `samples` are the saved test numbers with their type."""
    rules = tuple(rules)
    compiled = list(_compiled(rules))
    found = [RuleFinding(index, finding) for index, rule in enumerate(rules) for finding in _spelling(rule)]
    found += _duplicates(rules)
    doubles = {each.index for each in found if each.finding.code == "rewrite-duplicate"}
    for one in compiled:
        found += [RuleFinding(one.index, finding) for finding in _effect(one)]
    for parameter in Parameter:
        found += _unreached([one for one in compiled if one.rule.parameter is parameter and one.index not in doubles])
    found += _not_e164(rules, samples)
    return sorted(found, key=lambda each: each.index)


def _compiled(rules: Sequence[Rule]) -> Iterator[_Compiled]:
    for index, rule in enumerate(rules):
        try:
            replace = compile_rule(rule)
        except ValueError:
            continue  # what cannot be saved is refused by check_rule
        yield _Compiled(index, rule, replace, samples_of(rule, replace))


def _spelling(rule: Rule) -> Iterator[Finding]:
    """What the text of one rule suggests."""
    if rule.mode is Mode.PREFIX:
        if _REGEX_SIGNS.search(rule.current):
            words = f"{rule.current} looks like a regular expression but is taken literally: choose regex, or remove"
            yield warning("mode", f"{words} what is not part of the number", "rewrite-looks-like-regex")
        return
    if _is_bare_plus(rule.current):
        words = "+ means “once or more” here, not a plus sign: write \\+ for the sign, or choose prefix"
        yield warning("current", words, "rewrite-bare-plus")
        return
    try:
        tree = parse(rule.current)
    except RegexRefused:
        return
    if _has_loose_digits(tree):
        where = f"{rule.current} is replaced wherever it first stands in the number, not only at the beginning"
        anchored = f"^{rule.current}" if len(tree.options) == 1 else f"^(?:{rule.current})"
        prefix = ", or choose prefix" if default_mode(rule.current) is Mode.PREFIX else ""
        yield warning("current", f"{where}: write {anchored}{prefix}", "rewrite-unanchored")
    elif default_mode(rule.current) is Mode.PREFIX:
        yield warning("mode", f"{rule.current} looks like a prefix: choose prefix", "rewrite-looks-like-prefix")


def _is_bare_plus(current: str) -> bool:
    if _REPEATED_DIGIT.fullmatch(current):
        return True
    try:
        parse(current)
    except RegexRefused as refused:
        return refused.bare_plus
    return False


def _has_loose_digits(tree: Choice) -> bool:
    """Whether digits are searched for anywhere in the number."""
    if anchored_start(tree) or anchored_end(tree):
        return False
    firsts: list[Item] = [option[0] for option in tree.options if option]
    if any(isinstance(first, Group) and first.opening in LOOKAROUND for first in firsts):
        return False
    return any(isinstance(part, Characters) and part.text.isdigit() for part in parts(tree))


def _duplicates(rules: Sequence[Rule]) -> Iterator[RuleFinding]:
    seen: dict[tuple[Parameter, Mode, str, str], int] = {}
    for index, rule in enumerate(rules):
        first = seen.setdefault((rule.parameter, rule.mode, rule.current, rule.new), index)
        if first != index:
            words = f"rule {index + 1} is the same as rule {first + 1}: delete one of them"
            yield RuleFinding(index, warning("current", words, "rewrite-duplicate"))


def _effect(one: _Compiled) -> Iterator[Finding]:
    """What a rule does to its own samples."""
    results = [(number, one.replace(number)) for number in one.samples]
    if results and not one.rule.stop and all(number == result for number, result in results):
        words = "the number stays as it is: change New, delete the rule, or let it stop"
        yield warning("new", f"{words} if later rules should leave such numbers alone", "rewrite-no-change")
    emptied = next((number for number, result in results if result == "" and len(number) >= _REALISTIC), None)
    if emptied is not None:
        words = f"nothing is left of {emptied}: take over what should stay, as in ^00(.*) and $1"
        yield warning("new", words, "rewrite-empty")


def _unreached(chain: Sequence[_Compiled]) -> Iterator[RuleFinding]:
    """Rules that match none of the numbers made for them, because an earlier one takes or changes these."""
    suspects = [(one, taken) for place, one in enumerate(chain) if (taken := _taken(chain[:place], one))]
    if not suspects:
        return
    fed = _fed(chain)
    behind_all: dict[int, list[int]] = {}
    for one, taken in suspects:
        if one.index in fed:
            continue
        blamed = Counter(step.rule for step in taken).most_common(1)[0][0]
        culprit = next(each for each in chain if each.index == blamed)
        if all(matches(culprit.replace, number) for number in COMMON):
            behind_all.setdefault(blamed, []).append(one.index)
        else:
            words = _shadowed(one.index, [step for step in taken if step.rule == blamed])
            yield RuleFinding(one.index, warning("current", words, "rewrite-shadowed"))
    for blamed, later in behind_all.items():
        rules = ", ".join(str(index + 1) for index in later)
        words = f"every number matches, so later rules of the same type never run ({rules}): move this rule behind them"
        yield RuleFinding(blamed, warning("current", words, "rewrite-catch-all"))


def _shadowed(index: int, taken: Sequence[Step]) -> str:
    step = next((step for step in taken if len(step.before) >= _REALISTIC), taken[0])
    now = f"changed, such as {step.before} (now {step.after or 'nothing'})"
    what = f"stops at, such as {step.before}" if step.kind is StepKind.STOPPED else now
    words = f"rule {index + 1} never runs for numbers that rule {step.rule + 1} {what}"
    return f"{words}, and it matches no others: move it before rule {step.rule + 1}"


def _taken(earlier: Sequence[_Compiled], one: _Compiled) -> list[Step]:
    """The steps that keep `one` from its own numbers; empty when it gets to match one of them."""
    taken = []
    for number in one.samples:
        steps = _run(earlier, number)
        stopped = bool(steps) and steps[-1].kind is StepKind.STOPPED
        if not steps or (not stopped and matches(one.replace, steps[-1].after)):
            return []
        taken.append(steps[-1])
    return taken


def _fed(chain: Sequence[_Compiled]) -> set[int]:
    """The rules that match what an earlier one made of some number."""
    numbers = [number for one in chain for number in one.samples[:_MOST_FED]]
    return {step.rule for number in numbers for step in _run(chain, number)[1:]}


def _run(chain: Sequence[_Compiled], number: str) -> list[Step]:
    """The steps that matched."""
    steps = []
    for each in chain:
        try:
            after = each.replace(number)
        except Fault:
            continue
        if after is not None:
            steps.append(Step(each.index, number, after, StepKind.STOPPED if each.rule.stop else StepKind.REPLACED))
            number = after
            if each.rule.stop:
                break
    return steps


def _not_e164(rules: Sequence[Rule], samples: Iterable[tuple[Parameter, str]]) -> Iterator[RuleFinding]:
    bad: dict[int, list[str]] = {}
    for parameter, number in samples:
        (outcome,) = apply_to_all(rules, parameter, (number,))
        changed = [step.rule for step in outcome.changes if step.before != step.after]
        verdict = judge_e164(outcome.result)
        if changed and not verdict.ok:
            bad.setdefault(changed[-1], []).append(f"{number} comes out as {outcome.result}: {verdict.word}")
    for index, words in bad.items():
        more = f" (and {len(words) - 1} more)" if len(words) > 1 else ""
        text = f"a test number does not become E.164: {words[0]}{more}"
        yield RuleFinding(index, warning("new", text, "rewrite-not-e164"))
