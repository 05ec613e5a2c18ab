"""The overview as a whole: its order, what it costs, and what it survives."""

from __future__ import annotations

from cxtui.models.company import Company
from cxtui.services import companies, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.lint import lint, overview
from tests.services.stock import Stock
from tests.support import dump, execute, generation


def test_problems_come_by_company_and_progress_to_the_end(context: Context, acme: Company, beta: Company) -> None:
    for company, names in ((beta, ("b1", "b2")), (acme, ("1001", "1002"))):
        ip_auth.add(context, company.id, {"address": f"203.0.113.{company.id}"})
        for name in names:
            sip_users.add(context, company.id, {"username": name})
    told: list[tuple[int, int]] = []
    found = [
        problem
        for problem in lint(context, progress=lambda *so_far: told.append(so_far))
        if problem.code == "no-password"
    ]
    assert [(problem.company, problem.label) for problem in found] == [
        ("Acme Telecom", "SIP user 1001"),
        ("Acme Telecom", "SIP user 1002"),
        ("Beta Ltd", "SIP user b1"),
        ("Beta Ltd", "SIP user b2"),
    ]
    assert (told[0], told[-1]) == ((0, 6), (6, 6))
    assert told == sorted(told)
    told.clear()
    assert {problem.company for problem in lint(context, beta.id, lambda *so_far: told.append(so_far))} == {"Beta Ltd"}
    assert told[-1] == (3, 3)


def test_a_company_that_is_gone_has_no_problems(context: Context) -> None:
    assert list(lint(context, 99)) == []


def test_what_the_services_let_through_holds_no_error(context: Context, stock: Stock) -> None:
    assert [problem for problem in lint(context) if problem.severity == "error"] == []


def test_looking_changes_nothing(context: Context, stock: Stock) -> None:
    before = dump(context.database), generation(context.database)
    list(lint(context))
    assert (dump(context.database), generation(context.database)) == before


def test_windows_follow_each_other_without_gap_or_repetition(context: Context, acme: Company, monkeypatch) -> None:
    monkeypatch.setattr(overview, "_AT_ONCE", 2)
    for number in range(5):
        companies.add(context, {"name": f"Empty {number}", "status": "inactive"})
        sip_users.add(context, acme.id, {"username": f"100{number}"})
    ip_auth.add(context, acme.id, {"address": " ".join(f"203.0.113.{number}" for number in range(5))})
    execute(context.database, "UPDATE ip_auth SET port = 5061")
    said = [(problem.code, problem.label) for problem in lint(context)]
    assert [label for code, label in said if code == "no-password"] == [f"SIP user 100{number}" for number in range(5)]
    assert sum(code == "S-037" for code, _ in said) == 5
    assert len(said) == len(set(said))


def test_keys_that_are_no_text_neither_stop_the_walk_nor_repeat_it(
    context: Context, acme: Company, monkeypatch
) -> None:
    monkeypatch.setattr(overview, "_AT_ONCE", 2)
    for number in range(7):
        sip_users.add(context, acme.id, {"username": f"100{number}"})
    execute(
        context.database,
        "UPDATE sip_user SET username = CAST(x'31' || x'ff' || CAST(username AS BLOB) AS TEXT) WHERE id < 5",
    )
    labels = [problem.label for problem in lint(context) if problem.code == "damaged"]
    assert len(labels) == len(set(labels)) == 4
    missing = {f"SIP user 100{number}" for number in (4, 5, 6)}
    assert {problem.label for problem in lint(context) if problem.code == "no-password"} >= missing


def test_a_row_that_cannot_be_judged_hides_no_other(context: Context, acme: Company, beta: Company) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.1"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.1"}, share=True)
    execute(context.database, "UPDATE company SET cli_allow_list = x'00ff' WHERE id = ?", (acme.id,))
    execute(context.database, "UPDATE ip_auth SET last = 'z' WHERE company_id = ?", (acme.id,))
    said = {(problem.company, problem.code) for problem in lint(context)}
    assert said >= {("Acme Telecom", "damaged")}
