"""Whose a blocked address is follows every change of entries and allow lists."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import blocks, companies, edges, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.outcome import Change
from tests.support import NOON, one, query

BLOCKED = ["203.0.113.7", "203.0.113.8", "198.51.100.7", "2001:db8::7"]


@pytest.fixture(autouse=True)
def blocked(context: Context) -> None:
    edges.record(context, [Sighting(address, NOON, 1, "scan") for address in BLOCKED])


def owners(context: Context) -> dict[str, int | None]:
    rows = query(context.database, "SELECT address, company_id, ours FROM block")
    assert all(bool(ours) == (company is not None) for _, company, ours in rows)
    return {address: company for address, company, _ in rows if company is not None}


def entry(change: Change) -> IpAuth:
    row = change.rows[0]
    assert isinstance(row, IpAuth)
    return row


def test_an_added_entry_claims_the_blocks_in_it(context: Context, acme: Company) -> None:
    """S-011: rows that belong to a customer say whose."""
    assert owners(context) == {}
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/29 2001:db8::/64"})
    assert owners(context) == {"203.0.113.7": acme.id, "2001:db8::7": acme.id}


def test_a_new_block_knows_its_owner_at_once(context: Context, acme: Company) -> None:
    """S-011."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.99"})
    edges.record(context, [Sighting("203.0.113.99", NOON, 1, "scan")])
    assert owners(context)["203.0.113.99"] == acme.id


def test_a_moved_entry_takes_its_claim_along(context: Context, acme: Company) -> None:
    mine = entry(ip_auth.add(context, acme.id, {"address": "203.0.113.7"}))
    ip_auth.save(context, mine, {"address": "203.0.113.8"})
    assert owners(context) == {"203.0.113.8": acme.id}


def test_a_deleted_entry_leaves_its_blocks_to_the_wider_one(context: Context, acme: Company, beta: Company) -> None:
    wide = entry(ip_auth.add(context, acme.id, {"address": "203.0.113.0/24", "cli_authentication": "yes"}))
    mine = entry(ip_auth.add(context, beta.id, {"address": "203.0.113.7", "cli_authentication": "yes"}))
    assert owners(context) == {"203.0.113.7": beta.id, "203.0.113.8": acme.id}
    ip_auth.delete(context, [mine])
    assert owners(context) == {"203.0.113.7": acme.id, "203.0.113.8": acme.id}
    ip_auth.delete(context, [wide])
    assert owners(context) == {}


def test_an_allow_list_claims_what_no_entry_does(context: Context, acme: Company) -> None:
    (user,) = sip_users.add(context, acme.id, {"username": "1001", "allow_list": "203.0.113.0/29"}).rows
    assert isinstance(user, SipUser)
    assert owners(context) == {"203.0.113.7": acme.id}
    (user,) = sip_users.save(context, user, {"allow_list": "203.0.113.8"}).rows
    assert isinstance(user, SipUser)
    assert owners(context) == {"203.0.113.8": acme.id}
    sip_users.delete(context, [user])
    assert owners(context) == {}


def test_a_wide_entry_with_thousands_of_blocks_claims_and_leaves_them_all(context: Context, acme: Company) -> None:
    """A limit would leave blocks with a company that is gone."""
    many = (Sighting(f"10.0.{number // 250}.{number % 250}", NOON, 1, "scan") for number in range(6_000))
    edges.record(context, many)
    mine = entry(ip_auth.add(context, acme.id, {"address": "10.0.0.0/8"}))
    assert one(context.database, "SELECT count(*) FROM block WHERE ours") == 6_000
    ip_auth.delete(context, [mine])
    assert one(context.database, "SELECT count(*) FROM block WHERE ours") == 0


def test_a_company_with_lifted_blocks_can_be_deleted(context: Context) -> None:
    """Its blocks are history: they stay, without an owner."""
    (company,) = companies.add(context, {"name": "Short-lived"}).rows
    assert isinstance(company, Company)
    mine = entry(ip_auth.add(context, company.id, {"address": "203.0.113.7"}))
    block = blocks.find_live(context, "203.0.113.7")
    assert block is not None
    blocks.unblock(context, [block])
    ip_auth.delete(context, [mine])
    companies.delete(context, [company])
    assert one(context.database, "SELECT count(*) FROM block") == len(BLOCKED)
    assert owners(context) == {}
