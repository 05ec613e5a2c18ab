"""What the tester of the Rewrite tab runs: the stored rules with the one that is being typed, and their tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxtui.models.rewrite import Parameter, RewriteRule
from cxtui.rules.rewrite import Rule
from cxtui.services import rewrite_tests
from cxtui.services.rewrites import Rewriting, drafted
from cxtui.services.trying import Trial


@dataclass(frozen=True, slots=True)
class TypedRule:
    """A rule that is being typed, and the examples it was made from: numbers, each with what it has to become."""

    rule: RewriteRule
    examples: Mapping[str, str]


def rules_of(found: Rewriting | None, typed: TypedRule | None) -> list[Rule]:
    """The rules in the order in which they would run, the typed one in its own place."""
    stored = found.rules if found else ()
    return [rewrite_tests.plain(rule) for rule in (drafted(stored, typed.rule) if typed else stored)]


def trials_of(found: Rewriting | None, typed: TypedRule | None) -> list[Trial]:
    """The saved tests, then the examples of the typed rule."""
    tests = [tried.test for tried in found.tests] if found else []
    trials = [Trial(Parameter(test.parameter), test.number, test.expected, test.id) for test in tests]
    if typed is not None:
        kind = Parameter(typed.rule.parameter)
        trials += [Trial(kind, number, wanted) for number, wanted in typed.examples.items()]
    return trials
