"""One undo takes a whole bulk change back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import audit as audit_log
from cxtui.services import ip_auth, sip_users, undo
from cxtui.services.bulk import undoing
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.bulk_edit import plan_edit
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import Plan
from cxtui.services.bulk.user_ranges import plan_range
from cxtui.services.context import Context
from cxtui.services.outcome import ServiceError
from cxtui.store.database import Database
from cxtui.store.rows import all_where
from tests.services.bulk.files import csv, imported, wrong
from tests.services.stock import Stock, take_back
from tests.support import DAY, Clock, audit, dump, execute, generation, one, operator, query

ENOUGH = undo.MANY + 10


def addresses(count: int) -> list[str]:
    return [f"10.{number // 256}.{number % 256}.1" for number in range(count)]


def new_users(context: Context, stock: Stock) -> Plan:
    rows = [[f"x{number:03}", address, "1"] for number, address in enumerate(addresses(ENOUGH))]
    rows[0][1] = "203.0.113.12"
    return plan_import(
        context, "sip_users", csv([["username", "allow_list", "channels"], *rows]), company_id=stock.beta.id
    )


def new_entries(context: Context, stock: Stock) -> Plan:
    rows = [[address, way] for address in addresses(ENOUGH) for way in ("egress", "ingress")]
    rows[0][0] = "203.0.113.12"
    return plan_import(context, "ip_auth", csv([["address", "direction"], *rows]), company_id=stock.beta.id)


def edited_users(context: Context, stock: Stock) -> Plan:
    apply(bob_of(context), new_users(context, stock))
    with context.database.reading() as link:
        rows = all_where(link, SipUser, "company_id = ?", (stock.beta.id,))
    typed = {
        "allow_list": "203.0.113.12 2001:db8::/32",
        "channels": "4",
        "protocol": "tls",
        "profile_id": stock.profile.id,
    }
    return plan_edit(context, "sip_users", rows, typed)


def edited_entries(context: Context, stock: Stock) -> Plan:
    entries: list[Any] = [*apply(bob_of(context), new_entries(context, stock)).change.rows]
    return plan_edit(context, "ip_auth", entries, {"protocol": "tls", "channels": "9", "enabled": "no"})


def mixed(context: Context, stock: Stock) -> Plan:
    apply(bob_of(context), new_users(context, stock))
    rows = [[f"x{number:03}", "2"] for number in range(5, ENOUGH + 20)]
    return plan_import(context, "sip_users", csv([["username", "channels"], *rows]), company_id=stock.beta.id)


def bob_of(context: Context) -> Context:
    from dataclasses import replace

    return replace(context, actor=replace(context.actor, operator="bob"))


PLANS: dict[str, Callable[[Context, Stock], Plan]] = {
    "new users": new_users,
    "new entries, linked": new_entries,
    "changed users": edited_users,
    "changed entries": edited_entries,
    "new and changed users": mixed,
}


@pytest.mark.parametrize("passwords", [False, True])
@pytest.mark.parametrize("name", PLANS)
def test_the_undo_leaves_everything_as_it_was(
    context: Context, stock: Stock, clock: Clock, tmp_path: Path, name: str, passwords: bool
) -> None:
    """S-126: each row is audited, names the change it took back, and the whole is one change."""
    plan = PLANS[name](context, stock)
    assert plan.ok, wrong(plan)
    before = dump(context.database)
    clock.forward(60)
    change = apply(context, plan, handover=tmp_path / "sheet.csv" if passwords else None).change
    assert dump(context.database) != before
    mark, counted = one(context.database, "SELECT max(id) FROM audit"), generation(context.database)
    undone = undo.undo(context)
    assert dump(context.database) == before
    entries = audit(context.database, mark)
    assert len(entries) == plan.create + plan.change
    assert {(entry.undoes, entry.reason, entry.operator) for entry in entries} == {(change.id, "undo", "alice")}
    assert {entry.action for entry in entries} <= {"DELETE", "UPDATE"}
    assert generation(context.database) == counted + 1
    assert undone.sentence.startswith(f"Undone: {plan.create + plan.change} rows, the last one ")
    assert len(undone.rows) == plan.change
    assert query(context.database, "PRAGMA foreign_key_check") == []
    assert audit_log.verify(context).broken == 0
    with pytest.raises(ServiceError, match="nothing to undo"):
        undo.undo(context)


@pytest.mark.parametrize("name", PLANS)
def test_together_and_one_by_one_are_the_same(
    context: Context, stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    apply(context, PLANS[name](context, stock))
    execute(context.database, "PRAGMA wal_checkpoint(TRUNCATE)")
    other = operator(Database(Path(shutil.copy(context.database.path, tmp_path / "other.db"))), "alice", context.now)
    undo.undo(context)
    with monkeypatch.context() as patch:
        patch.setattr(undoing, "covers", lambda entries: False)
        undo.undo(other)
    assert dump(context.database) == dump(other.database)
    together, one_by_one = (
        sorted((entry.action, entry.entity_id, entry.label, repr(entry.before), repr(entry.after)) for entry in entries)
        for entries in (audit(context.database), audit(other.database))
    )
    assert together == one_by_one
    other.database.close()


def test_a_small_change_is_taken_back_one_by_one(context: Context, beta: Company) -> None:
    before = dump(context.database)
    apply(context, plan_range(context, beta.id, "1-3", {"allow_list": "10.0.0.1"}))
    undo.undo(context)
    assert dump(context.database) == before


REFUSALS: dict[str, tuple[Callable[[Context, Stock, Any], object], str]] = {
    "a row was changed since": (
        lambda bob, stock, row: sip_users.save(bob, row, {"channels": "7"}),
        "SIP user x003: Channels was changed again since",
    ),
    "a row was deleted since": (
        lambda bob, stock, row: sip_users.delete(bob, [row]),
        "SIP user x003 was deleted since",
    ),
    "a row got rewrite rules": (
        lambda bob, stock, row: execute(
            bob.database,
            "INSERT INTO rewrite_test(version, owner, owner_id, parameter, number, expected)"
            " VALUES (1, 'sip_user', ?, 'cli', '1', '1')",
            (row.id,),
        ),
        "SIP user x003 has rewrite rules or test numbers now; it cannot be taken away",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_somebody_did_since_is_not_thrown_away(context: Context, bob: Context, stock: Stock, name: str) -> None:
    rows = apply(context, new_users(context, stock)).change.rows
    meanwhile, words = REFUSALS[name]
    meanwhile(bob, stock, rows[3])
    before = dump(context.database)
    with pytest.raises(ServiceError, match=words):
        undo.undo(context)
    assert dump(context.database) == before


def test_what_a_rule_forbids_now_is_not_brought_back(context: Context, bob: Context, stock: Stock) -> None:
    """C-13, W-011: an entry now stands where the allow lists were; the channels were given away."""
    plan = edited_users(context, stock)
    change = apply(context, plan).change
    ip_auth.add(bob, stock.acme.id, {"address": "10.0.3.1"})
    with pytest.raises(
        ServiceError, match=r"SIP user x003 cannot be set back: 10\.0\.3\.1 meets the IP authentication"
    ):
        undo.undo(context, change.id)


def test_entries_that_others_use_now_are_not_brought_back(context: Context, bob: Context, stock: Stock) -> None:
    """C-12."""
    change = apply(context, edited_entries(context, stock)).change
    ip_auth.add(bob, stock.acme.id, {"address": "10.0.3.1"})
    with pytest.raises(ServiceError, match=r"IP entry 10\.0\.3\.1 \(they send\) cannot be set back"):
        undo.undo(context, change.id)


def test_channels_that_were_given_away_are_not_taken_back(context: Context, bob: Context, stock: Stock) -> None:
    """W-011."""
    with context.database.bulk() as link:
        link.execute("UPDATE company SET channels = 1000 WHERE id = ?", (stock.acme.id,))
    apply(context, plan_range(context, stock.acme.id, f"1100-{1099 + ENOUGH}", {"channels": "10"}))
    with context.database.reading() as link:
        rows = all_where(link, SipUser, "username >= '1100'")
    apply(context, plan_edit(context, "sip_users", rows, {"channels": "1"}))
    sip_users.add(bob, stock.acme.id, {"username": "1900", "channels": "500"})
    with pytest.raises(ServiceError, match="cannot be set back: No channel capacity available for your account"):
        undo.undo(context)


def test_a_profile_that_is_gone_is_not_brought_back(context: Context, bob: Context, stock: Stock) -> None:
    plan = edited_users(context, stock)
    apply(context, plan)
    rows: list[Any] = list(query(context.database, "SELECT id FROM sip_user WHERE company_id = ?", (stock.beta.id,)))
    assert len(rows) == ENOUGH
    with context.database.reading() as link:
        users = all_where(link, SipUser, "company_id = ?", (stock.beta.id,))
    cleared = apply(context, plan_edit(context, "sip_users", users, {"profile_id": ""})).change
    execute(context.database, "UPDATE sip_user SET profile_id = NULL")
    execute(context.database, "DELETE FROM sip_profile")
    with pytest.raises(ServiceError, match="cannot be set back: there is no such profile"):
        undo.undo(context, cleared.id)


def test_a_large_import_with_other_passwords_is_taken_back_too(
    context: Context, stock: Stock, clock: Clock, tmp_path: Path
) -> None:
    apply(bob_of(context), new_users(context, stock), handover=tmp_path / "one.csv")
    before = dump(context.database)
    clock.forward(DAY / 2)
    rows = [[f"x{number:03}", f"Pass-{number:03}-Word"] for number in range(ENOUGH)]
    imported(context, "sip_users", csv([["username", "password"], *rows]), company_id=stock.beta.id)
    assert dump(context.database) != before
    take_back(context)
    assert dump(context.database) == before
