"""Companies in the overview, and what belongs to none."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import companies, edges, ip_auth, sip_profiles, sip_users
from cxtui.services.context import Context
from tests.services.lint.damage import damage
from tests.services.stock import only
from tests.support import NOON, execute


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ("number_block_size = 0", "W-070", "how many extensions"),
        ("number_block_start = 5500, number_block_size = 10", "W-070", "overlaps the block 5000–5999 of Gamma"),
        ("channels = 'lots'", "damaged", "Channels: what is stored here cannot be read"),
        ("status = 'asleep'", "damaged", "Status: choose one of"),
        ("cli_allow_list = '^44('", "S-045", "never closed"),
        ("name = CAST(x'ff' AS TEXT)", "damaged", "cannot be read"),
    ],
)
def test_what_the_form_would_say_of_a_stored_company_is_said(
    context: Context, acme: Company, found, change: str, code: str, words: str
) -> None:
    """W-070, S-045"""
    companies.add(context, {"name": "Gamma", "number_block_start": "5000", "number_block_size": "1000"})
    assert found() == []
    execute(context.database, f"UPDATE company SET {change} WHERE id = ?", (acme.id,))
    mine = [problem for problem in found() if problem.entity_id == acme.id]
    assert (code, True) in [(problem.code, words in problem.text) for problem in mine]
    assert {(problem.entity, problem.severity.value) for problem in mine} == {("company", "error")}


def test_overlapping_blocks_are_said_of_both_however_far_apart_they_begin(context: Context, kinds) -> None:
    """W-070"""
    for name, start, size in (("A", 5000, 1000), ("B", 6000, 10), ("C", 7000, 10), ("D", 8000, 10)):
        companies.add(context, {"name": name, "number_block_start": str(start), "number_block_size": str(size)})
    assert kinds() == []
    execute(context.database, "UPDATE company SET number_block_size = 2001 WHERE name = 'A'")
    assert [label for code, _, label in kinds() if code == "W-070"] == [f"customer {name}" for name in "ABC"]


def test_an_inactive_company_with_rows_that_are_still_enabled_is_said_once(
    context: Context, acme: Company, found
) -> None:
    """W-105"""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.2"})
    sip_users.add(context, acme.id, {"username": "1001"})
    companies.save(context, acme, {"status": "inactive"})
    (problem,) = (problem for problem in found() if problem.code == "W-105")
    assert "2 IP entries and 1 SIP users of it are still enabled" in problem.text
    execute(context.database, "UPDATE ip_auth SET enabled = 0")
    execute(context.database, "UPDATE sip_user SET enabled = 0")
    assert [problem for problem in found() if problem.code == "W-105"] == []


def test_cli_lists_that_overlap_or_are_missing_beside_others_are_said(
    context: Context, acme: Company, beta: Company, kinds
) -> None:
    """W-007, W-008, W-009"""
    for company in (acme, beta):
        ip_auth.add(context, company.id, {"address": "203.0.113.9"}, share=True)
    lists = {"W-007", "W-009"}
    assert {(code, label) for code, _, label in kinds() if code in lists} == {
        ("W-009", "customer Acme Telecom"),
        ("W-009", "customer Beta Ltd"),
    }
    execute(context.database, "UPDATE company SET cli_allow_list = '4411'")
    assert {(code, label) for code, _, label in kinds() if code in lists} == {
        ("W-007", "customer Acme Telecom"),
        ("W-007", "customer Beta Ltd"),
    }
    execute(context.database, "UPDATE company SET cli_allow_list = '4412' WHERE id = ?", (beta.id,))
    assert [code for code, _, _ in kinds() if code in lists] == []
    execute(context.database, "UPDATE company SET cli_allow_list = x'ff' WHERE id = ?", (beta.id,))
    assert ("damaged", "error", "customer Beta Ltd") in kinds()


def test_what_belongs_to_nobody_is_said_at_the_end(context: Context, acme: Company, kinds) -> None:
    """S-090, C-07"""
    only(sip_profiles.add(context, {"name": "agents"}))
    execute(context.database, "UPDATE sip_profile SET name = 'Call Agents'")
    ip_auth.add(context, acme.id, {"address": "203.0.113.1"})
    sip_users.add(context, acme.id, {"username": "1001"})
    edges.record(context, [edges.Sighting("192.0.2.1", NOON, 1, "scan")])
    damage(context.database, "UPDATE ip_auth SET company_id = 99")
    damage(context.database, "UPDATE sip_user SET company_id = 99")
    execute(context.database, "UPDATE block SET packed = x'01'")
    execute(
        context.database,
        "INSERT INTO rewrite_rule(version, owner, owner_id, position, parameter, mode, current, new, stop, match_exp,"
        " subst_exp, repl_exp) VALUES (1, 'ip_auth', 99, 1, 'cli', 'prefix', '00', '', 0, '', '', '')",
    )
    assert kinds() == [
        ("C-07", "error", "SIP profile Call Agents"),
        ("damaged", "error", "IP entry 203.0.113.1 (they send)"),
        ("damaged", "error", "SIP user 1001"),
        ("damaged", "error", "rewrite rule 00 → nothing"),
        ("damaged", "error", "block of 192.0.2.1"),
    ]
    assert kinds(acme) == []
