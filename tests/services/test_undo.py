"""Undo brings back what was, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cxtui.models.company import Company
from cxtui.services import blocks, companies, credentials, ip_auth, sip_profiles, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.outcome import Change, ServiceError
from tests.services.stock import BOTH, Stock, only, take_back
from tests.support import OTHER_PASSWORD, PASSWORD, Clock, audit, dump, generation, one, query

VERBS: dict[str, Callable[[Context, Stock], Change]] = {
    "add a company": lambda c, s: companies.add(
        c, {"name": "New", "number_block_start": "5000", "number_block_size": "9"}
    ),
    "save a company": lambda c, s: companies.save(c, s.acme, {"name": "Acme", "channels": "51", "notes": "x"}),
    "delete a company": lambda c, s: companies.delete(c, [s.empty]),
    "add a profile": lambda c, s: sip_profiles.add(c, {"name": "x"}),
    "save a profile": lambda c, s: sip_profiles.save(c, s.profile, {"name": "y", "capacity": "3"}),
    "add an entry": lambda c, s: ip_auth.add(c, s.acme.id, {"address": "203.0.113.12"}),
    "add entries for both ways": lambda c, s: ip_auth.add(
        c, s.acme.id, {"address": "198.51.100.1 203.0.113.12", **BOTH}
    ),
    "add a shared entry": lambda c, s: ip_auth.add(c, s.beta.id, {"address": "203.0.113.10"}, share=True),
    "add a network": lambda c, s: ip_auth.add(c, s.acme.id, {"address": "203.0.113.12/30"}),
    "move an entry": lambda c, s: ip_auth.save(c, s.pair[0], {"address": "203.0.113.12", "channels": "7"}),
    "turn an entry round": lambda c, s: ip_auth.save(c, s.pair[0], {"direction": "ingress"}),
    "change the channels of an entry with a password": lambda c, s: ip_auth.save(c, s.uac, {"channels": "9"}),
    "change the login of an entry": lambda c, s: ip_auth.save(c, s.uac, {"uac_username": "them"}),
    "delete an entry": lambda c, s: ip_auth.delete(c, [s.uac]),
    "delete one of a pair": lambda c, s: ip_auth.delete(c, [s.pair[0]]),
    "delete a pair": lambda c, s: ip_auth.delete(c, list(s.pair)),
    "delete a pair backwards": lambda c, s: ip_auth.delete(c, list(s.pair)[::-1]),
    "set an outbound password": lambda c, s: credentials.set_outbound_password(c, s.uac, "new"),
    "add a SIP user": lambda c, s: sip_users.add(c, s.acme.id, {"username": "1002", "allow_list": "203.0.113.12"}),
    "rename a SIP user": lambda c, s: sip_users.save(c, s.user, {"username": "1009"}),
    "change an allow list": lambda c, s: sip_users.save(c, s.user, {"allow_list": "203.0.113.12\n2001:db8::/32"}),
    "lower channels": lambda c, s: sip_users.save(c, s.user, {"channels": "10"}),
    "take a profile away": lambda c, s: sip_users.save(c, s.user, {"profile_id": ""}),
    "disable a SIP user": lambda c, s: sip_users.save(c, s.user, {"enabled": "no", "smart_extension": "yes"}),
    "delete a SIP user": lambda c, s: sip_users.delete(c, [s.user]),
    "reset a password": lambda c, s: credentials.set_password(c, s.user, OTHER_PASSWORD),
    "unblock": lambda c, s: blocks.unblock(c, [s.block]),
    "authorise": lambda c, s: blocks.authorise(c, s.block, s.acme.id, {"address": s.block.address, **BOTH}),
}


@pytest.mark.parametrize("name", VERBS)
def test_the_undo_of_a_verb_leaves_everything_as_it_was(
    context: Context, stock: Stock, clock: Clock, name: str
) -> None:
    """S-126: each undo is audited as well, and names the change it took back."""
    before = dump(context.database)
    clock.forward(60)
    change = VERBS[name](context, stock)
    assert dump(context.database) != before
    mark, counted = one(context.database, "SELECT max(id) FROM audit"), generation(context.database)
    clock.forward(60)
    undone = take_back(context)
    assert dump(context.database) == before
    entries = audit(context.database, mark)
    assert entries
    assert {(entry.undoes, entry.reason, entry.operator) for entry in entries} == {(change.id, "undo", "alice")}
    assert generation(context.database) == counted + 1
    assert undone.sentence.startswith("Undone: ")
    with pytest.raises(ServiceError, match="nothing to undo"):
        undo.undo(context)
    assert query(context.database, "PRAGMA foreign_key_check") == []


def test_the_undo_of_a_first_outbound_password_leaves_none(context: Context, bob: Context, stock: Stock) -> None:
    ready = ip_auth.save(bob, stock.pair[1], {"uac_username": "a", "uac_realm": "b"})
    before = dump(context.database)
    credentials.set_outbound_password(context, only(ready), "first")
    assert "it had none before" in audited_after(context, lambda: take_back(context))
    assert dump(context.database) == before


def audited_after(context: Context, verb: Callable[[], object]) -> str:
    verb()
    return audit(context.database)[-1].label


def test_several_changes_are_undone_last_first(context: Context, acme: Company, clock: Clock) -> None:
    start = dump(context.database)
    states = [start]
    user = only(sip_users.add(context, acme.id, {"username": "1001"}))
    states.append(dump(context.database))
    for password in (PASSWORD, OTHER_PASSWORD, PASSWORD[::-1] + "Aa1"):
        clock.forward(1)
        user = only(credentials.set_password(context, user, password))
        states.append(dump(context.database))
    only(sip_users.save(context, user, {"username": "1002"}))
    for state in reversed(states):
        clock.forward(1)
        take_back(context)
        assert dump(context.database) == state
    with pytest.raises(ServiceError, match="nothing to undo"):
        undo.undo(context)


def test_undo_is_the_operators_own(context: Context, bob: Context, acme: Company) -> None:
    mine = only(companies.add(context, {"name": "Mine"}))
    theirs = only(companies.add(bob, {"name": "Theirs"}))
    undo.undo(context)
    assert companies.find_by_name(context, mine.name) is None
    assert companies.find_by_name(context, theirs.name) == theirs
    with pytest.raises(ServiceError, match="nothing to undo"):
        undo.undo(context)
    undo.undo(bob)
    assert companies.find_by_name(context, theirs.name) is None


def test_a_change_is_taken_back_once(context: Context) -> None:
    change = companies.add(context, {"name": "Mine"})
    undo.undo(context, change.id)
    with pytest.raises(ServiceError, match="taken back already"):
        undo.undo(context, change.id)
