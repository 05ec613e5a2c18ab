"""Undo says why it cannot bring back what was."""

from __future__ import annotations

import pytest

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.services import blocks, companies, credentials, edges, ip_auth, sip_profiles, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.outcome import ServiceError
from tests.services.stock import Stock, only, only_row
from tests.support import DAY, NOON, OTHER_PASSWORD, PASSWORD, Clock, dump, execute, generation, one


def refused(context: Context, change_id: str, words: str) -> None:
    """The undo is refused in words, and nothing is changed."""
    before, counted = dump(context.database), generation(context.database)
    with pytest.raises(ServiceError, match=words):
        undo.undo(context, change_id)
    assert dump(context.database) == before
    assert generation(context.database) == counted


def test_what_was_changed_since_is_not_set_back(context: Context, bob: Context, stock: Stock) -> None:
    change = companies.save(context, stock.acme, {"notes": "mine", "flow_speed": "3"})
    companies.save(bob, only(change), {"notes": "theirs"})
    refused(context, change.id, "Notes was changed again since")


def test_another_field_changed_since_does_not_stand_in_the_way(context: Context, bob: Context, stock: Stock) -> None:
    change = companies.save(context, stock.acme, {"notes": "mine"})
    companies.save(bob, only(change), {"flow_speed": "3"})
    row = only(undo.undo(context, change.id))
    assert (row.notes, row.flow_speed) == ("", 3)


def test_a_row_that_somebody_worked_on_is_not_taken_away(context: Context, bob: Context, acme: Company) -> None:
    """The undo of an addition must not throw away what another operator did to the row."""
    added = sip_users.add(context, acme.id, {"username": "1001"})
    credentials.set_password(bob, only(added), PASSWORD)
    refused(context, added.id, "Password set was changed again since")
    added = ip_auth.add(context, acme.id, {"address": "203.0.113.50"})
    ip_auth.save(bob, only(added), {"channels": "7"})
    refused(context, added.id, "Channels was changed again since")


def test_a_password_that_somebody_reset_since_is_left_alone(
    context: Context, bob: Context, stock: Stock, clock: Clock
) -> None:
    """The customer was handed bob's password: alice's undo must not bring back an older one."""
    clock.forward(1)
    change = credentials.set_password(context, stock.user, OTHER_PASSWORD)
    clock.forward(1)
    credentials.set_password(bob, only(change), PASSWORD)
    refused(context, change.id, "it was changed again since")
    sip_users.save(bob, only_row(bob, SipUser, stock.user.id), {"username": "1009"})
    refused(context, change.id, "it was changed again since")


def test_a_password_is_not_set_back_once_the_old_one_is_forgotten(
    context: Context, bob: Context, stock: Stock, clock: Clock
) -> None:
    """Without this the undo would leave the customer without any password."""
    clock.forward(1)
    change = credentials.set_password(context, stock.user, OTHER_PASSWORD)
    clock.forward(DAY + 1)
    other = only(sip_users.add(bob, stock.acme.id, {"username": "1005"}))
    credentials.set_password(bob, other, PASSWORD)
    refused(context, change.id, "not kept any more")


def test_a_user_that_comes_back_without_its_password_says_so(
    context: Context, bob: Context, stock: Stock, clock: Clock
) -> None:
    change = sip_users.delete(context, [stock.user])
    clock.forward(DAY + 1)
    other = only(sip_users.add(bob, stock.acme.id, {"username": "1005"}))
    only(credentials.set_password(bob, other, PASSWORD))
    credentials.set_password(bob, only_row(bob, SipUser, other.id), OTHER_PASSWORD)
    undone = undo.undo(context, change.id)
    assert "set a new password for SIP user 1001" in undone.sentence
    assert only(undone).password_set_at is None


def test_what_others_depend_on_is_not_taken_away(context: Context, bob: Context) -> None:
    company = companies.add(context, {"name": "New"})
    profile = sip_profiles.add(context, {"name": "new"})
    user = only(sip_users.add(bob, only(company).id, {"username": "77", "profile_id": only(profile).id}))
    refused(context, company.id, "in use now")
    refused(context, profile.id, "in use now")
    sip_users.delete(bob, [user])
    ip_auth.add(bob, only(company).id, {"address": "203.0.113.9"})
    refused(context, company.id, "in use now")
    undo.undo(context, profile.id)


def test_a_name_that_is_taken_now_stays_with_its_new_owner(context: Context, bob: Context, stock: Stock) -> None:
    """S-093: no driver error either."""
    change = sip_users.delete(context, [stock.user])
    sip_users.add(bob, stock.acme.id, {"username": "1001"})
    refused(context, change.id, "1001 is taken now")
    change = companies.delete(context, [stock.empty])
    companies.add(bob, {"name": "Empty"})
    refused(context, change.id, "Empty is taken now")
    change = companies.save(context, stock.beta, {"name": "Gamma"})
    companies.add(bob, {"name": "Beta Ltd"})
    refused(context, change.id, "Beta Ltd is taken now")


def test_a_row_whose_company_or_profile_is_gone_does_not_come_back(context: Context, bob: Context) -> None:
    company = only(companies.add(bob, {"name": "Short-lived"}))
    entry = only(ip_auth.add(bob, company.id, {"address": "203.0.113.70"}))
    change = ip_auth.delete(context, [entry])
    companies.delete(bob, [company])
    refused(context, change.id, "its Company was deleted since")
    profile = only(sip_profiles.add(bob, {"name": "gone"}))
    beta = companies.find_by_name(bob, "Beta Ltd")
    assert beta is not None
    user = only(sip_users.add(bob, beta.id, {"username": "u", "profile_id": profile.id}))
    change = sip_users.save(context, user, {"profile_id": ""})
    sip_profiles.delete(bob, [profile])
    refused(context, change.id, "its SIP Profile was deleted since")


def test_an_address_that_another_company_took_is_not_claimed_back(context: Context, bob: Context, stock: Stock) -> None:
    """C-12: an undo obeys the rules that an addition obeys."""
    change = ip_auth.delete(context, [stock.pair[0]])
    ip_auth.add(bob, stock.beta.id, {"address": "203.0.113.0/28"})
    refused(context, change.id, "the narrower of two")


def test_an_entry_does_not_come_back_under_a_new_allow_list(context: Context, bob: Context, stock: Stock) -> None:
    """C-13, S-084, both ways."""
    change = ip_auth.delete(context, [stock.pair[0]])
    user = only(sip_users.add(bob, stock.acme.id, {"username": "1003", "allow_list": "203.0.113.10"}))
    refused(context, change.id, "never challenged")
    removed = sip_users.delete(context, [user])
    undo.undo(context, change.id)
    refused(context, removed.id, "never challenged")


def test_channels_that_were_given_away_are_not_taken_back(context: Context, bob: Context, stock: Stock) -> None:
    """W-011."""
    lowered = sip_users.save(context, stock.user, {"channels": "10"})
    other = only(sip_users.add(bob, stock.acme.id, {"username": "1003", "channels": "90"}))
    refused(context, lowered.id, "No channel capacity available")
    sip_users.delete(bob, [other])
    removed = sip_users.delete(context, [only(lowered)])
    other = only(sip_users.add(bob, stock.acme.id, {"username": "1003", "channels": "95"}))
    refused(context, removed.id, "No channel capacity available")
    sip_users.save(bob, other, {"channels": "1"})
    undo.undo(context, removed.id)


def test_a_number_block_that_was_given_away_is_not_taken_back(context: Context, bob: Context, stock: Stock) -> None:
    """W-070."""
    change = companies.save(context, stock.acme, {"number_block_start": "0", "number_block_size": "0"})
    companies.save(bob, stock.beta, {"number_block_start": "1500", "number_block_size": "10"})
    refused(context, change.id, "overlaps the block 1500–1509 of Beta Ltd")


def test_the_undo_of_a_block_lets_the_edges_let_go(context: Context, clock: Clock) -> None:
    """A block that an edge holds cannot just vanish from the list: nobody would tell the edge."""
    edge = edges.beat(context, "edge1", 0)
    change = blocks.block(context, {"address": "192.0.2.66"})
    edges.report(context, edge, [(only(change).id, "nftables", None)], [])
    undo.undo(context)
    with context.database.reading() as link:
        assert edges.work(link, edge) == ([], [(only(change).id, "192.0.2.66")])
    edges.report(context, edge, [], [(only(change).id, "nftables")])
    assert blocks.find_live(context, "192.0.2.66") is None


def test_the_undo_of_a_block_without_edges_lifts_it(context: Context) -> None:
    blocks.block(context, {"address": "192.0.2.66"})
    assert blocks.find_live(context, "192.0.2.66") is not None
    undo.undo(context)
    assert blocks.find_live(context, "192.0.2.66") is None


def test_hits_counted_since_do_not_stand_against_the_undo_of_a_block(context: Context) -> None:
    blocks.block(context, {"address": "192.0.2.66"})
    edges.record(context, [Sighting("192.0.2.66", NOON + 5, 9, "scan", "root", "sipvicious")])
    undo.undo(context)
    assert blocks.find_live(context, "192.0.2.66") is None


def test_the_undo_of_an_unblock_that_the_edges_have_carried_out_blocks_again(context: Context, stock: Stock) -> None:
    edge = edges.beat(context, "edge1", 0)
    edges.report(context, edge, [(stock.block.id, "table", None)], [])
    blocks.unblock(context, [stock.block])
    edges.report(context, edge, [], [(stock.block.id, "table")])
    assert blocks.find_live(context, stock.block.address) is None
    undo.undo(context)
    live = blocks.find_live(context, stock.block.address)
    assert live is not None
    assert (live.id, live.wanted, live.lifted_at) == (stock.block.id, "blocked", None)


def test_an_address_blocked_anew_since_is_not_blocked_twice(context: Context, bob: Context, stock: Stock) -> None:
    change = blocks.unblock(context, [stock.block])
    edges.record(bob, [Sighting(stock.block.address, NOON, 1, "scan")])
    refused(context, change.id, "blocked again already")


def test_the_undo_of_a_block_during_an_unblock_goes_on_unblocking(context: Context, bob: Context, stock: Stock) -> None:
    edge = edges.beat(context, "edge1", 0)
    edges.report(context, edge, [(stock.block.id, "table", None)], [])
    blocks.unblock(bob, [stock.block])
    again = only(blocks.block(context, {"address": stock.block.address}))
    assert (again.id, again.wanted) == (stock.block.id, "blocked")
    edges.report(context, edge, [], [(stock.block.id, "table")])
    undone = only(undo.undo(context))
    assert isinstance(undone, Block)
    assert undone.lifted_at is not None, "no edge holds it, so nobody would ever report that it is over"


def test_an_audit_row_with_fields_of_another_version_is_still_undone(context: Context, stock: Stock) -> None:
    change = companies.delete(context, [stock.empty])
    execute(
        context.database, "UPDATE audit SET before = json_set(before, '$.gone', 1) WHERE change_id = ?", (change.id,)
    )
    assert isinstance(only(undo.undo(context)), Company)


def test_what_leaves_no_inverse_is_said(context: Context, stock: Stock) -> None:
    execute(context.database, "UPDATE audit SET operator = 'alice', undoes = '' WHERE entity = 'sip_profile'")
    change = one(context.database, "SELECT change_id FROM audit WHERE entity = 'sip_profile'")
    execute(context.database, "UPDATE audit SET after = '' WHERE entity = 'sip_profile'")
    refused(context, change, "cannot be taken back")
    assert isinstance(stock.profile, SipProfile)
