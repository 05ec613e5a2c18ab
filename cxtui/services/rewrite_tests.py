"""The numbers that a subject's rewriting is tested with, and what its rules make of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxtui.models.rewrite import Mode, Parameter, RewriteRule, RewriteTest
from cxtui.rules.rewrite import LONGEST_RESULT, Rule, apply_rules, bare_number
from cxtui.store.rows import all_where

from .context import Context
from .labels import several
from .outcome import Change, refuse
from .subjects import Subject, find
from .writing import Writer, writing


@dataclass(frozen=True, slots=True)
class Tried:
    """A test with what its number became."""

    test: RewriteTest
    result: str

    @property
    def passed(self) -> bool:
        """Whether it came out as it has to."""
        return self.result == self.test.expected

    @property
    def sentence(self) -> str:
        """What came of it, in words."""
        got = self.result or "nothing"
        return f"{self.test.number} becomes {got}, not {self.test.expected or 'nothing'}"


def rules_of(link: sqlite3.Connection, subject: Subject) -> list[RewriteRule]:
    """The rules of a subject in the order in which they run."""
    where = "owner = ? AND owner_id = ? ORDER BY position, id"
    return all_where(link, RewriteRule, where, (subject.owner, subject.owner_id))


def tests_of(link: sqlite3.Connection, subject: Subject) -> list[RewriteTest]:
    """The test numbers of a subject in the order in which they were kept."""
    return all_where(link, RewriteTest, "owner = ? AND owner_id = ? ORDER BY id", (subject.owner, subject.owner_id))


def plain(row: RewriteRule) -> Rule:
    """A stored rule as the rules of rewriting take it."""
    return Rule(Parameter(row.parameter), Mode(row.mode), row.current, row.new, row.stop)


def run(rules: Sequence[RewriteRule], tests: Sequence[RewriteTest]) -> list[Tried]:
    """What the rules make of each test's number."""
    chain = [plain(rule) for rule in rules]
    return [Tried(test, apply_rules(chain, Parameter(test.parameter), test.number).result) for test in tests]


def broken(before: Sequence[RewriteRule], after: Sequence[RewriteRule], tests: Sequence[RewriteTest]) -> list[Tried]:
    """The tests that a change of the rules breaks; those that fail already are none of its making."""
    held = {tried.test.id for tried in run(before, tests) if tried.passed}
    return [tried for tried in run(after, tests) if not tried.passed and tried.test.id in held]


def keep_tests(
    context: Context, subject: Subject, parameter: Parameter, numbers: Mapping[str, str | None], *, reason: str = ""
) -> Change:
    """Keep numbers as tests, each with what has to come out, or (None) what comes out now. Raises ``Refused``."""
    with writing(context, reason=reason) as writer:
        find(writer.link, subject)
        added = add_tests(writer, subject, parameter, numbers)
        if not added:
            raise refuse("number", "nothing to keep: type numbers that are no tests yet")
        return writer.change(f"Kept {several(added)}.", *added)


def add_tests(
    writer: Writer, subject: Subject, parameter: Parameter, numbers: Mapping[str, str | None]
) -> list[RewriteTest]:
    """As ``keep_tests``, within a transaction that does more; numbers that are tests already are left out."""
    chain = [plain(rule) for rule in rules_of(writer.link, subject)]
    known = {(test.parameter, test.number) for test in tests_of(writer.link, subject)}
    added = []
    for number, expected in numbers.items():
        bare = bare_number(number)
        if len(bare) > LONGEST_RESULT:
            raise refuse("number", f"{bare[:20]}… is longer than any number the edge takes")
        if not bare or (parameter, bare) in known:
            continue
        result = apply_rules(chain, parameter, bare).result if expected is None else bare_number(expected)
        test = RewriteTest(parameter=parameter, number=bare, expected=result, **owned(subject))
        added.append(writer.add(test))
    return added


def forget_tests(context: Context, rows: Sequence[RewriteTest], *, reason: str = "") -> Change:
    """Delete tests. Raises ``Gone``."""
    with writing(context, reason=reason) as writer:
        for row in rows:
            writer.delete(writer.unchanged(row))
        return writer.change(f"Deleted {several(list(rows))}.")


def owned(subject: Subject) -> dict[str, Any]:
    """The fields that say whose a rule or test is."""
    return {"owner": subject.owner, "owner_id": subject.owner_id}


def forget_all(writer: Writer, subject: Subject) -> None:
    """Delete the rules and tests of a subject that is about to be deleted; an undo brings them back with it."""
    for row in (*rules_of(writer.link, subject), *tests_of(writer.link, subject)):
        writer.delete(row)
