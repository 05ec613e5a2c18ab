"""A company that may not call, for a program that asks why a customer is down."""

from __future__ import annotations

from cxtui.services import companies
from tests.services.test_registrations import attach, give

WHY = "Acme Telecom is Penalty: no edge takes its calls or sends it any."


def test_a_program_reads_of_every_row_that_its_company_may_not_call(shell, context):
    """W-105."""
    shell.ok("ip", "add", "Acme Telecom", "203.0.113.130")
    acme = companies.find_by_name(context, "Acme Telecom")
    assert acme is not None
    give(context, acme, "1001")
    shell.ok("company", "set", "Acme Telecom", "--status", "penalty")
    attach(context)
    rows = [*shell.json("ip", "list"), *shell.json("sip", "list")]
    assert [(row["state"], row["why"]) for row in rows] == [("company off", WHY)] * 2
    (company,) = shell.json("company", "list", "--filter", "Acme")
    assert company["why"].startswith("Its status is Penalty: no edge takes its calls")
    answer = shell("sip", "doctor", "1001", "--json", "--fix")
    assert (answer.code, answer.json["fix"]) == (1, None)
    assert [(one["test"], one["code"]) for one in answer.json["evidence"] if one["test"] == "company"] == [
        ("company", "W-105")
    ]
