"""Ranges of SIP users."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.rules.capacity import NO_CAPACITY
from cxtui.services.bulk import user_ranges
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.user_ranges import plan_range, usernames
from cxtui.services.context import Context
from tests.services.bulk.files import counts, wrong
from tests.services.stock import Stock
from tests.support import query


@pytest.mark.parametrize(
    ("span", "names"),
    [
        ("1000-1003", ["1000", "1001", "1002", "1003"]),
        ("1000 - 1001, 1300;1400–1401", ["1000", "1001", "1300", "1400", "1401"]),
        ("0008-0011", ["0008", "0009", "0010", "0011"]),
        ("8-11", ["8", "9", "10", "11"]),
        ("0-2", ["0", "1", "2"]),
        ("007", ["007"]),
        ("5-5\n7", ["5", "7"]),
        ("007 7", ["007", "7"]),
    ],
)
def test_a_span_is_its_usernames(span: str, names: list[str]) -> None:
    """W-092; leading zeros are kept."""
    assert usernames(span) == (names, [])


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("", "write the usernames as a range"),
        (" , ", "write the usernames as a range"),
        ("1010-1000", "1010-1000: begins after its end: 1000-1010?"),
        ("08-9", "with leading zeros both ends have as many digits"),
        ("8-010", "with leading zeros both ends have as many digits"),
        ("1000-1005 1003", "1003 stands in it twice"),
        ("agents", "agents: write numbers, such as 1000-1199"),
        ("1-2-3", "write numbers"),
        ("-5", "write numbers"),
        ("1000-", "write numbers"),
        ("１０", "write numbers"),
        ("9" * 65, "at most 64 characters"),
        ("0-99999999999", "at most 100,000 users at once"),
        ("0-60000 70000-130000", "at most 100,000 users at once"),
        ("\x1b[2J", "write numbers"),
    ],
)
def test_a_span_that_is_none_is_refused(context: Context, acme: Company, span: str, words: str) -> None:
    plan = plan_range(context, acme.id, span, {})
    assert (plan.rows, plan.ok) == ((), False)
    ((_, field, said), *_) = wrong(plan)
    assert (field, words in said) == ("span", True)
    assert said.isprintable()


@given(st.text(alphabet="0123456789-–,; \n", max_size=12))
def test_no_span_raises(span: str) -> None:
    names, faults = usernames(span)
    assert names or faults
    assert len(set(names)) == len(names) <= user_ranges.MOST


def test_a_range_gives_every_user_the_same_fields(context: Context, stock: Stock, acme: Company) -> None:
    typed = {"profile_id": stock.profile.id, "channels": "2", "nat_ping": "enabled", "allow_list": "192.0.2.64"}
    plan = plan_range(context, acme.id, "1010-1029", typed)
    assert counts(plan) == (20, 0, 0, 0)
    assert plan.new_users == 20
    assert [(item.label, item.after) for item in plan.rows[7].differences] == [
        ("Company", "Acme Telecom"),
        ("SIP Profile", "agents"),
        ("Channels", "2"),
        ("IP Allow list", "192.0.2.64"),
        ("NAT/SIP Ping", "Enabled"),
    ]
    assert apply(context, plan).change.sentence == "Added 20 SIP users."
    columns = "company_id, profile_id, channels, nat_ping, password_set_at"
    rows = query(context.database, f"SELECT DISTINCT {columns} FROM sip_user WHERE username >= '1010'")
    assert rows == [(acme.id, stock.profile.id, 2, "enabled", None)]
    assert query(context.database, "SELECT count(*) FROM allowed_range WHERE address = '192.0.2.64'") == [(20,)]


def test_the_sum_of_the_channels_is_said_at_once(context: Context, stock: Stock, acme: Company) -> None:
    """W-011: 50 of 100 are in use; 200 users of one channel each do not fit."""
    plan = plan_range(context, acme.id, "1100-1299", {"channels": "1"})
    words = f"{NO_CAPACITY} Acme Telecom: 200 more are wanted, 50 of 100 are left."
    assert wrong(plan)[0] == (0, "channels", words)
    assert counts(plan) == (50, 0, 0, 150)
    assert plan_range(context, acme.id, "1100-1149", {"channels": "1"}).ok
    assert not plan_range(context, acme.id, "1100-1149", {"channels": "0"}).ok


def test_the_number_block_and_taken_usernames_are_refused_row_by_row(
    context: Context, stock: Stock, acme: Company, beta: Company
) -> None:
    """S-092, S-093."""
    plan = plan_range(context, acme.id, "0999-1002", {})
    assert [(line, text.partition(":")[0]) for line, _, text in wrong(plan)] == [
        (1, "outside this company's number block"),
        (3, "Duplicate User Detected"),
    ]
    plan = plan_range(context, acme.id, "1000-1002", {})
    assert [(line, text) for line, _, text in wrong(plan)] == [(2, "Duplicate User Detected")]
    plan = plan_range(context, beta.id, "1001 2001", {})
    assert [(line, text) for line, _, text in wrong(plan)] == [(1, "Duplicate User Detected")]


@pytest.mark.parametrize(
    "typed", [{"channels": "x"}, {"profile_id": "99"}, {"colour": "red"}, {"username": "1"}, {"password": "x"}]
)
def test_fields_that_cannot_be_are_refused(context: Context, acme: Company, typed: dict[str, str]) -> None:
    plan = plan_range(context, acme.id, "1000-1001", typed)
    assert not plan.ok
    assert {field for _, field, _ in wrong(plan)} == {*typed}


def test_a_company_that_is_gone_is_said(context: Context) -> None:
    assert wrong(plan_range(context, 999, "1", {})) == [(0, "company", "was deleted in the meantime")]
