from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxtui.models.fields import form_specs
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, ip_auth, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.grids import Grid, Shown
from cxtui.services.outcome import ServiceError
from tests.support import audit, one, query


def shown(context: Context, kind: str) -> list[Shown]:
    """Every row of a list."""
    part = Grid(context, kind).read(0, 1000)
    assert len(part.rows) == part.total
    return list(part.rows)


def typed(row: Any) -> dict[str, Any]:
    """A row as its form would hand it over."""
    return {name: getattr(row, name) for name in form_specs(type(row))}


def of(context: Context, name: str) -> int:
    """The id of a company."""
    company = companies.find_by_name(context, name)
    assert company is not None
    return company.id


def test_there_are_a_dozen_companies_of_both_kinds_and_several_statuses(console: Context) -> None:
    rows = [found.row for found in shown(console, "companies")]
    assert 12 <= len(rows) <= 14
    assert 2 <= sum(row.kind == "carrier" for row in rows) <= 3
    assert {"active", "dialing", "inactive", "pending_approval", "penalty"} <= {row.status for row in rows}
    assert any(row.notes for row in rows)


def test_acme_has_its_block_its_users_and_its_entries(console: Context) -> None:
    acme = of(console, "Acme Telecom")
    users = [found for found in shown(console, "sip_users") if found.row.company_id == acme]
    assert [found.row.username for found in users] == [str(number) for number in range(1001, 1049)]
    assert {found.more for found in users} == {"agents", "supervisors"}
    assert sum(found.row.channels for found in users) <= 100
    assert sum(found.row.company_id == acme for found in shown(console, "ip_auth")) == 6
    assert sip_users.next_username(console, acme) == "1000"


def test_the_new_address_of_a_customer_is_blocked_and_its_row_says_why(console: Context) -> None:
    """S-011, S-012."""
    (found,) = (found for found in shown(console, "ip_auth") if found.row.address == "203.0.113.77")
    assert (found.company, found.state.word, found.state.remedy) == ("Acme Telecom", "BLOCKED", "unblock")
    assert "212 × INVITE not authorised" in found.state.why
    assert "Asterisk PBX 18" in found.state.why


def test_the_block_is_older_than_the_entry(console: Context) -> None:
    since = one(console.database, "SELECT since FROM block WHERE address = '203.0.113.77'")
    added = [entry for entry in audit(console.database) if "203.0.113.77" in entry.label]
    assert since < added[0].at < console.now()


def test_a_sip_user_is_blocked_by_the_address_of_its_office(console: Context) -> None:
    (found,) = (found for found in shown(console, "sip_users") if found.row.username == "1007")
    assert found.state.word == "BLOCKED"
    assert "wrong password 1007" in found.state.why


def test_blocked_customers_are_known_as_such_in_the_firewall(console: Context) -> None:
    assert [(found.row.address, found.company) for found in shown(console, "blocks")] == [
        ("198.51.100.107", "Acme Telecom"),
        ("203.0.113.77", "Acme Telecom"),
    ]


def test_every_state_worth_seeing_is_there(console: Context) -> None:
    entries = {found.state.word for found in shown(console, "ip_auth")}
    assert entries == {"BLOCKED", "shared", "disabled", "recorded"}
    users = [found.state.word for found in shown(console, "sip_users")]
    assert users.count("no password") == 1
    assert {"BLOCKED", "disabled", "recorded"} <= set(users)


def test_no_entry_breaks_a_rule(console: Context) -> None:
    for found in shown(console, "ip_auth"):
        row: IpAuth = found.row
        judged = ip_auth.check(console, row.company_id, typed(row), row)
        assert errors(judged.findings) == (), row.address


def test_no_user_breaks_a_rule(console: Context) -> None:
    for found in shown(console, "sip_users"):
        row: SipUser = found.row
        judged = sip_users.check(console, row.company_id, typed(row), row)
        assert errors(judged.findings) == (), row.username


def test_addresses_are_those_that_documentation_may_use(console: Context) -> None:
    allowed = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
    for table in ("ip_auth", "allowed_range", "block"):
        for (address,) in query(console.database, f"SELECT address FROM {table}"):
            assert address.startswith(allowed) or address.endswith(".example")


def test_passwords_are_kept_as_hashes_alone_and_an_operator_cannot_undo_the_sample(console: Context) -> None:
    """S-122, S-124."""
    with_password = one(console.database, "SELECT count(*) FROM sip_user WHERE password_set_at IS NOT NULL")
    assert one(console.database, "SELECT count(*) FROM credential WHERE owner = 'sip_user'") == with_password
    assert one(console.database, "SELECT count(*) FROM credential WHERE owner = 'ip_auth'") == 1
    assert undo.last(console) == ""


def test_a_second_time_is_refused_and_changes_nothing(console: Context) -> None:
    from cxtui.demo import customers

    before = Path(console.database.path).stat().st_size, len(audit(console.database))
    with pytest.raises(ServiceError):
        customers.add(console)
    assert (Path(console.database.path).stat().st_size, len(audit(console.database))) == before
