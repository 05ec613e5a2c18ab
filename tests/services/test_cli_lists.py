"""A company's CLI allow list where the company is edited: who may, and what stands against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxtui.models.company import Company
from cxtui.rules.roles import Role
from cxtui.services import companies, ip_auth
from cxtui.services.context import Context
from cxtui.services.outcome import Denied, Refused, ServiceError
from cxtui.services.undo import undo
from tests.services.stock import only, only_row
from tests.support import codes


@pytest.fixture
def neighbours(context: Context, acme: Company, beta: Company) -> None:
    """Both send from one address, and Beta has a list."""
    for company in (acme, beta):
        ip_auth.add(context, company.id, {"address": "203.0.113.77", "cli_authentication": "yes"})
    companies.save(context, beta, {"cli_allow_list": "1234578\n^44"})


def role(context: Context, role: Role) -> Context:
    return replace(context, actor=replace(context.actor, role=role))


def test_the_list_is_an_operators_and_all_else_of_a_company_an_admins(context: Context, acme: Company) -> None:
    """W-028, S-045"""
    operator = role(context, Role.OPERATOR)
    saved = only(companies.save(operator, acme, {"cli_allow_list": "1234567", "name": acme.name}))
    assert saved.cli_allow_list == "1234567"
    with pytest.raises(Denied, match="admin"):
        companies.save(operator, saved, {"cli_allow_list": "1", "channels": "7"})
    with pytest.raises(Denied, match="admin"):
        companies.save(operator, saved, {"channels": "7"})
    with pytest.raises(Denied, match="operator"):
        companies.save(role(context, Role.VIEWER), saved, {"cli_allow_list": "1"})
    assert only_row(context, Company, acme.id) == saved
    assert only(companies.save(context, saved, {"channels": "7", "cli_allow_list": "2"})).channels == 7


def test_a_list_is_judged_line_by_line_wherever_a_company_is_saved(context: Context, acme: Company) -> None:
    """S-045"""
    with pytest.raises(Refused, match="never closed"):
        companies.save(context, acme, {"cli_allow_list": "1\n("})
    change = companies.save(context, acme, {"cli_allow_list": "1, 2\n44$"})
    assert codes(change.warnings) == [("warning", "cli_allow_list", "S-045")]
    assert only(change).cli_allow_list == "1\n2\n44$"


@pytest.mark.parametrize(("text", "words"), [("1234578", "also stands"), ("4412", "matched by"), ("^4", "both match")])
def test_what_another_company_on_the_same_address_has_is_refused(
    context: Context, acme: Company, neighbours: None, text: str, words: str
) -> None:
    """W-007"""
    with pytest.raises(Refused, match=words) as refusal:
        companies.save(context, acme, {"cli_allow_list": text})
    assert codes(refusal.value.findings) == [("error", "cli_allow_list", "W-007")]
    companies.save(context, acme, {"cli_allow_list": "1234567"})


def test_the_list_of_a_company_that_shares_an_address_is_not_emptied(
    context: Context, beta: Company, neighbours: None
) -> None:
    """W-009: every call would be theirs."""
    mine = only_row(context, Company, beta.id)
    with pytest.raises(Refused, match="Beta Ltd has no CLI list"):
        companies.save(context, mine, {"cli_allow_list": ""})
    companies.save(context, mine, {"channels": "7"})


def test_an_undo_does_not_bring_a_number_back_that_another_company_has_by_now(
    context: Context, bob: Context, acme: Company, beta: Company, neighbours: None
) -> None:
    """W-007"""
    mine = only(companies.save(context, acme, {"cli_allow_list": "1234567"}))
    companies.save(context, mine, {"cli_allow_list": "7654321"})
    companies.save(bob, only_row(bob, Company, beta.id), {"cli_allow_list": "1234567"})
    with pytest.raises(ServiceError, match="cannot be set back: 1234567 also stands on the list of Beta Ltd"):
        undo(context)
    companies.save(bob, only_row(bob, Company, beta.id), {"cli_allow_list": "1234578"})
    undo(context)
    assert only_row(context, Company, acme.id).cli_allow_list == "1234567"


@pytest.mark.parametrize(
    "typed", [{"port": "5080"}, {"direction": "ingress"}, {"enabled": "no"}, {"address": "203.0.113.78"}]
)
def test_companies_that_do_not_meet_may_have_the_same_numbers(
    context: Context, acme: Company, beta: Company, typed: dict[str, str]
) -> None:
    """W-007"""
    ip_auth.add(context, acme.id, {"address": "203.0.113.77"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.77", **typed})
    for company in (acme, beta):
        companies.save(context, company, {"cli_allow_list": "1234567"})
