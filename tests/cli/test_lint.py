"""The conflicts overview from the shell."""

from __future__ import annotations

import pytest

from tests.support import execute

HERE = "203.0.113.77"


@pytest.fixture
def troubled(shell, context):
    """A shell in whose database two companies share an address unsaid, and a user has no password."""
    shell.ok("company", "add", "Beta Ltd")
    shell.ok("ip", "add", "Acme Telecom", "20.0.0.1")
    shell.ok("ip", "add", "Beta Ltd", "20.0.0.0/24", "--share")
    shell.ok("sip", "add", "Acme Telecom", "1001")
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0")
    return shell


def test_nothing_wrong_is_exit_code_0(shell):
    answer = shell.ok("lint")
    assert (answer.out, answer.err) == ("", "Nothing is wrong.\n")
    assert shell.json("lint") == []


def test_problems_stand_under_their_company_one_a_line(troubled):
    """C-12, S-120"""
    answer = troubled("lint")
    assert answer.code == 1
    heads = [" ".join(line.split(":")[0].split()) for line in answer.out.splitlines()]
    assert heads == [
        "Acme Telecom",
        "error C-12 IP entry 20.0.0.1 (they send)",
        "warning no-password SIP user 1001",
        "",
        "Beta Ltd",
        "error C-12 IP entry 20.0.0.0/24 (they send)",
    ]
    assert "calls from 20.0.0.1 are Acme Telecom's" in answer.out
    assert answer.err == "2 errors, 1 warning.\n"


def test_only_errors_and_only_one_company(troubled):
    assert "warning" not in troubled("lint", "--errors").out
    assert troubled("lint", "--company", "Beta Ltd").err == "1 error.\n"
    troubled.ok("ip", "delete", "20.0.0.0/24", "--yes")
    assert troubled.ok("lint", "--errors").err == "No errors.\n"
    assert troubled("lint").code == 1
    assert troubled("lint", "--company", "Nobody").code == 1


def test_a_problem_for_a_program_names_the_row_and_the_remedy(troubled):
    answer = troubled("lint", "--json", "--errors")
    assert answer.code == 1
    assert answer.json[0] | {"text": ""} == {
        "code": "C-12",
        "severity": "error",
        "table": "ip_auth",
        "row": 1,
        "company": "Acme Telecom",
        "label": "IP entry 20.0.0.1 (they send)",
        "text": "",
        "field": "address",
        "fix": "share",
    }


def test_who_may_only_look_may_ask_and_damaged_text_is_harmless(troubled, context):
    """W-028"""
    execute(context.database, "UPDATE company SET name = ? WHERE id = 2", ("\x1b[2JBeta",))
    answer = troubled("lint", "--readonly")
    assert answer.code == 1
    assert "\x1b" not in answer.out
    assert "␛[2JBeta" in answer.out
    execute(context.database, "UPDATE company SET name = CAST(x'ff42' AS TEXT) WHERE id = 2")
    assert troubled("lint").code == 1
    assert "damaged" in {problem["code"] for problem in troubled("lint", "--json").json}


def test_on_a_terminal_the_words_stand_below_and_fit(troubled, monkeypatch):
    from cxtui.cli.output import Output

    monkeypatch.setattr(Output, "room", property(lambda self: 60))
    lines = troubled("lint").out.splitlines()
    assert "  error   C-12          IP entry 20.0.0.1 (they send)" in lines
    assert max(map(len, lines)) <= 60
