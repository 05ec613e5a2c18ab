"""Rewrite rules in the overview."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import Parameter
from cxtui.services import credentials, ip_auth, rewrite_tests, rewrites, sip_users
from cxtui.services.context import Context
from cxtui.services.subjects import Subject
from tests.services.stock import only
from tests.support import PASSWORD, execute


@pytest.fixture
def entry(context: Context, acme: Company) -> IpAuth:
    """An entry with a rule and a test that it passes."""
    made: IpAuth = only(ip_auth.add(context, acme.id, {"address": "203.0.113.1"}))
    subject = Subject("ip_auth", made.id)
    rewrites.add(context, subject, {"parameter": "destination", "current": "00", "new": ""})
    rewrite_tests.keep_tests(context, subject, Parameter.DESTINATION, {"00441782550100": None})
    return made


def test_rules_in_order_have_no_problem(entry: IpAuth, kinds) -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("change", "code", "severity", "words"),
    [
        ("current = '(', mode = 'regex'", "C-09", "error", "never closed"),
        ("current = ''", "W-041", "error", "Current is required"),
        ("new = '$1'", "C-14", "error", "no groups to refer to"),
        ("match_exp = '^11'", "damaged", "error", "the edge runs something else"),
        ("mode = 'magic'", "damaged", "error", "no such type or mode"),
        ("current = CAST(x'ff' AS TEXT)", "damaged", "error", "cannot be read"),
    ],
)
def test_a_rule_that_the_edge_would_refuse_or_run_otherwise_is_an_error(
    context: Context, entry: IpAuth, found, change: str, code: str, severity: str, words: str
) -> None:
    """C-09, C-14: one bad row stops every reload of the edge."""
    execute(context.database, f"UPDATE rewrite_rule SET {change}")
    problems = [problem for problem in found() if problem.entity == "rewrite_rule"]
    assert [(problem.code, problem.severity.value, words in problem.text) for problem in problems] == [
        (code, severity, True)
    ]
    assert problems[0].label.endswith("of IP entry 203.0.113.1 (they send)")


def test_doubts_about_rules_and_tests_that_fail_are_said(context: Context, entry: IpAuth, found) -> None:
    """S-067, C-10"""
    subject = Subject("ip_auth", entry.id)
    rewrites.add(context, subject, {"parameter": "destination", "current": "00", "new": ""})
    (problem,) = found()
    assert (problem.code, problem.severity.value) == ("rewrite-duplicate", "warning")
    assert problem.text.startswith("rule 2 is the same as rule 1")
    execute(context.database, "DELETE FROM rewrite_rule WHERE position = 2")
    execute(context.database, "UPDATE rewrite_test SET expected = '1'")
    (problem,) = found()
    assert (problem.code, problem.severity.value, problem.entity) == ("S-067", "error", "rewrite_test")
    assert problem.text == "00441782550100 becomes 441782550100, not 1"


def test_the_rules_of_a_sip_user_are_looked_at_even_if_all_else_is_in_order(
    context: Context, acme: Company, found
) -> None:
    """S-060"""
    user = only(sip_users.add(context, acme.id, {"username": "1001"}))
    credentials.set_password(context, user, PASSWORD)
    subject = Subject("sip_user", user.id)
    rewrite_tests.keep_tests(context, subject, Parameter.CLI, {"1": "2"})
    assert [(problem.code, problem.label) for problem in found()] == [("S-067", "test number 1 of SIP user 1001")]
