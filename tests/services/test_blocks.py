"""Blocking, unblocking and authorising by hand."""

from __future__ import annotations

import pytest

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services import blocks, edges, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.outcome import Change, NeedsConfirmation, Refused, ServiceError
from tests.support import NOON, Clock, audit, one, said


def only(change: Change) -> Block:
    (row,) = (row for row in change.rows if isinstance(row, Block))
    return row


def test_one_address_is_blocked_with_notes_and_an_end(context: Context, clock: Clock) -> None:
    """W-030."""
    change = blocks.block(context, {"address": " 192.0.2.66 ", "notes": "scans us", "expires": "2 h"})
    block = only(change)
    assert (block.address, block.notes, block.expires_at) == ("192.0.2.66", "scans us", NOON + 7200)
    assert (block.since, block.last_seen, block.hits, block.wanted) == (NOON, NOON, 0, "blocked")
    assert (block.source, block.reason, block.company_id, block.ours) == ("alice", "blocked by hand", None, 0)
    assert blocks.find_live(context, "192.0.2.66") == block


@pytest.mark.parametrize("address", ["192.0.2.0/24", "192.0.2.66/32", "host.example.net", "", "192.0.2.1 192.0.2.2"])
def test_what_is_no_single_address_is_refused(context: Context, address: str) -> None:
    """W-030: a single IP only."""
    with pytest.raises(Refused, match="address: "):
        blocks.block(context, {"address": address})
    assert blocks.check(context, {"address": address})
    with pytest.raises(Refused):
        blocks.find_live(context, address)


@pytest.mark.parametrize("expires", ["soon", "0 s", "-1 h", "99 w 1", "999999 w", "2h30"])
def test_an_end_that_is_none_is_refused(context: Context, expires: str) -> None:
    with pytest.raises(Refused, match="expires: "):
        blocks.block(context, {"address": "192.0.2.66", "expires": expires})


def test_every_fault_is_named_at_once(context: Context) -> None:
    with pytest.raises(Refused) as refusal:
        blocks.block(context, {"address": "x", "expires": "y", "notes": "\x1b[2J"})
    assert {finding.field for finding in refusal.value.findings} == {"address", "expires", "notes"}


def test_the_same_address_is_blocked_once_however_it_is_written(context: Context) -> None:
    blocks.block(context, {"address": "2001:db8::1"})
    with pytest.raises(Refused, match="blocked already"):
        blocks.block(context, {"address": "2001:DB8:0:0::1"})


def test_a_customers_address_needs_a_typed_confirmation(context: Context, acme: Company) -> None:
    """W-031: it says whose calls will stop, and wants the address typed once more."""
    ip_auth.add(context, acme.id, {"address": "203.0.113.0/28"})
    sip_users.add(context, acme.id, {"username": "1001", "allow_list": "198.51.100.7"})
    for address in ("203.0.113.5", "198.51.100.7"):
        with pytest.raises(NeedsConfirmation, match="belongs to Acme Telecom: their calls will stop") as asked:
            blocks.block(context, {"address": address})
        assert asked.value.word == address
        assert "belongs to Acme Telecom" in said(blocks.check(context, {"address": address}), "address")
        for wrong in ("yes", "203.0.113.50", address[:-1]):
            with pytest.raises(NeedsConfirmation):
                blocks.block(context, {"address": address}, confirmed=wrong)
        block = only(blocks.block(context, {"address": address}, confirmed=f" {address} "))
        assert (block.company_id, block.ours) == (acme.id, 1)


def test_without_edges_an_unblock_is_over_at_once_and_says_so(context: Context) -> None:
    """S-013, S-014: recorded, and never called active."""
    change = blocks.block(context, {"address": "192.0.2.66"})
    assert change.sentence == "Blocked 192.0.2.66: recorded, no edge attached."
    change = blocks.unblock(context, [only(change)])
    assert change.sentence == "Unblocked 192.0.2.66: recorded, no edge attached."
    assert only(change).lifted_at == NOON
    assert blocks.find_live(context, "192.0.2.66") is None


def test_with_an_edge_that_holds_it_an_unblock_is_on_its_way(context: Context) -> None:
    """S-013, S-014."""
    edge = edges.beat(context, "edge1", 0)
    block = only(blocks.block(context, {"address": "192.0.2.66"}))
    edges.report(context, edge, [(block.id, "table", None), (block.id, "nftables", None)], [])
    change = blocks.unblock(context, [block])
    assert change.sentence == "Unblocked 192.0.2.66: on its way to 1 edge."
    assert only(change).lifted_at is None
    edges.report(context, edge, [], [(block.id, "table")])
    assert blocks.find_live(context, "192.0.2.66") is not None
    edges.report(context, edge, [], [(block.id, "nftables")])
    assert blocks.find_live(context, "192.0.2.66") is None


def test_many_are_unblocked_at_once_or_none(context: Context) -> None:
    rows = [only(blocks.block(context, {"address": f"192.0.2.{number}"})) for number in range(1, 4)]
    blocks.unblock(context, rows[:1])
    with pytest.raises(ServiceError, match="not in force any more"):
        blocks.unblock(context, rows)
    assert blocks.find_live(context, "192.0.2.2") is not None
    assert blocks.unblock(context, rows[1:]).sentence.startswith("Unblocked 2 addresses: ")


def test_an_address_on_its_way_out_can_be_blocked_again(context: Context) -> None:
    edge = edges.beat(context, "edge1", 0)
    block = only(blocks.block(context, {"address": "192.0.2.66"}))
    edges.report(context, edge, [(block.id, "table", None)], [])
    blocks.unblock(context, [block])
    again = only(blocks.block(context, {"address": "192.0.2.66", "notes": "still at it"}))
    assert (again.id, again.wanted, again.notes) == (block.id, "blocked", "still at it")
    with context.database.reading() as link:
        assert edges.work(link, edge) == ([], [])


def test_a_block_whose_time_is_over_can_be_made_again(context: Context, clock: Clock) -> None:
    """It is in force nowhere, so "blocked already" would be a lie."""
    block = only(blocks.block(context, {"address": "192.0.2.66", "expires": "1 h"}))
    clock.forward(3601)
    again = only(blocks.block(context, {"address": "192.0.2.66", "expires": "1 d"}))
    assert (again.id, again.expires_at) == (block.id, clock.now + 86_400)


def test_an_unblocked_address_that_attacks_again_is_a_new_block(context: Context) -> None:
    block = only(blocks.block(context, {"address": "192.0.2.66"}))
    blocks.unblock(context, [block])
    edges.record(context, [Sighting("192.0.2.66", NOON + 60, 3, "scan")])
    live = blocks.find_live(context, "192.0.2.66")
    assert live is not None
    assert (live.id != block.id, live.hits, live.since) == (True, 3, NOON + 60)


def test_authorising_adds_the_entry_and_unblocks_in_one_change(context: Context, acme: Company) -> None:
    """S-011…S-013: the newly added address of a customer that was blocked."""
    edges.record(context, [Sighting("203.0.113.77", NOON, 212, "INVITE not authorised")])
    block = blocks.find_live(context, "203.0.113.77")
    assert block is not None
    change = blocks.authorise(context, block, acme.id, {"direction": "egress", "channels": "5"}, reason="called us")
    entry, lifted = change.rows
    assert isinstance(entry, IpAuth)
    assert isinstance(lifted, Block)
    assert (entry.address, entry.channels, entry.company_id) == ("203.0.113.77", 5, acme.id)
    assert (lifted.wanted, lifted.company_id) == ("unblocked", acme.id)
    assert change.sentence == "Authorised IP entry 203.0.113.77 (they send) and unblocked 203.0.113.77: " + (
        "recorded, no edge attached."
    )
    assert {item.change_id for item in audit(context.database)[-2:]} == {change.id}


def test_authorising_that_is_refused_unblocks_nothing(context: Context, acme: Company, beta: Company) -> None:
    ip_auth.add(context, beta.id, {"address": "203.0.113.0/24"})
    edges.record(context, [Sighting("203.0.113.77", NOON, 1, "scan")])
    block = blocks.find_live(context, "203.0.113.77")
    assert block is not None
    with pytest.raises(Refused, match="Beta Ltd"):
        blocks.authorise(context, block, acme.id, {})
    assert blocks.find_live(context, "203.0.113.77") == block
    change = blocks.authorise(context, block, acme.id, {}, share=True)
    assert len(change.rows) == 2
    assert one(context.database, "SELECT count(*) FROM ip_auth WHERE cli_authentication") == 2


def test_the_blocks_within_ranges_are_found(context: Context, acme: Company) -> None:
    """C-11: which of them."""
    (entry,) = ip_auth.add(context, acme.id, {"address": "203.0.113.0/30"}).rows
    assert isinstance(entry, IpAuth)
    edges.record(context, [Sighting(f"203.0.113.{number}", NOON, 1, "scan") for number in (1, 3, 4)])
    found = blocks.inside(context, [(entry.first, entry.last), (entry.first, entry.first)])
    assert [block.address for block in found] == ["203.0.113.1", "203.0.113.3"]


def test_a_user_named_like_an_address_owns_nothing(context: Context, beta: Company) -> None:
    (user,) = sip_users.add(context, beta.id, {"username": "192.0.2.66"}).rows
    assert isinstance(user, SipUser)
    assert only(blocks.block(context, {"address": "192.0.2.66"})).company_id is None
