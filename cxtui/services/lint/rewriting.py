"""The rewrite rules of a subject: such as the edge would refuse, such as are doubtful, and tests that fail (S-067)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cxtui.models.findings import Finding, error, errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import Parameter, RewriteRule
from cxtui.models.sip_user import SipUser
from cxtui.rules.rewrite import Rule
from cxtui.services.labels import label
from cxtui.services.rewrite_tests import plain, rules_of, run, tests_of
from cxtui.services.subjects import Subject
from cxtui.store.names import table_of

from .problems import DAMAGED, Problem, problems_of, unreadable

_REMEMBERED = 2_000
_STALE = "the edge runs something else than stands here: edit the rule and save it"
_OWNERS = "SELECT DISTINCT owner_id FROM {} WHERE owner = ? AND owner_id IN (SELECT value FROM json_each(?))"


def with_rewriting(link: sqlite3.Connection, rows: Sequence[IpAuth | SipUser]) -> set[int]:
    """The ids of those rows, all of one kind, that have rules or test numbers."""
    if not rows:
        return set()
    asked = (table_of(type(rows[0])), json.dumps([row.id for row in rows]))
    return {key for table in ("rewrite_rule", "rewrite_test") for (key,) in link.execute(_OWNERS.format(table), asked)}


def rewriting_problems(link: sqlite3.Connection, row: IpAuth | SipUser, company: str) -> Iterator[Problem]:
    """What is wrong or doubtful about the rules of a row and their tests."""
    subject = Subject(table_of(type(row)), row.id)
    rules, tests = rules_of(link, subject), tests_of(link, subject)
    rows = (*rules, *tests)
    damaged = {item: unreadable(item) for item in rows}
    for rule in rules:
        damaged[rule] += [] if damaged[rule] else _unreadable_rule(rule)
    for item, findings in damaged.items():
        yield from problems_of(item, company, findings, f"{label(item)} of {label(row)}")
    if any(damaged.values()):
        return
    chain = tuple(plain(rule) for rule in rules)
    numbers = tuple((Parameter(test.parameter), test.number) for test in tests)
    for index, finding in _doubts(chain, numbers):
        yield from problems_of(rules[index], company, [finding], f"{label(rules[index])} of {label(row)}")
    for tried in run(rules, tests):
        if not tried.passed:
            findings = [error("number", tried.sentence, "S-067")]
            yield from problems_of(tried.test, company, findings, f"{label(tried.test)} of {label(row)}")


def _unreadable_rule(rule: RewriteRule) -> list[Finding]:
    """What the edge would refuse, and with it all other rules, or run otherwise than it is shown."""
    try:
        return _refused(plain(rule), (rule.match_exp, rule.subst_exp, rule.repl_exp))
    except ValueError:
        return [error("mode", "no such type or mode: edit it and save", DAMAGED)]


@lru_cache(maxsize=_REMEMBERED)
def _refused(rule: Rule, stored: tuple[str, str, str]) -> list[Finding]:
    from cxtui.rules.dialplan import edge_form
    from cxtui.rules.rewrite_check import check_rule

    findings = list(errors(check_rule(rule)))
    if findings:
        return findings
    form = edge_form(rule)
    return [] if (form.match_exp, form.subst_exp, form.repl_exp) == stored else [error("current", _STALE, DAMAGED)]


@lru_cache(maxsize=_REMEMBERED)
def _doubts(chain: tuple[Rule, ...], numbers: tuple[tuple[Parameter, str], ...]) -> tuple[tuple[int, Finding], ...]:
    """The findings with the place of their rule; many subjects have the same rules."""
    from cxtui.rules.rewrite_lint import lint_rules

    return tuple((item.index, item.finding) for item in lint_rules(chain, numbers))
