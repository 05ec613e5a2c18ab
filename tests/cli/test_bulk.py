"""import, export and sip range: the plan by default, all or nothing with --apply."""

from __future__ import annotations

import csv
import gc
import json
import sys

import pytest

from cxtui.cli import meter as meters

USERS = "company,username,channels\nAcme Telecom,1001,5\nAcme Telecom,1002,\n"


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text(USERS)
    return str(path)


def test_an_import_says_what_it_would_do_and_does_nothing(shell, users):
    """W-090"""
    answer = shell.ok("import", users, "--kind", "sip")
    assert answer.out.splitlines() == [
        "2 to create, 0 to change, 0 unchanged, 0 wrong.",
        "line 2: create SIP user 1001: Company Acme Telecom, Channels 5",
        "line 3: create SIP user 1002: Company Acme Telecom",
    ]
    assert "--apply" in answer.err
    assert shell.ok("import", users, "--kind", "sip", "--plan").out == answer.out
    assert shell.json("sip", "list") == []


def test_an_import_is_applied_when_it_is_told_to(shell, users):
    assert shell.ok("import", users, "--kind", "sip", "--apply", "--reason", "ticket 7").out == "Added 2 SIP users.\n"
    assert [(row["username"], row["channels"]) for row in shell.json("sip", "list")] == [("1001", 5), ("1002", 1)]
    assert shell.json("audit", "list")[0]["reason"] == "ticket 7"
    answer = shell.ok("import", "-", "--kind", "sip", stdin=USERS.replace(",5", ",6").encode())
    assert "line 2: change SIP user 1001: Channels 5 → 6" in answer.out
    assert "0 to create, 1 to change, 1 unchanged, 0 wrong" in answer.out
    shell.ok("undo")
    assert shell.json("sip", "list") == []


def test_wrong_rows_are_named_by_line_and_column_and_nothing_is_written(shell):
    data = b"Customer;Username;Channels\nAcme Telecom;1001;x\nNobody;1002;1\nAcme Telecom;1003;1\n"
    for more in ((), ("--apply",)):
        answer = shell("import", "-", "--kind", "sip", *more, stdin=data)
        assert answer.code == 1
        lines = answer.out.splitlines()
        assert lines[0] == "1 to create, 0 to change, 0 unchanged, 2 wrong."
        assert "line 2, Channels: write a whole number, in digits only" in lines
        assert "line 3, Customer: there is no company Nobody" in lines
    assert shell.json("sip", "list") == []


def test_a_file_that_is_not_understood_is_refused(shell, tmp_path):
    answer = shell("import", "-", "--kind", "sip", stdin=b"company,username,chanels\nAcme Telecom,1,2\n")
    assert answer.code == 1
    assert "file: there is no column chanels; did you mean channels?" in answer.out
    answer = shell("import", str(tmp_path / "none.csv"), "--kind", "ip", "--apply")
    assert (answer.code, "No such file" in answer.out) == (1, True)
    assert shell("import", "-", "--kind", "sip", stdin=b"").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("import",),
        ("import", "x.csv"),
        ("import", "x.csv", "--kind", "block"),
        ("import", "x.csv", "--kind", "sip", "--plan", "--apply"),
        ("import", "x.csv", "--kind", "ip", "--passwords", "p.csv"),
        ("export",),
        ("export", "company"),
        ("export", "sip", "--json"),
        ("sip", "range", "Acme Telecom"),
        ("sip", "range", "Acme Telecom", "1000", "--username", "x"),
    ],
)
def test_what_is_not_in_the_grammar_is_said(shell, words):
    answer = shell(*words)
    assert answer.code == 2
    assert answer.err or answer.json["error"]


def test_the_plan_in_json_has_every_row_that_changes(shell, users):
    shell.ok("import", users, "--kind", "sip", "--apply")
    data = USERS.replace("1002", "1003").replace(",5", ",7") + "Acme Telecom,1002,1\nAcme Telecom,99,1\n"
    answer = shell("import", "-", "--kind", "sip", "--json", stdin=data.encode())
    assert answer.code == 1
    plan = json.loads(answer.out)
    assert (plan["kind"], plan["ok"]) == ("sip_users", False)
    assert plan["counts"] == {"create": 1, "change": 1, "unchanged": 1, "wrong": 1}
    assert [(row["line"], row["action"], row["label"]) for row in plan["rows"]] == [
        (2, "change", "SIP user 1001"),
        (3, "create", "SIP user 1003"),
        (5, "wrong", "SIP user 99"),
    ]
    assert plan["rows"][0]["differences"] == [{"label": "Channels", "before": "5", "after": "7"}]
    assert plan["rows"][2]["findings"][0]["field"] == "username"


def test_what_was_applied_in_json(shell, users, tmp_path):
    sheet = tmp_path / "passwords.csv"
    words = ("import", users, "--kind", "sip", "--apply", "--passwords", str(sheet))
    done = shell.json(*words)
    assert (done["done"], done["handover"], done["counts"]["create"]) == ("Added 2 SIP users.", str(sheet), 2)
    assert shell.json("audit", "show", done["change"])
    assert shell("import", "-", "--kind", "sip", "--json", "--apply", stdin=b"username\n1\n").json["ok"] is False


def test_a_range_is_planned_then_added_with_its_passwords(shell, tmp_path):
    """W-092"""
    shell.ok("profile", "add", "agents")
    sheet = tmp_path / "passwords.csv"
    words = ("sip", "range", "Acme Telecom", "1000-1019, 1030", "--profile", "agents", "--channels", "2")
    answer = shell.ok(*words)
    assert answer.out.splitlines()[0] == "21 to create, 0 to change, 0 unchanged, 0 wrong."
    assert "create SIP user 1000: Company Acme Telecom, SIP Profile agents, Channels 2" in answer.out
    assert "… and 11 more like these" in answer.out
    answer = shell.ok(*words, "--apply", "--passwords", str(sheet))
    assert answer.out == "Added 21 SIP users.\n"
    rows = [*csv.DictReader(sheet.open())]
    assert [row["username"] for row in rows] == [*map(str, range(1000, 1020)), "1030"]
    assert not any(row["password"] in answer.out + answer.err for row in rows)
    assert {row["state"] for row in shell.json("sip", "list")} != {"no password"}
    answer = shell("sip", "range", "Acme Telecom", "1050", "--apply", "--passwords", str(sheet))
    assert (answer.code, "is there already" in answer.err) == (1, True)
    assert len(shell.json("sip", "list")) == 21


def test_a_range_beyond_the_channels_of_the_account_is_refused_in_the_portals_words(shell):
    """W-011"""
    answer = shell("sip", "range", "Acme Telecom", "1000-1199", "--channels", "1")
    assert answer.code == 1
    assert (
        "channels: No channel capacity available for your account. "
        "Acme Telecom: 200 more are wanted, 100 of 100 are left." in answer.out
    )
    assert "SIP user 1100, channels: No channel capacity available for your account." in answer.out


def test_an_export_goes_into_an_import_and_changes_nothing(shell, users, tmp_path):
    """W-090"""
    shell.ok("import", users, "--kind", "sip", "--apply")
    shell.ok("ip", "add", "Acme Telecom", "192.0.2.0/28", "2001:db8::1", "--direction", "both")
    for kind, count in (("sip", 2), ("ip", 4)):
        out = shell.ok("export", kind).out
        assert out.count("\n") == count + 1
        answer = shell.ok("import", "-", "--kind", kind, stdin=out.encode())
        assert f"0 to create, 0 to change, {count} unchanged, 0 wrong" in answer.out
        target = tmp_path / f"{kind}.csv"
        assert shell.json("export", kind, "--output", str(target)) == {"file": str(target), "rows": count}
        assert target.read_text() == out
        assert target.stat().st_mode & 0o777 == 0o600
        assert f"{count} rows are in" in shell.ok("export", kind, "--output", str(target)).err


def test_an_export_of_one_company(shell, users):
    shell.ok("company", "add", "Beta")
    shell.ok("import", users, "--kind", "sip", "--apply")
    assert shell.ok("export", "sip", "--company", "beta").out.count("\n") == 1
    assert shell.ok("export", "sip", "--company", "Acme Telecom").out.count("\n") == 3


def test_an_export_to_a_terminal_cannot_steer_it(shell, context, monkeypatch):
    with context.database.bulk() as link:
        link.execute("UPDATE company SET name = char(27) || '[2J'")
    shell.ok("sip", "add", "1", "1001")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    out = shell.ok("export", "sip").out
    assert "␛[2J" in out
    assert "\x1b" not in out


def test_hostile_cells_are_pictures_of_themselves(shell):
    data = "company,username,channels\n\x1b[2J,\u202e1,\x07\n".encode()
    answer = shell("import", "-", "--kind", "sip", stdin=data)
    said = (answer.out + answer.err).replace("\n", "")
    assert answer.code == 1
    assert said.isprintable()
    assert shell("import", "-", "--kind", "sip", "--json", stdin=data).json["counts"]["wrong"] == 1


def test_a_console_that_changes_nothing_plans_and_applies_not(shell, users):
    """W-028"""
    assert shell("import", users, "--kind", "sip", "--readonly").code == 0
    answer = shell("import", users, "--kind", "sip", "--apply", "--readonly")
    assert (answer.code, "Access Denied" in answer.err) == (1, True)


def test_a_long_work_tells_how_far_it_is_on_a_terminal_alone(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(meters, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with meters.Meter() as meter:
        meter(1, 10)
        assert capsys.readouterr().err == ""
        now[0] += 2
        meter(5, 10)
        meter(6, 10)
        assert capsys.readouterr().err.strip() == "50 % of 10"
        now[0] += 1
        meter(9, 10)
    assert capsys.readouterr().err.split("\r")[1].strip() == "90 % of 10"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    with meters.Meter() as meter:
        now[0] += 5
        meter(5, 10)
    assert capsys.readouterr().err == ""


def test_the_collector_rests_only_while_it_works(shell, users):
    gc.enable()  # a shell verb that ran in this process before leaves it off
    shell.ok("import", users, "--kind", "sip", "--apply")
    shell("import", "-", "--kind", "sip", stdin=b"")
    assert gc.isenabled()


def test_the_manual_names_them(shell):
    text = shell.ok("help").out
    for words in ("import FILE", "export sip|ip", "sip range COMPANY SPAN"):
        assert words in text
    for verb in (["import"], ["export"], ["sip", "range"]):
        assert shell.ok(*verb, "--help").out
