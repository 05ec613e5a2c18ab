"""Running numbers through rules that need not be stored: what the tester shows (S-067, S-069)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxtui.models.findings import Finding
from cxtui.models.rewrite import Parameter
from cxtui.rules.e164 import E164, judge_e164
from cxtui.rules.rewrite import Outcome, Rule, apply_rules

if TYPE_CHECKING:
    from cxtui.rules.rewrite_examples import Suggestion


@dataclass(frozen=True, slots=True)
class Trial:
    """A number to be run; ``expected`` is what a saved test wants (None: typed just now), ``test_id`` its id."""

    parameter: Parameter
    number: str
    expected: str | None = None
    test_id: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A trial that was run: what became of the number, and whether that is E.164."""

    trial: Trial
    outcome: Outcome
    verdict: E164

    @property
    def failed(self) -> bool:
        """Whether a saved test gives something else than it has to."""
        return self.trial.expected is not None and self.outcome.result != self.trial.expected


def run(rules: Sequence[Rule], trials: Sequence[Trial]) -> list[Run]:
    """Run each number through the rules of its parameter."""
    return [_run(rules, trial) for trial in trials]


def _run(rules: Sequence[Rule], trial: Trial) -> Run:
    outcome = apply_rules(rules, trial.parameter, trial.number)
    return Run(trial, outcome, judge_e164(outcome.result))


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from examples: the pairs that could be read of ``text``, and the rules that do all of them.

    ``reason`` says why there is none.
    """

    text: str
    pairs: Mapping[str, str]
    suggestions: Sequence[Suggestion]
    findings: Sequence[Finding]
    reason: str


def derive(text: str, parameter: Parameter) -> Derived:
    """The rules that follow from typed examples (C-15)."""
    from cxtui.rules.rewrite_examples import parse_pairs, suggest

    pairs, findings = parse_pairs(text)
    found = suggest(pairs, parameter)
    return Derived(text, dict(pairs), found.rules, findings, found.reason if pairs else "")
