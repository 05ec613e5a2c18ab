"""Parameter Rewrite of a subject: its rules in their order, the numbers they are tested with, and what they make."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cxtui.models.findings import Finding, errors, warning
from cxtui.models.rewrite import Parameter, RewriteRule, RewriteTest
from cxtui.rules.rewrite import canonical_new, default_mode
from cxtui.rules.values import read

from .context import Context
from .judging import Judged, accepted
from .labels import label, several
from .outcome import Change, NeedsConfirmation
from .rewrite_tests import Tried, add_tests, broken, made_tests, orphaned, owned, plain, rules_of, run, tests_of
from .subjects import Described, Subject, describe, find
from .writing import Writer, writing

BROKEN = "broken-tests"
"""What is typed, or confirmed, to save a rule that breaks a test."""


class BreaksTests(NeedsConfirmation):
    """A saved test would no longer give what it has to; nothing was written."""

    def __init__(self, broken: Sequence[Tried], words: str = "This breaks a test") -> None:
        self.broken = tuple(broken)
        first = broken[0]
        others = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        super().__init__(f"{words}: {first.sentence}{others}.", BROKEN, typed=False)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """All that is known of a subject's rewriting."""

    about: Described
    rules: tuple[RewriteRule, ...]
    tests: tuple[Tried, ...]


def load(context: Context, subject: Subject, known: Rewriting | None = None) -> Rewriting:
    """The rules and the tests of a subject, each test run; ``known`` itself where nothing of it changed.

    Raises ``Gone``.
    """
    about = describe(context, subject)
    with context.database.snapshot() as link:
        rules, tests = rules_of(link, subject), tests_of(link, subject)
    if known is not None and (about, rules, tests) == (known.about, [*known.rules], [one.test for one in known.tests]):
        return known
    return Rewriting(about, tuple(rules), tuple(run(rules, tests)))


def drafted(rules: Sequence[RewriteRule], draft: RewriteRule) -> list[RewriteRule]:
    """The rules with a draft in the place of the rule it changes, or at the end."""
    changed = [draft if rule.id == draft.id else rule for rule in rules]
    return changed if draft.id else [*rules, draft]


def check(
    context: Context, subject: Subject, typed: Mapping[str, Any], row: RewriteRule | None = None
) -> Judged[RewriteRule]:
    """What is to be said of a typed rule: what refuses it, what is doubtful, which tests it breaks. Writes nothing."""
    with context.database.snapshot() as link:
        judged = _judge(subject, typed, row)
        rules, tests = rules_of(link, subject), tests_of(link, subject)
    if errors(judged.findings):
        return judged
    after = drafted(rules, judged.row)
    found = broken(rules, after, tests)
    doubts = [warning("current", f"breaks a test: {tried.sentence}", code="S-067") for tried in found]
    return Judged(judged.row, (*judged.findings, *doubts, *lint(after, tests, judged.row)))


def lint(rules: Sequence[RewriteRule], tests: Sequence[RewriteTest], only: RewriteRule | None = None) -> list[Finding]:
    """What is doubtful about a list of rules, each finding with the number of its rule in front; or about one rule."""
    from cxtui.rules.rewrite_lint import lint_rules

    found = lint_rules([plain(rule) for rule in rules], [(Parameter(test.parameter), test.number) for test in tests])
    if only is not None:
        return [item.finding for item in found if rules[item.index] is only]
    return [replace(item.finding, text=_placed(item.finding.text, f"rule {item.index + 1}")) for item in found]


def _placed(text: str, rule: str) -> str:
    return text if text.startswith(f"{rule} ") else f"{rule}: {text}"


def read_draft(typed: Mapping[str, Any], row: RewriteRule | None) -> RewriteRule | None:
    """A rule as far as it is typed, None while it could not run."""
    parsed = read(RewriteRule, typed)
    if errors(parsed.findings):
        return None
    rule = replace(row or RewriteRule(), **parsed.values)
    try:
        return replace(rule, new=canonical_new(rule.new))
    except ValueError:
        return None


def add(
    context: Context,
    subject: Subject,
    typed: Mapping[str, Any],
    *,
    examples: Mapping[str, str] | None = None,
    confirmed: str = "",
    reason: str = "",
) -> Change:
    """Add a rule behind the others, and the examples it was made from as tests.

    Raises ``Refused``, ``Gone`` or ``BreaksTests``, this one also where an example does not come out.
    """
    with writing(context, reason=reason) as writer:
        find(writer.link, subject)
        judged = accepted(_judge(subject, typed, None))
        rules = rules_of(writer.link, subject)
        rule = replace(judged.row, position=rules[-1].position + 1 if rules else 1)
        after = [*rules, rule]
        _refuse_broken(writer, subject, rules, after, confirmed)
        wanted = made_tests(subject, Parameter(rule.parameter), examples or {}, after)
        missed = [tried for tried in run(after, wanted) if not tried.passed]
        if missed and confirmed != BROKEN:
            raise BreaksTests(missed, "With the other rules an example does not come out")
        stored = writer.add(rule)
        add_tests(writer, subject, Parameter(rule.parameter), examples or {})
        return writer.change(f"Added {label(rule)}.", stored, warnings=judged.findings)


def save(
    context: Context, base: RewriteRule, typed: Mapping[str, Any], *, confirmed: str = "", reason: str = ""
) -> Change:
    """Save the typed fields over ``base``. Raises ``Refused``, ``Conflict``, ``Gone`` or ``BreaksTests``."""
    subject = Subject(base.owner, base.owner_id)
    with writing(context, reason=reason) as writer:
        mine = accepted(_judge(subject, typed, base)).row
        theirs, wanted = writer.merge(base, {name: getattr(mine, name) for name in typed})
        whole = accepted(_judge(subject, wanted, theirs))
        rules = rules_of(writer.link, subject)
        _refuse_broken(writer, subject, rules, drafted(rules, whole.row), confirmed)
        saved = writer.update(theirs, {name: getattr(whole.row, name) for name in (*wanted, *EDGE_FORM)})
        return writer.change(f"Saved {label(saved)}.", saved, warnings=whole.findings)


def delete(context: Context, rows: Sequence[RewriteRule], *, confirmed: str = "", reason: str = "") -> Change:
    """Delete rules of one subject, all or none. Raises ``Gone`` or ``BreaksTests``."""
    subject = Subject(rows[0].owner, rows[0].owner_id)
    gone = {row.id for row in rows}
    with writing(context, reason=reason) as writer:
        stored = [writer.unchanged(row) for row in rows]
        rules = rules_of(writer.link, subject)
        _refuse_broken(writer, subject, rules, [rule for rule in rules if rule.id not in gone], confirmed)
        for row in stored:
            writer.delete(row)
        return writer.change(f"Deleted {several(list(rows))}.")


def move(context: Context, row: RewriteRule, places: int, *, confirmed: str = "", reason: str = "") -> Change:
    """Move a rule up (negative) or down. Raises ``Gone`` or ``BreaksTests``; at the end of the list nothing moves."""
    subject = Subject(row.owner, row.owner_id)
    with writing(context, reason=reason) as writer:
        rule = writer.fresh(row)
        rules = rules_of(writer.link, subject)
        order = [other for other in rules if other.id != rule.id]
        place = max(0, min(rules.index(rule) + places, len(order)))
        order.insert(place, rule)
        if order == rules:
            end = "last" if places > 0 else "first"
            return writer.change(f"Nothing was moved: {label(rule)} is the {end} one.", rule)
        _refuse_broken(writer, subject, rules, order, confirmed)
        positions = sorted({each.position for each in rules})
        if len(positions) < len(rules):
            positions = [*range(1, len(rules) + 1)]
        moved = [writer.update(one, {"position": at}) for one, at in zip(order, positions, strict=True)]
        return writer.change(f"Moved {label(rule)} to place {place + 1}.", *moved)


EDGE_FORM = ("match_exp", "subst_exp", "repl_exp")
"""The fields that follow from the others."""


def settle(writer: Writer, rule: RewriteRule) -> RewriteRule:
    """Bring a rule that an undo brought back into line: its form at the edge, and a place of its own."""
    at = rule.position
    for other in rules_of(writer.link, Subject(rule.owner, rule.owner_id)):
        if other.id != rule.id and rule.position <= other.position <= at:
            at += 1
            writer.update(other, {"position": at})
    try:
        whole = _with_edge_form(rule)
    except ValueError:
        return rule  # what no edge takes is refused by ``judge_stored``
    return writer.update(rule, {name: getattr(whole, name) for name in EDGE_FORM}, audited=False)


def judge_stored(link: sqlite3.Connection, rule: RewriteRule) -> list[Finding]:
    """What stands against a rule that an undo brought back."""
    from cxtui.rules.rewrite_check import check_rule

    return [*orphaned(link, rule), *check_rule(plain(rule))]


def _judge(subject: Subject, typed: Mapping[str, Any], row: RewriteRule | None) -> Judged[RewriteRule]:
    from cxtui.rules.rewrite_check import check_rule

    entered = dict(typed)
    if not entered.get("mode") and row is None:
        entered["mode"] = default_mode(str(typed.get("current", ""))).value
    parsed = read(RewriteRule, entered)
    rule = replace(row or RewriteRule(**owned(subject)), **parsed.values)
    findings = list(parsed.findings)
    if not errors(findings):
        findings += check_rule(plain(rule))
    if errors(findings):
        return Judged(rule, tuple(findings))
    return Judged(_with_edge_form(replace(rule, new=canonical_new(rule.new))), tuple(findings))


def _with_edge_form(rule: RewriteRule) -> RewriteRule:
    from cxtui.rules.dialplan import edge_form

    form = edge_form(plain(rule))
    return replace(rule, match_exp=form.match_exp, subst_exp=form.subst_exp, repl_exp=form.repl_exp)


def _refuse_broken(
    writer: Writer, subject: Subject, before: Sequence[RewriteRule], after: Sequence[RewriteRule], confirmed: str
) -> None:
    found = broken(before, after, tests_of(writer.link, subject))
    if found and confirmed != BROKEN:
        raise BreaksTests(found)
