"""Companies: names, limits, number blocks."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import companies, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Refused, ServiceError
from tests.support import codes, execute


def row(change: Change) -> Company:
    (row,) = change.rows
    assert isinstance(row, Company)
    return row


def test_a_company_is_a_customer_or_a_carrier_with_a_status(context: Context) -> None:
    """S-003, W-105."""
    added = row(companies.add(context, {"name": " Gamma GmbH ", "kind": "Carrier", "status": "Pending Approval"}))
    assert (added.name, added.kind, added.status) == ("Gamma GmbH", "carrier", "pending_approval")
    with pytest.raises(Refused, match="status: choose one of active"):
        companies.save(context, added, {"status": "closed"})


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\nlines", "esc\x1b[31m", "half\udcff", "Acme Telecom"])
def test_a_name_is_one_line_and_unique(context: Context, name: str) -> None:
    with pytest.raises(Refused, match="name: "):
        companies.add(context, {"name": name})


def test_a_number_block_needs_start_and_size(context: Context, beta: Company) -> None:
    """W-070."""
    for typed in ({"number_block_start": "5000"}, {"number_block_size": "10"}):
        with pytest.raises(Refused) as refusal:
            companies.save(context, beta, typed)
        assert [code for _, _, code in codes(refusal.value.findings)] == ["W-070"]
    saved = row(companies.save(context, beta, {"number_block_start": "5000", "number_block_size": "10"}))
    assert (saved.number_block_start, saved.number_block_size) == (5000, 10)


@pytest.mark.parametrize(("start", "size"), [(1999, 1), (900, 101), (1500, 10), (500, 5000)])
def test_number_blocks_do_not_overlap(context: Context, beta: Company, start: int, size: int) -> None:
    """W-070: extensions are unique on the account."""
    with pytest.raises(Refused, match="overlaps the block 1000–1999 of Acme Telecom"):
        companies.save(context, beta, {"number_block_start": str(start), "number_block_size": str(size)})


@pytest.mark.parametrize(("start", "size"), [(2000, 1000), (900, 100)])
def test_number_blocks_may_stand_side_by_side(context: Context, beta: Company, start: int, size: int) -> None:
    """W-070."""
    companies.save(context, beta, {"number_block_start": str(start), "number_block_size": str(size)})


def test_the_next_free_block_is_offered(context: Context, beta: Company) -> None:
    """W-070: 1000/1000 gives 1000–1999, the next one is 2000–2999."""
    assert str(companies.free_block(context)) == "2000–2999"
    companies.save(context, beta, {"number_block_start": "2500", "number_block_size": "10"})
    assert str(companies.free_block(context)) == "3000–3999"
    execute(context.database, "UPDATE account SET number_range_start = 100, number_block_size = 50")
    assert str(companies.free_block(context)) == "100–149"


def test_an_account_cut_below_its_users_is_warned_about(context: Context, acme: Company) -> None:
    """W-011."""
    sip_users.add(context, acme.id, {"username": "1001", "channels": "60"})
    assert codes(companies.check(context, {"channels": "60"}, acme).findings) == []
    change = companies.save(context, acme, {"channels": "59"})
    assert codes(change.warnings) == [("warning", "channels", "W-011")]


def test_a_company_with_entries_or_users_is_not_deleted(context: Context, acme: Company, beta: Company) -> None:
    (user,) = sip_users.add(context, acme.id, {"username": "1001"}).rows
    (entry,) = ip_auth.add(context, acme.id, {"address": "203.0.113.1"}).rows
    with pytest.raises(ServiceError, match="still has 1 IP entries and 1 SIP users"):
        companies.delete(context, [beta, acme])
    assert companies.find_by_name(context, "Beta Ltd") == beta
    sip_users.delete(context, [user])  # type: ignore[list-item]
    ip_auth.delete(context, [entry])  # type: ignore[list-item]
    assert companies.delete(context, [beta, acme]).sentence == "Deleted 2 companies."


def test_a_company_is_found_by_name_in_any_case_or_by_id(context: Context, acme: Company) -> None:
    assert companies.find_by_name(context, "acme telecom") == acme
    assert companies.find_by_name(context, str(acme.id)) == acme
    numbered = row(companies.add(context, {"name": str(acme.id)}))
    assert companies.find_by_name(context, str(acme.id)) == numbered, "a name goes before an id"
    for nothing in ("", "nobody", "99", "9" * 30, "9" * 5000, "-1", "'; DROP TABLE company"):
        assert companies.find_by_name(context, nothing) is None


def test_names_are_read_for_many_ids_at_once(context: Context, acme: Company, beta: Company) -> None:
    assert companies.names(context, [acme.id, None, beta.id, acme.id, 999]) == {
        acme.id: "Acme Telecom",
        beta.id: "Beta Ltd",
    }
    assert companies.names(context, []) == {}


def test_checking_writes_nothing(context: Context, acme: Company) -> None:
    judged = companies.check(context, {"name": "New", "channels": "x"})
    assert [finding.field for finding in judged.findings] == ["channels"]
    assert companies.find_by_name(context, "New") is None
