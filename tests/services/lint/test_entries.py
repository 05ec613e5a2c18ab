"""IP entries in the overview."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import ip_auth
from cxtui.services.context import Context
from cxtui.services.lint import near
from tests.services.stock import only
from tests.support import execute

BOTH = "egress,ingress"


def test_entries_in_order_have_no_problem(context: Context, acme: Company, kinds) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.64/28 2001:db8::/64", "direction": BOTH})
    ip_auth.add(context, acme.id, {"address": "pbx.example.net", "direction": "ingress"})
    assert kinds() == []


def test_a_shared_address_without_cli_authentication_is_an_error_of_every_sharer(
    context: Context, acme: Company, beta: Company, found
) -> None:
    """C-12, W-008, W-010: and it is said whose calls the edge takes it for."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/24"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.9"}, share=True)
    assert [problem.company for problem in found() if problem.code == "W-008"] == ["Acme Telecom", "Beta Ltd"]
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0 WHERE address = '203.0.113.9'")
    errors = [problem for problem in found() if problem.code == "C-12"]
    assert [(problem.company, problem.severity, problem.fix) for problem in errors] == [
        ("Acme Telecom", "error", "share"),
        ("Beta Ltd", "error", "share"),
    ]
    for problem in errors:
        assert "takes the narrower of two, so calls from 203.0.113.9 are Beta Ltd's" in problem.text


def test_a_duplicate_of_the_same_company_is_an_error(context: Context, acme: Company, kinds) -> None:
    """W-010: only a file loaded past the services can hold one."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.2"})
    execute(
        context.database,
        "UPDATE ip_auth SET (address, first, last) = (SELECT address, first, last FROM ip_auth"
        " WHERE address = '203.0.113.1') WHERE address = '203.0.113.2'",
    )
    assert kinds() == [("W-010", "error", "IP entry 203.0.113.1 (they send)")] * 2


@pytest.mark.parametrize(
    "change", ["enabled = 0", "port = 5080", "direction = 'ingress'"], ids=["disabled", "other port", "they receive"]
)
def test_what_cannot_match_the_same_traffic_is_no_conflict(
    context: Context, acme: Company, beta: Company, kinds, change: str
) -> None:
    """C-12, C-01"""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/24"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.9"}, share=True)
    execute(context.database, f"UPDATE ip_auth SET cli_authentication = 0, {change} WHERE address = '203.0.113.9'")
    assert [kind for kind in kinds() if kind[0] in ("C-12", "W-010", "W-008")] == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ("port = 5061", "S-037", "Port: 5060 is usual for this protocol, not 5061"),
        ("tech_prefix = '9'", "S-039", "Do NOT use this field"),
        ("force_nat = 1, disable_nat = 1", "W-006", "exclude each other"),
        ("outbound_proxy = '203.0.113.0/24'", "S-043", "a single address is needed"),
        ("restricted_codecs = '{codecs}'", "C-08", "no codec is left"),
        ("uac_username = 'us', uac_realm = 'them'", "C-02", "they send to us here"),
        ("address = 'pbx.example.net'", "S-021", "names are only for switches that receive calls"),
        ("address = '1.2.3.300'", "S-021", "300 is not an octet"),
        ("address = '203.0.113.2'", "damaged", "looked up under other addresses"),
        ("channels = 100001", "damaged", "Channels: 100001 is outside 0–100000"),
        ("channels = 'many'", "damaged", "cannot be read"),
        ("protocol = 'smpp'", "S-036", "SMPP is not currently supported"),
        ("protocol = 'pigeon'", "damaged", "Protocol: choose one of udp"),
        ("manufacturer = char(27) || '[2J'", "damaged", "holds the control character U+001B"),
        ("manufacturer = CAST(x'ff41' AS TEXT)", "damaged", "cannot be read"),
        ("first = 'text'", "damaged", "cannot be read"),
        ("linked_id = 99", "C-01", "saved with it is gone"),
    ],
)
def test_what_the_form_would_say_of_a_stored_entry_is_said(
    context: Context, acme: Company, found, change: str, code: str, words: str
) -> None:
    """S-020, S-021, S-036…S-043, C-01, C-02, C-08, W-006"""
    from cxtui.rules.codecs import CODECS

    ip_auth.add(context, acme.id, {"address": "203.0.113.1"})
    whole = change.format(codecs=",".join(codec.value for codec in CODECS))
    execute(context.database, f"UPDATE ip_auth SET {whole}")
    problems = found()
    assert (code, True) in [(problem.code, words in problem.text) for problem in problems]
    assert {problem.entity for problem in problems} == {"ip_auth"}


def test_advice_for_the_moment_of_typing_is_not_repeated_for_ever(context: Context, acme: Company, kinds) -> None:
    """S-040, S-042"""
    typed = {"address": "203.0.113.1", "direction": "ingress", "uac_username": "us", "uac_realm": "them"}
    entry = only(ip_auth.add(context, acme.id, {**typed, "intercept_reinvite": "yes"}))
    assert kinds() == [("no-password", "warning", "IP entry 203.0.113.1 (they receive)")]
    from cxtui.services.credentials import set_outbound_password

    set_outbound_password(context, entry, "theirs")
    assert kinds() == []
    execute(context.database, "UPDATE ip_auth SET uac_realm = 'another'")
    assert [code for code, _, _ in kinds()] == ["no-password"]


def test_a_linked_pair_has_no_problem_until_one_of_it_is_gone(context: Context, acme: Company, kinds) -> None:
    """C-01"""
    pair = ip_auth.add(context, acme.id, {"address": "203.0.113.1", "direction": BOTH}).rows
    assert kinds() == []
    execute(context.database, "DELETE FROM ip_auth WHERE id = ?", (pair[1].id,))
    assert kinds() == [("C-01", "warning", "IP entry 203.0.113.1 (they send)")]


def test_of_a_wide_network_only_so_many_are_compared_and_all_others_name_it(
    context: Context, acme: Company, beta: Company, found
) -> None:
    """C-12"""
    addresses = " ".join(f"203.0.113.{number}" for number in range(2 * near.MOST))
    ip_auth.add(context, acme.id, {"address": addresses})
    ip_auth.add(context, beta.id, {"address": "203.0.112.0/23"}, share=True)
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0")
    problems = [problem for problem in found() if problem.code == "C-12"]
    assert sum(problem.company == "Acme Telecom" for problem in problems) == 2 * near.MOST
    assert problems[-1].text.startswith("and ")
    assert [problem.company for problem in problems if problem.text.startswith("and ")] == ["Beta Ltd"]
