"""The word beside a row, and why."""

from __future__ import annotations

import pytest

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.services import blocks, companies, credentials, edges, ip_auth, sip_profiles, sip_users
from cxtui.services.company_states import block_range
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from cxtui.services.grids import GRIDS, Grid
from cxtui.services.usual_state import State
from tests.support import NOON, PASSWORD, Clock, execute, generation


def state(context: Context, kind: str, name: str, company: int | None = None) -> State:
    """The state of the row of a grid that is called ``name``."""
    rows = Grid(context, kind, company).read(0, 100).rows
    names = ("address", "username", "name")
    (found,) = (shown.state for shown in rows if name in [getattr(shown.row, field, None) for field in names])
    return found


def blocked(context: Context, *addresses: str) -> None:
    edges.record(context, [Sighting(address, NOON - 240, 212, "scan", "", "friendly-scanner") for address in addresses])


def live(context: Context, address: str) -> Block:
    block = blocks.find_live(context, address)
    assert block is not None
    return block


def current_edge(context: Context, name: str = "edge1") -> int:
    return edges.beat(context, name, generation(context.database))


def test_without_an_edge_nothing_is_called_active(context: Context, acme: Company) -> None:
    """S-014: recorded, no edge attached."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.2", "direction": "egress,ingress"})
    (user,) = sip_users.add(context, acme.id, {"username": "1001"}).rows
    credentials.set_password(context, user, PASSWORD)  # type: ignore[arg-type]
    blocked(context, "192.0.2.1")
    for kind in ("ip_auth", "sip_users", "blocks"):
        for shown in Grid(context, kind).read(0, 10).rows:
            assert shown.state.word == "recorded"
            assert "no edge" in shown.state.why
            assert "active" not in f"{shown.state.word} {shown.state.why}".lower()


def test_an_edge_that_is_behind_makes_a_row_pending_and_a_current_one_active(
    context: Context, acme: Company, clock: Clock
) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.1"})
    current_edge(context)
    assert state(context, "ip_auth", "203.0.113.1").word == "active"
    companies.save(context, acme, {"notes": "x"})
    assert state(context, "ip_auth", "203.0.113.1").word == "pending"
    edges.beat(context, "edge2", generation(context.database))
    assert state(context, "ip_auth", "203.0.113.1").why == "On its way to 1 of 2 edges."
    clock.forward(SILENT_AFTER + 1)
    assert state(context, "ip_auth", "203.0.113.1").word == "edge silent"


def test_a_blocked_address_says_so_on_its_entry_with_the_evidence(context: Context, acme: Company) -> None:
    """S-011, S-012."""
    blocked(context, "203.0.113.77")
    ip_auth.add(context, acme.id, {"address": "203.0.113.77", "direction": "egress,ingress"})
    for shown in Grid(context, "ip_auth").read(0, 10).rows:
        assert (shown.state.word, shown.state.tone, shown.state.remedy) == ("BLOCKED", "danger", "unblock")
        assert shown.state.why == ('203.0.113.77 was blocked 4 min ago: 212 × scan, User-Agent "friendly-scanner".')


def test_a_network_says_how_many_of_its_addresses_are_blocked_and_which(context: Context, acme: Company) -> None:
    """C-11."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/28 2001:db8::/64 198.51.100.0/31"})
    blocked(context, *(f"203.0.113.{number}" for number in (1, 2, 3, 5)), "203.0.113.16", "2001:db8::9")
    found = state(context, "ip_auth", "203.0.113.0/28")
    assert found.word == "4 BLOCKED"
    assert found.why.startswith(
        "4 of 16 addresses of 203.0.113.0/28 are blocked: 203.0.113.1, 203.0.113.2, 203.0.113.3"
    )
    assert found.why.endswith("….")
    assert state(context, "ip_auth", "2001:db8::/64").word == "1 BLOCKED"
    assert state(context, "ip_auth", "198.51.100.0/31").word == "recorded"


def test_unblocking_is_said_until_the_edge_has_let_go(context: Context, acme: Company) -> None:
    """S-014."""
    edge = current_edge(context)
    ip_auth.add(context, acme.id, {"address": "203.0.113.77"})
    blocked(context, "203.0.113.77")
    block = live(context, "203.0.113.77")
    edges.report(context, edge, [(block.id, "table", None)], [])
    blocks.unblock(context, [block])
    assert state(context, "ip_auth", "203.0.113.77").word == "unblocking"
    assert state(context, "blocks", "203.0.113.77").word == "unblocking 1"
    edges.report(context, edge, [], [(block.id, "table")])
    current_edge(context)
    assert state(context, "ip_auth", "203.0.113.77").word == "active"
    assert Grid(context, "blocks").read(0, 10).rows == ()


def test_a_block_whose_time_is_over_blocks_nobody(context: Context, acme: Company, clock: Clock) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.77 203.0.113.0/24"})
    blocks.block(context, {"address": "203.0.113.77", "expires": "1 h"}, confirmed="203.0.113.77")
    assert state(context, "ip_auth", "203.0.113.77").word == "BLOCKED"
    clock.forward(3601)
    assert state(context, "ip_auth", "203.0.113.77").word == "recorded"
    assert state(context, "ip_auth", "203.0.113.0/24").word == "recorded"
    assert state(context, "blocks", "203.0.113.77").word == "expired"


def test_a_block_an_edge_still_holds_is_in_force_whatever_the_clock_says(
    context: Context, acme: Company, clock: Clock
) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.77"})
    blocks.block(context, {"address": "203.0.113.77", "expires": "1 h"}, confirmed="203.0.113.77")
    edge = current_edge(context)
    edges.report(context, edge, [(live(context, "203.0.113.77").id, "table", None)], [])
    clock.forward(3601)
    current_edge(context)
    assert state(context, "ip_auth", "203.0.113.77").word == "BLOCKED"
    assert state(context, "blocks", "203.0.113.77").word == "in 1"


def test_a_block_says_on_how_many_of_the_speaking_edges_it_is(context: Context, clock: Clock) -> None:
    blocked(context, "192.0.2.1")
    block = live(context, "192.0.2.1")
    first, second = current_edge(context, "edge1"), current_edge(context, "edge2")
    assert state(context, "blocks", "192.0.2.1").word == "adding 0/2"
    edges.report(context, first, [(block.id, "table", None), (block.id, "nftables", None)], [])
    assert state(context, "blocks", "192.0.2.1").word == "adding 1/2"
    edges.report(context, second, [(block.id, "table", None)], [])
    assert state(context, "blocks", "192.0.2.1").word == "in 2"


def test_what_a_silent_edge_holds_is_not_counted_for_one_that_speaks(context: Context, clock: Clock) -> None:
    """It would be called in force while the only edge that answers lets the attacker through."""
    blocked(context, "192.0.2.1")
    silent = current_edge(context, "edge1")
    edges.report(context, silent, [(live(context, "192.0.2.1").id, "table", None)], [])
    clock.forward(SILENT_AFTER + 1)
    current_edge(context, "edge2")
    assert state(context, "blocks", "192.0.2.1").word == "adding 0/1"


def test_silent_edges_are_not_trusted_with_a_block(context: Context, clock: Clock) -> None:
    blocked(context, "192.0.2.1")
    edge = current_edge(context)
    edges.report(context, edge, [(live(context, "192.0.2.1").id, "table", None)], [])
    clock.forward(SILENT_AFTER + 1)
    assert state(context, "blocks", "192.0.2.1").word == "edge silent"


def test_sharing_is_told_from_conflict(context: Context, acme: Company, beta: Company) -> None:
    """C-12, W-008, W-010."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/24 198.51.100.1"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.9"}, share=True)
    shared = state(context, "ip_auth", "203.0.113.9")
    assert (shared.word, "Acme Telecom" in shared.why) == ("shared", True)
    assert state(context, "ip_auth", "203.0.113.0/24").word == "shared"
    execute(context.database, "UPDATE ip_auth SET cli_authentication = 0 WHERE address = '203.0.113.9'")
    for address in ("203.0.113.9", "203.0.113.0/24"):
        assert state(context, "ip_auth", address).word == "conflict"
    assert state(context, "ip_auth", "198.51.100.1").word == "recorded"


def test_a_duplicate_of_one_company_is_said(context: Context, acme: Company) -> None:
    """W-010: only a file loaded past the services can hold one."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.1 203.0.113.2"})
    execute(
        context.database,
        "UPDATE ip_auth SET (address, first, last) = (SELECT address, first, last FROM ip_auth"
        " WHERE address = '203.0.113.1') WHERE address = '203.0.113.2'",
    )
    assert {shown.state.word for shown in Grid(context, "ip_auth").read(0, 9).rows} == {"duplicate"}


@pytest.mark.parametrize(("address", "allowed"), [("203.0.113.0/24", "203.0.113.9"), ("203.0.113.9", "203.0.113.0/24")])
def test_ip_and_sip_authentication_on_one_address_is_a_conflict_on_both_rows(
    context: Context, acme: Company, address: str, allowed: str
) -> None:
    """C-13, S-084: whichever of the two is the wider."""
    ip_auth.add(context, acme.id, {"address": address, "enabled": "no"})
    (user,) = sip_users.add(context, acme.id, {"username": "1001", "allow_list": allowed}).rows
    credentials.set_password(context, user, PASSWORD)  # type: ignore[arg-type]
    assert state(context, "sip_users", "1001").word == "recorded"
    execute(context.database, "UPDATE ip_auth SET enabled = 1")
    assert state(context, "ip_auth", address).word == "conflict"
    assert "1001" in state(context, "ip_auth", address).why
    assert state(context, "sip_users", "1001").word == "conflict"
    execute(context.database, "UPDATE ip_auth SET direction = 'ingress'")
    assert state(context, "sip_users", "1001").word == "recorded"


def test_disabled_goes_before_everything_else(context: Context, acme: Company) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.1", "enabled": "no"})
    sip_users.add(context, acme.id, {"username": "1001", "enabled": "no"})
    blocked(context, "203.0.113.1")
    assert state(context, "ip_auth", "203.0.113.1").word == "disabled"
    assert state(context, "sip_users", "1001").word == "disabled"


def test_a_user_without_a_password_says_so_and_what_mends_it(context: Context, acme: Company) -> None:
    """S-120."""
    sip_users.add(context, acme.id, {"username": "1001"})
    found = state(context, "sip_users", "1001")
    assert (found.word, found.remedy) == ("no password", "password")


def test_a_user_is_blocked_with_an_address_of_its_allow_list(context: Context, acme: Company) -> None:
    """S-011."""
    (user,) = sip_users.add(context, acme.id, {"username": "1001", "allow_list": "198.51.100.0/30"}).rows
    credentials.set_password(context, user, PASSWORD)  # type: ignore[arg-type]
    blocked(context, "198.51.100.2")
    assert state(context, "sip_users", "1001").word == "1 BLOCKED"


def test_companies_and_profiles_have_their_own_words(context: Context, acme: Company) -> None:
    """W-105, S-090."""
    companies.save(context, acme, {"status": "pending_approval"})
    assert state(context, "companies", "Acme Telecom").word == "pending approval"
    assert state(context, "companies", "Beta Ltd").word == "active"
    (profile,) = sip_profiles.add(context, {"name": "agents"}).rows
    assert state(context, "profiles", "agents").word == "unused"
    sip_users.add(context, acme.id, {"username": "1001", "profile_id": str(profile.id)})
    assert state(context, "profiles", "agents").word == "1 users"
    assert block_range(acme) == "1000–1999"


def test_a_host_name_has_a_state_as_well(context: Context, acme: Company, beta: Company) -> None:
    """S-024."""
    ip_auth.add(context, acme.id, {"address": "pbx.example.net", "direction": "ingress"})
    ip_auth.add(context, beta.id, {"address": "sbc.example.net", "direction": "ingress"})
    blocked(context, "192.0.2.1")
    assert state(context, "ip_auth", "pbx.example.net").word == "recorded"
    assert set(GRIDS) == {"companies", "profiles", "ip_auth", "sip_users", "blocks", "audit", "registrations"}
