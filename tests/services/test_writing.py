"""Every verb is one audited transaction: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.block import Block
from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import blocks, companies, credentials, ip_auth, sip_profiles, sip_users, undo
from cxtui.services.context import Actor, Context
from cxtui.services.outcome import Change, Denied, Gone, NeedsConfirmation, Refused, ServiceError
from cxtui.services.writing import writing
from tests.support import NOON, PASSWORD, Audited, audit, dump, generation, one, query


class Stock:
    """One row of each kind, made by somebody else."""

    def __init__(self, bob: Context, acme: Company, beta: Company) -> None:
        self.acme, self.beta = acme, beta
        self.empty = row(companies.add(bob, {"name": "Empty"}), Company)
        self.profile = row(sip_profiles.add(bob, {"name": "agents"}), SipProfile)
        self.entry = row(ip_auth.add(bob, acme.id, {"address": "203.0.113.10"}), IpAuth)
        uac = {"address": "203.0.113.11", "direction": "ingress", "uac_username": "us", "uac_realm": "them"}
        self.uac = row(ip_auth.add(bob, acme.id, uac), IpAuth)
        self.user = row(sip_users.add(bob, acme.id, {"username": "1001"}), SipUser)
        self.block = row(blocks.block(bob, {"address": "192.0.2.66"}), Block)


def row(change: Change, kind: type[Any]) -> Any:
    (found,) = (item for item in change.rows if isinstance(item, kind))
    return found


@pytest.fixture
def stock(bob: Context, acme: Company, beta: Company) -> Stock:
    return Stock(bob, acme, beta)


Verb = Callable[[Context, Stock, str], Change]

VERBS: dict[str, tuple[Verb, list[tuple[str, str]]]] = {
    "add a company": (
        lambda c, s, why: companies.add(c, {"name": "New"}, reason=why),
        [("CREATE", "company")],
    ),
    "save a company": (
        lambda c, s, why: companies.save(c, s.acme, {"notes": "hello", "status": "pending"}, reason=why),
        [("UPDATE", "company")],
    ),
    "delete a company": (lambda c, s, why: companies.delete(c, [s.empty], reason=why), [("DELETE", "company")]),
    "add a profile": (lambda c, s, why: sip_profiles.add(c, {"name": "x"}, reason=why), [("CREATE", "sip_profile")]),
    "save a profile": (
        lambda c, s, why: sip_profiles.save(c, s.profile, {"capacity": "9"}, reason=why),
        [("UPDATE", "sip_profile")],
    ),
    "delete a profile": (
        lambda c, s, why: sip_profiles.delete(c, [s.profile], reason=why),
        [("DELETE", "sip_profile")],
    ),
    "add IP entries for both ways": (
        lambda c, s, why: ip_auth.add(
            c, s.beta.id, {"address": "198.51.100.1 198.51.100.2", "direction": "egress,ingress"}, reason=why
        ),
        [("CREATE", "ip_auth")] * 4,
    ),
    "add a shared IP entry": (
        lambda c, s, why: ip_auth.add(c, s.beta.id, {"address": "203.0.113.10"}, share=True, reason=why),
        [("UPDATE", "ip_auth"), ("CREATE", "ip_auth")],
    ),
    "save an IP entry": (
        lambda c, s, why: ip_auth.save(c, s.entry, {"channels": "5"}, reason=why),
        [("UPDATE", "ip_auth")],
    ),
    "delete IP entries": (
        lambda c, s, why: ip_auth.delete(c, [s.entry, s.uac], reason=why),
        [("DELETE", "ip_auth")] * 2,
    ),
    "set an outbound password": (
        lambda c, s, why: credentials.set_outbound_password(c, s.uac, "theirs", reason=why),
        [("GENERATE", "ip_auth")],
    ),
    "add a SIP user": (
        lambda c, s, why: sip_users.add(c, s.acme.id, {"username": "1002", "allow_list": "192.0.2.1"}, reason=why),
        [("CREATE", "sip_user")],
    ),
    "save a SIP user": (
        lambda c, s, why: sip_users.save(c, s.user, {"allow_list": "192.0.2.1\n192.0.2.2"}, reason=why),
        [("UPDATE", "sip_user")],
    ),
    "delete a SIP user": (lambda c, s, why: sip_users.delete(c, [s.user], reason=why), [("DELETE", "sip_user")]),
    "set a password": (
        lambda c, s, why: credentials.set_password(c, s.user, PASSWORD, reason=why),
        [("GENERATE", "sip_user")],
    ),
    "block": (lambda c, s, why: blocks.block(c, {"address": "192.0.2.9"}, reason=why), [("BLOCK", "block")]),
    "unblock": (lambda c, s, why: blocks.unblock(c, [s.block], reason=why), [("UNBLOCK", "block")]),
    "authorise": (
        lambda c, s, why: blocks.authorise(c, s.block, s.acme.id, {"address": s.block.address}, reason=why),
        [("CREATE", "ip_auth"), ("UNBLOCK", "block")],
    ),
}


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_leaves_one_audit_row_per_row_it_changed(context: Context, stock: Stock, name: str) -> None:
    """W-027, S-044: who, from where, with what, when and why, and what it was before and after."""
    verb, expected = VERBS[name]
    mark, counted = one(context.database, "SELECT max(id) FROM audit"), generation(context.database)
    change = verb(context, stock, "ticket 4711")
    entries = audit(context.database, mark)
    assert [(entry.action, entry.entity) for entry in entries] == expected
    assert generation(context.database) == counted + 1
    for entry in entries:
        assert (entry.operator, entry.origin, entry.program) == ("alice", "198.51.100.200", "tests")
        assert (entry.at, entry.reason, entry.undoes, entry.change_id) == (NOON, "ticket 4711", "", change.id)
        assert entry.label
        assert_images(context, entry)
    assert change.sentence.endswith(".")


def assert_images(context: Context, entry: Audited) -> None:
    """Before and after are what was and is stored."""
    stored = query(context.database, f"SELECT version FROM {entry.entity} WHERE id = ?", (entry.entity_id,))
    match entry.action:
        case "CREATE" | "BLOCK":
            assert entry.before == {}
            assert entry.after
            assert stored
        case "DELETE":
            assert entry.before
            assert entry.after == {}
            assert not stored
        case "UPDATE" | "UNBLOCK":
            assert entry.before.keys() == entry.after.keys() != set()
            assert all(entry.before[field] != entry.after[field] for field in entry.before if field != "lifted_at")
            assert stored[0][0] > 1
        case "GENERATE":
            assert (entry.before, entry.after) == ({}, {})


BROKEN: dict[str, Callable[[Context, Stock], object]] = {
    "add a company of a taken name": lambda c, s: companies.add(c, {"name": "Acme Telecom"}),
    "save a company without a name": lambda c, s: companies.save(c, s.acme, {"name": " "}),
    "delete companies of which one has users": lambda c, s: companies.delete(c, [s.empty, s.acme]),
    "add a profile with a bad name": lambda c, s: sip_profiles.add(c, {"name": "Call Agents"}),
    "delete a profile twice": lambda c, s: sip_profiles.delete(c, [s.profile, s.profile]),
    "paste addresses of which one is wrong": lambda c, s: ip_auth.add(
        c, s.beta.id, {"address": "198.51.100.1, 198.51.100.300"}
    ),
    "delete entries of which one is gone": lambda c, s: ip_auth.delete(c, [s.entry, replace(s.uac, id=999)]),
    "add an entry for no company": lambda c, s: ip_auth.add(c, 999, {"address": "198.51.100.1"}),
    "share with a second error": lambda c, s: ip_auth.add(
        c, s.beta.id, {"address": "203.0.113.10", "port": "0"}, share=True
    ),
    "set an outbound password where they send": lambda c, s: credentials.set_outbound_password(c, s.entry, "x"),
    "add a SIP user that is there": lambda c, s: sip_users.add(c, s.beta.id, {"username": "1001"}),
    "delete users of which one is gone": lambda c, s: sip_users.delete(c, [s.user, s.user]),
    "set a weak password": lambda c, s: credentials.set_password(c, s.user, "short"),
    "block what is blocked": lambda c, s: blocks.block(c, {"address": "192.0.2.66"}),
    "block a customer without confirmation": lambda c, s: blocks.block(c, {"address": "203.0.113.10"}),
    "unblock what is gone": lambda c, s: blocks.unblock(c, [s.block, replace(s.block, id=999)]),
    "authorise what may not be": lambda c, s: blocks.authorise(c, s.block, s.acme.id, {"address": "203.0.113.10"}),
    "undo without a change": lambda c, s: undo.undo(c),
    "undo what never was": lambda c, s: undo.undo(c, "f" * 32),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_verb_that_fails_leaves_nothing(context: Context, stock: Stock, name: str) -> None:
    before = dump(context.database)
    mark, counted = one(context.database, "SELECT max(id) FROM audit"), generation(context.database)
    with pytest.raises(ServiceError) as failure:
        BROKEN[name](context, stock)
    assert isinstance(failure.value, Refused | Gone | NeedsConfirmation | ServiceError)
    assert str(failure.value)
    assert dump(context.database) == before
    assert audit(context.database, mark) == []
    assert generation(context.database) == counted


def test_an_error_in_the_middle_of_a_verb_takes_all_of_it_back(context: Context, acme: Company) -> None:
    before = dump(context.database)

    def half_way() -> None:
        with writing(context) as writer:
            writer.update(acme, {"notes": "half"})
            writer.add(Company(name="Half"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    assert dump(context.database) == before


def test_each_change_of_a_row_raises_its_version(context: Context, acme: Company) -> None:
    once = row(companies.save(context, acme, {"notes": "1"}), Company)
    twice = row(companies.save(context, once, {"notes": "2"}), Company)
    assert (once.version, twice.version) == (acme.version + 1, acme.version + 2)
    assert one(context.database, "SELECT version FROM company WHERE id = ?", (acme.id,)) == twice.version


def test_saving_what_is_stored_already_is_no_change(context: Context, acme: Company) -> None:
    counted, mark = generation(context.database), one(context.database, "SELECT max(id) FROM audit")
    change = companies.save(context, acme, {"notes": "", "channels": "100"})
    assert row(change, Company) == acme
    assert generation(context.database) == counted
    assert audit(context.database, mark) == []


def test_the_row_of_a_change_is_the_row_as_it_is_stored(context: Context, acme: Company) -> None:
    change = companies.save(context, acme, {"notes": "line 1\nline 2", "channels": "0"})
    assert companies.find_by_name(context, "Acme Telecom") == change.rows[0]


@pytest.mark.parametrize("reason", ["tick\x1b[2Jet\udcff", "x" * 5000, "two\nlines"])
def test_any_reason_is_kept_as_one_harmless_line(context: Context, acme: Company, reason: str) -> None:
    companies.save(context, acme, {"notes": "x"}, reason=reason)
    kept = audit(context.database)[-1].reason
    assert kept.isprintable()
    assert 0 < len(kept) <= 300


def test_a_number_or_text_that_no_database_holds_is_a_sentence(context: Context, acme: Company) -> None:
    from cxtui.store.errors import StoreError

    with pytest.raises(StoreError, match="cannot hold such a text"):
        companies.find_by_name(context, "\udcff")
    with pytest.raises(StoreError, match="cannot hold"), writing(context) as writer:
        writer.update(acme, {"channels": 2**70})


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_a_role_that_is_too_low_writes_nothing(context: Context, acme: Company, role: Role) -> None:
    """W-028: the services refuse, whatever the screen offered."""
    low = replace(context, actor=replace(context.actor, role=role))
    before = query(context.database, "SELECT count(*) FROM audit")
    with pytest.raises(Denied, match=f"Access Denied.*{role.word}"):
        companies.save(low, acme, {"notes": "mine"})
    if role is Role.VIEWER:
        with pytest.raises(Denied):
            sip_users.add(low, acme.id, {"username": "1001"})
    assert query(context.database, "SELECT count(*) FROM audit") == before


def test_only_an_admin_takes_back_what_somebody_else_did(context: Context, acme: Company) -> None:
    bob = replace(context, actor=Actor("bob", "local", "tests", Role.OPERATOR))
    change = companies.save(context, acme, {"notes": "alice's"})
    with pytest.raises(Denied):
        undo.undo(bob, change.id)
    undo.undo(replace(bob, actor=replace(bob.actor, role=Role.ADMIN)), change.id)


def test_who_is_no_admin_any_more_does_not_take_back_what_took_an_admin(context: Context, acme: Company) -> None:
    """W-028."""
    made = companies.add(context, {"name": "Gone soon"})
    lists = companies.save(context, acme, {"cli_allow_list": "441782550100"})
    lower = replace(context, actor=replace(context.actor, role=Role.OPERATOR))
    with pytest.raises(Denied):
        undo.undo(lower, made.id)
    undo.undo(lower, lists.id)
