"""A file of SIP users as a plan: what it means row by row, and why it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.rules.capacity import NO_CAPACITY
from cxtui.services import sip_profiles, sip_users
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import Action
from cxtui.services.context import Context
from tests.services.bulk.files import counts, csv, imported, table, wrong
from tests.services.stock import Stock, only
from tests.support import dump, one, query

SIP = "sip_users"


class GivenUp(Exception):
    """The operator closed the window."""


def test_a_plan_says_what_would_be_done_and_does_nothing(context: Context, stock: Stock, acme: Company) -> None:
    """W-090: created, changed, unchanged and wrong are told apart, each with its differences."""
    before = dump(context.database)
    rows = ["1002 2", "1001 51", "1003 _", "999 1"]
    plan = plan_import(context, SIP, table("username channels", *rows), company_id=acme.id)
    assert plan.sentence == "2 to create, 1 to change, 0 unchanged, 1 wrong"
    assert not plan.ok
    assert [row.label for row in plan.rows] == ["SIP user 1002", "SIP user 1001", "SIP user 1003", "SIP user 999"]
    assert [(item.label, item.before, item.after) for item in plan.rows[1].differences] == [("Channels", "50", "51")]
    assert [(item.label, item.after) for item in plan.rows[0].differences] == [
        ("Company", "Acme Telecom"),
        ("Channels", "2"),
    ]
    assert wrong(plan) == [
        (5, "username", "outside this company's number block: only 1000–1999 without leading zeros can be chosen")
    ]
    assert dump(context.database) == before


@pytest.mark.parametrize(
    "heading",
    [
        "company,username,profile,channels,flow_speed,allow_list,nat_ping",
        "Company,Username,SIP Profile,Channels,Flow Speed,IP Allow list,NAT/SIP Ping",
        "CUSTOMER,user,profile_id,CHANNELS,cps,Allow-List,nat sip ping",
        "carrier,Extension,SIP_Profile,channels,Flow-Speed,IP whitelist,ping",
    ],
)
def test_columns_are_called_as_the_field_or_as_its_label(
    context: Context, stock: Stock, beta: Company, heading: str
) -> None:
    data = csv([heading.split(","), ["beta ltd", "a1", "agents", "3", "7", "192.0.2.64 192.0.2.65", "Enabled"]])
    plan = plan_import(context, SIP, data)
    assert plan.ok, wrong(plan)
    row: Any = plan.rows[0].row
    assert (row.company_id, row.channels, row.flow_speed, row.nat_ping) == (beta.id, 3, 7, "enabled")
    assert (row.profile_id, row.allow_list) == (stock.profile.id, "192.0.2.64\n192.0.2.65")


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("company,username,chanels", "there is no column chanels; did you mean channels?"),
        ("company,username,hovercraft", "there is no column hovercraft; there are company, username, profile, "),
        ("company,username,Channels,CHANNELS ", "columns 3 and 4 have the same heading"),
        ("company,username,profile,SIP Profile", "the columns profile and SIP Profile mean the same"),
        ("company,channels", "the column username is missing"),
        ("username,channels", "the column company is missing"),
        ("company,username,address", "there is no column address"),
        ("company,username,ha1_md5", "there is no column ha1_md5"),
    ],
)
def test_a_heading_that_is_not_understood_is_refused_by_name(context: Context, heading: str, words: str) -> None:
    cells = heading.split(",")
    plan = plan_import(context, SIP, csv([cells, ["1"] * len(cells)]))
    assert (plan.rows, plan.ok, plan.sentence) == ((), False, "Nothing can be planned")
    assert any(words in text for _, _, text in wrong(plan)), wrong(plan)


def test_a_file_that_cannot_be_read_is_a_plan_that_says_so(context: Context, tmp_path: Path) -> None:
    assert wrong(plan_import(context, SIP, tmp_path / "none.csv")) == [
        (0, "file", "cannot be read: No such file or directory")
    ]
    assert wrong(plan_import(context, SIP, tmp_path)) == [(0, "file", "cannot be read: Is a directory")]
    assert wrong(plan_import(context, SIP, b"")) == [(0, "file", "empty")]
    file = tmp_path / "users.csv"
    file.write_bytes(table("company username", "Beta_Ltd x").replace(b"_", b" "))
    assert counts(plan_import(context, SIP, file)) == (1, 0, 0, 0)


def test_only_the_columns_of_the_file_are_changed(context: Context, stock: Stock, acme: Company) -> None:
    imported(context, SIP, table("username flow_speed", "1001 9"), company_id=acme.id)
    (row,) = query(context.database, "SELECT channels, flow_speed, allow_list, profile_id FROM sip_user")
    assert row == (50, 9, "192.0.2.0/30", stock.profile.id)


def test_an_empty_cell_clears_text_and_leaves_numbers_and_choices(
    context: Context, stock: Stock, acme: Company
) -> None:
    """An export writes text, lists and profiles that are empty as empty cells, but never a number or a choice."""
    heading = "username channels protocol enabled profile allow_list"
    plan = plan_import(context, SIP, table(heading, "1001 _ _ _ _ _"), company_id=acme.id)
    assert {item.label for item in plan.rows[0].differences} == {"SIP Profile", "IP Allow list"}
    plan = plan_import(context, SIP, table(heading, "1002 _ _ _ _ _"), company_id=acme.id)
    row: Any = plan.rows[0].row
    assert (row.channels, row.protocol, row.enabled, row.profile_id) == (1, "udp", True, None)


def test_leading_zeros_and_a_plus_are_kept(context: Context, beta: Company) -> None:
    data = csv([["username"], ["007"], ["+44178"], ["1e5"]])
    imported(context, SIP, data, company_id=beta.id)
    assert query(context.database, "SELECT username FROM sip_user ORDER BY id") == [("007",), ("+44178",), ("1e5",)]


@pytest.mark.parametrize("cell", ["4.41782E+11", "4,41782E+11", "1E+15", " 4.4E-10 "])
@pytest.mark.parametrize("column", ["username", "channels", "flow_speed"])
def test_what_a_spreadsheet_made_of_a_long_number_is_refused(
    context: Context, beta: Company, column: str, cell: str
) -> None:
    """W-090: no scientific notation."""
    names = ["username", *({column} - {"username"})]
    cells = ["x"] * (len(names) - 1) + [cell] if column != "username" else [cell]
    plan = plan_import(context, SIP, csv([names, cells]), company_id=beta.id)
    ((line, field, words),) = [item for item in wrong(plan) if "spreadsheet" in item[2]]
    assert (line, field) == (2, column)
    assert "format the column as text" in words


def test_a_user_that_stands_in_the_file_twice_is_named_with_both_lines(context: Context, acme: Company) -> None:
    """W-090: the portal does not say which one; S-093."""
    rows = ["1001 1", "1002 1", "1001 2", "1003 1", "1001 2"]
    plan = plan_import(context, SIP, table("username channels", *rows), company_id=acme.id)
    words = "Duplicate User Detected: 1001 stands on the lines 2, 4 and 6"
    assert wrong(plan) == [(line, "username", words) for line in (2, 4, 6)]


def test_a_user_of_another_company_is_a_duplicate(context: Context, stock: Stock, beta: Company) -> None:
    """S-093: usernames are unique on the account."""
    words = "Duplicate User Detected: it is of Acme Telecom"
    for data, default in (
        (csv([["company", "username"], ["Beta Ltd", "1001"]]), None),
        (table("username", "1001"), beta.id),
    ):
        assert wrong(plan_import(context, SIP, data, company_id=default)) == [(2, "username", words)]


def test_a_row_may_leave_out_its_company_where_it_is_known(context: Context, stock: Stock, beta: Company) -> None:
    rows = [["company", "username"], ["", "1001"], ["", "new"], ["Nobody", "x"], [str(beta.id), "y"], ["Beta Lt", "z"]]
    plan = plan_import(context, SIP, csv(rows))
    assert [row.action for row in plan.rows] == [
        Action.UNCHANGED,
        Action.WRONG,
        Action.WRONG,
        Action.CREATE,
        Action.WRONG,
    ]
    assert [(line, text) for line, field, text in wrong(plan) if field == "company"] == [
        (3, "whose is it? Name the company"),
        (4, "there is no company Nobody"),
        (6, "there is no company Beta Lt; did you mean Beta Ltd?"),
    ]
    assert plan.rows[3].row.company_id == beta.id


def test_a_company_that_is_gone_is_said_once(context: Context) -> None:
    plan = plan_import(context, SIP, table("username", "1"), company_id=999)
    assert wrong(plan) == [(0, "company", "was deleted in the meantime")]


def test_the_channels_of_all_rows_share_the_account(context: Context, stock: Stock, acme: Company) -> None:
    """W-011: 100 channels, 50 in use; 30 + 20 fit, the next one does not."""
    rows = ["1002 30", "1003 20", "1004 1", "1005 1"]
    plan = plan_import(context, SIP, table("username channels", *rows), company_id=acme.id)
    found = wrong(plan)
    assert [(line, field) for line, field, _ in found] == [(0, "channels"), (4, "channels"), (5, "channels")]
    assert all(text.startswith(NO_CAPACITY) for _, _, text in found)
    assert found[0][2] == f"{NO_CAPACITY} Acme Telecom: 52 more are wanted, 50 of 100 are left."
    rows = ["1002 30", "1003 70", "1001 0"]
    assert not plan_import(context, SIP, table("username channels", *rows), company_id=acme.id).ok


def test_channels_that_a_row_gives_back_can_be_taken_by_another(context: Context, stock: Stock, acme: Company) -> None:
    rows = ["1002 60", "1003 39", "1001 1"]
    plan = plan_import(context, SIP, table("username channels", *rows), company_id=acme.id)
    assert plan.ok, wrong(plan)
    assert counts(plan) == (2, 1, 0, 0)


def test_an_account_that_was_cut_does_not_stand_in_the_way(context: Context, stock: Stock, acme: Company) -> None:
    sip_users.add(context, acme.id, {"username": "1002", "channels": "50"})
    with context.database.bulk() as link:
        link.execute("UPDATE company SET channels = 10 WHERE id = ?", (acme.id,))
    rows = ["1001 49 yes", "1002 50 no"]
    plan = plan_import(context, SIP, table("username channels enabled", *rows), company_id=acme.id)
    assert plan.ok, wrong(plan)


def test_an_allow_list_inside_an_ip_entry_is_refused(context: Context, stock: Stock, beta: Company) -> None:
    """C-13, S-084: also where the entry is another company's, covers the list or lies inside it."""
    for address in ("203.0.113.10", "203.0.113.0/24"):
        plan = plan_import(context, SIP, table("username allow_list", f"x {address}"), company_id=beta.id)
        ((line, field, words),) = wrong(plan)
        assert (line, field) == (2, "allow_list")
        assert "never challenged" in words
    rows = ["x 203.0.113.11", "y 203.0.113.12", "z _"]
    assert plan_import(context, SIP, table("username allow_list", *rows), company_id=beta.id).ok


def test_rows_that_cannot_be_taken_apart_are_wrong_and_the_others_planned(context: Context, acme: Company) -> None:
    data = table("username channels", "1001 1", "1002 1 1", "1003 1")
    plan = plan_import(context, SIP, data, company_id=acme.id)
    assert counts(plan) == (2, 0, 0, 1)
    assert wrong(plan) == [(3, "file", "3 columns, but the heading has 2")]
    assert plan.rows[1].label == "line 3"


def test_a_name_that_no_encoding_can_hold_and_hostile_text_do_no_harm(context: Context, beta: Company) -> None:
    rows = [["username", "profile"], ["\x1b[2J", "\u202eagents"], ["a\tb", "x"]]
    plan = plan_import(context, SIP, csv(rows), company_id=beta.id)
    assert plan.wrong == 2
    said = repr(wrong(plan)) + "".join(row.label for row in plan.rows)
    assert said.isprintable()


def test_progress_is_told_and_may_end_the_work(context: Context, beta: Company) -> None:
    data = csv([["username"], *([f"u{number}"] for number in range(1_200))])
    told: list[tuple[int, int]] = []
    plan_import(context, SIP, data, lambda done, total: told.append((done, total)), company_id=beta.id)
    assert told == [(0, 1_200), (500, 1_200), (1_000, 1_200)]

    def stop(done: int, total: int) -> None:
        raise GivenUp

    with pytest.raises(GivenUp):
        plan_import(context, SIP, data, stop, company_id=beta.id)


def test_many_rows_cost_few_statements(context: Context, beta: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of the database row by row."""
    profile = only(sip_profiles.add(context, {"name": "agents"}))
    rows = [[f"u{number}", profile.name, f"10.0.{number // 256}.{number % 256}"] for number in range(2_000)]
    data = csv([["username", "profile", "allow_list"], *rows])
    statements: list[str] = []
    with context.database.snapshot() as link:
        link.set_trace_callback(statements.append)
    assert plan_import(context, SIP, data, company_id=beta.id).ok
    selects = [text for text in statements if text.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(selects) <= 2 * 1_000 + 20
    statements.clear()
    assert plan_import(context, SIP, csv([["username", "profile"], *(row[:2] for row in rows)]), company_id=beta.id).ok
    assert len(statements) < 12


def test_the_same_file_twice_changes_nothing_the_second_time(context: Context, acme: Company) -> None:
    data = table("username channels allow_list", "1001 5 192.0.2.7", "1002 6 _")
    assert imported(context, SIP, data, company_id=acme.id).change.sentence == "Added 2 SIP users."
    mark = one(context.database, "SELECT max(id) FROM audit")
    plan = plan_import(context, SIP, data, company_id=acme.id)
    assert counts(plan) == (0, 0, 2, 0)
    again = imported(context, SIP, data, company_id=acme.id).change
    assert again.sentence == "Nothing to change: the SIP users are as they should be."
    assert one(context.database, "SELECT max(id) FROM audit") == mark
