"""The numbers that a subject's rewriting is tested with, and what its rules make of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxtui.models.findings import Finding, error
from cxtui.models.rewrite import Mode, Parameter, RewriteRule, RewriteTest
from cxtui.rules.rewrite import LONGEST_RESULT, Rule, apply_rules, bare_number
from cxtui.store.probes import exists
from cxtui.store.rows import all_where

from .context import Context
from .labels import several
from .outcome import Change, Gone, refuse
from .subjects import Subject, find
from .writing import Writer, writing

MOST_TESTS = 1000
"""Test numbers of one subject: all of them are run on each save of a rule."""


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
    known = {(test.parameter, test.number) for test in tests_of(writer.link, subject)}
    made = made_tests(subject, parameter, numbers, rules_of(writer.link, subject))
    wanted = [test for test in made if (test.parameter, test.number) not in known]
    if len(known) + len(wanted) > MOST_TESTS:
        raise refuse("number", f"{len(known) + len(wanted)} test numbers: at most {MOST_TESTS} are kept")
    return [writer.add(test) for test in wanted]


def made_tests(
    subject: Subject, parameter: Parameter, numbers: Mapping[str, str | None], rules: Sequence[RewriteRule]
) -> list[RewriteTest]:
    """Tests that are not stored yet, one for each number; those of None want what ``rules`` make of the number now.

    Raises ``Refused``.
    """
    chain = [plain(rule) for rule in rules]
    made: dict[str, RewriteTest] = {}
    for typed, expected in numbers.items():
        number = bare_number(typed)
        if not number or number in made:
            continue
        result = apply_rules(chain, parameter, number).result if expected is None else bare_number(expected)
        _refuse_unfit(number, result)
        made[number] = RewriteTest(parameter=parameter, number=number, expected=result, **owned(subject))
    return list(made.values())


def _refuse_unfit(number: str, result: str) -> None:
    for text in (number, result):
        if len(text.encode("utf-8", "surrogateescape")) > LONGEST_RESULT:
            raise refuse("number", f"{text[:20]}… is longer than any number the edge takes")
    if any("\ud800" <= character <= "\udfff" for character in result):
        # A rule works on bytes, as the edge does; no text can say what is left of a character then.
        raise refuse("number", f"{number} comes out with half a character, which cannot be kept")


def forget_tests(context: Context, rows: Sequence[RewriteTest], *, reason: str = "") -> Change:
    """Delete tests. Raises ``Gone``."""
    with writing(context, reason=reason) as writer:
        for row in rows:
            writer.delete(writer.unchanged(row))
        return writer.change(f"Deleted {several(list(rows))}.")


def judge_stored(link: sqlite3.Connection, test: RewriteTest) -> list[Finding]:
    """What stands against a test that an undo brought back."""
    same = "owner = ? AND owner_id = ? AND parameter = ? AND number = ? AND id <> ?"
    if exists(link, RewriteTest, same, (test.owner, test.owner_id, test.parameter, test.number, test.id)):
        return [error("number", "it was kept again since")]
    return orphaned(link, test)


def orphaned(link: sqlite3.Connection, row: RewriteRule | RewriteTest) -> list[Finding]:
    """An error where the entry or user is gone that a rule or test belongs to."""
    try:
        find(link, Subject(row.owner, row.owner_id))
    except Gone:
        return [error("owner", "the entry or user it belongs to was deleted since")]
    return []


def owned(subject: Subject) -> dict[str, Any]:
    """The fields that say whose a rule or test is."""
    return {"owner": subject.owner, "owner_id": subject.owner_id}


def forget_all(writer: Writer, subject: Subject) -> None:
    """Delete the rules and tests of a subject that is about to be deleted; an undo brings them back with it."""
    for row in (*rules_of(writer.link, subject), *tests_of(writer.link, subject)):
        writer.delete(row)
