"""Applying a plan: all rows with everything that follows from them, or nothing; never another plan than was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import audit as audit_log
from cxtui.services import companies, ip_auth, sip_profiles, sip_users
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.bulk_edit import plan_edit
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.user_ranges import plan_range
from cxtui.services.context import Context
from cxtui.services.outcome import Denied, Gone, Refused
from cxtui.store.errors import StoreError
from tests.services.bulk.files import imported, table
from tests.services.stock import Stock, only
from tests.support import NOON, audit, dump, execute, generation, one, operator, query

SIP = "sip_users"


def test_every_row_is_audited_and_counted_as_one_change(context: Context, stock: Stock, acme: Company) -> None:
    """W-027, S-044: the same audit as that of the form, chained."""
    mark, counted = one(context.database, "SELECT max(id) FROM audit"), generation(context.database)
    data = table("username channels allow_list", "1002 2 192.0.2.64", "1001 40 _", "1003 1 _")
    change = apply(context, plan_import(context, SIP, data, company_id=acme.id), reason="ticket 4711").change
    entries = audit(context.database, mark)
    assert [(entry.action, entry.label) for entry in entries] == [
        ("CREATE", "SIP user 1002"),
        ("CREATE", "SIP user 1003"),
        ("UPDATE", "SIP user 1001"),
    ]
    for entry in entries:
        assert (entry.operator, entry.origin, entry.program) == ("alice", "198.51.100.200", "tests")
        assert (entry.at, entry.reason, entry.undoes, entry.change_id) == (NOON, "ticket 4711", "", change.id)
    assert entries[2].before == {"channels": 50, "allow_list": "192.0.2.0/30"}
    assert entries[2].after == {"channels": 40, "allow_list": ""}
    assert generation(context.database) == counted + 1
    assert audit_log.verify(context).broken == 0


def test_a_row_is_stored_as_the_form_stores_it(context: Context, bob: Context, acme: Company, beta: Company) -> None:
    typed = {"channels": "3", "allow_list": "192.0.2.1 2001:db8::/32", "protocol": "tls", "enabled": "no"}
    sip_users.add(bob, beta.id, {"username": "a", **typed})
    data = table("username channels allow_list protocol enabled", "b 3 192.0.2.1;2001:db8::/32 tls no")
    change = imported(context, SIP, data, company_id=beta.id).change
    one_, other = (dict(row) for row in _rows(context, "sip_user"))
    assert one_ | {"id": 2, "username": "b"} == other
    first, second = _rows(context, "allowed_range")[:2], _rows(context, "allowed_range")[2:]
    assert [row | {"id": 0, "sip_user_id": 0} for row in first] == [row | {"id": 0, "sip_user_id": 0} for row in second]
    by_form, in_bulk = audit(context.database)[-2:]
    assert by_form.after | {"username": "b"} == in_bulk.after
    assert change.rows == (
        SipUser(
            **{**other, "enabled": False, "retain_did": False, "smart_extension": False, "voicemail_enabled": False}
        ),
    )


def _rows(context: Context, name: str) -> list[dict[str, Any]]:
    columns = [row[1] for row in query(context.database, f"PRAGMA table_info({name})")]
    return [
        dict(zip(columns, row, strict=True)) for row in query(context.database, f"SELECT * FROM {name} ORDER BY id")
    ]


def test_the_ranges_of_allow_lists_follow(context: Context, stock: Stock, acme: Company) -> None:
    ranges = "SELECT address FROM allowed_range ORDER BY address"
    assert query(context.database, ranges) == [("192.0.2.0/30",)]
    imported(context, SIP, table("username allow_list", "1001 192.0.2.9", "1002 192.0.2.8"), company_id=acme.id)
    assert query(context.database, ranges) == [("192.0.2.8",), ("192.0.2.9",)]


def test_the_owners_of_blocks_follow(context: Context, stock: Stock, acme: Company, beta: Company) -> None:
    """S-011: 192.0.2.1 was on the allow list of 1001, 203.0.113.12 on nobody's."""
    owner = "SELECT company_id FROM block WHERE address = ? AND lifted_at IS NULL"
    assert query(context.database, owner, ("192.0.2.1",)) == [(acme.id,)]
    data = table("company username allow_list", "1 1001 _", "2 x 203.0.113.12")
    imported(context, SIP, data)
    assert query(context.database, owner, ("192.0.2.1",)) == [(None,)]
    assert query(context.database, owner, ("203.0.113.12",)) == [(beta.id,)]


def test_a_plan_with_a_wrong_row_is_not_applied(context: Context, stock: Stock, acme: Company) -> None:
    before = dump(context.database)
    plan = plan_import(context, SIP, table("username channels", "1002 1", "1003 x"), company_id=acme.id)
    with pytest.raises(Refused, match="channels: line 3: write a whole number"):
        apply(context, plan)
    with pytest.raises(Refused, match="there is no column colour"):
        apply(context, plan_import(context, SIP, table("username colour", "1 2"), company_id=acme.id))
    assert dump(context.database) == before


def test_a_viewer_looks_at_plans_and_applies_none(context: Context, acme: Company) -> None:
    """W-028."""
    viewer = operator(context.database, "eve", context.now)
    viewer = type(viewer)(viewer.database, _as_viewer(viewer.actor), viewer.settings, viewer.now)
    plan = plan_range(viewer, acme.id, "1000-1009", {})
    assert plan.ok
    with pytest.raises(Denied, match="Access Denied"):
        apply(viewer, plan)
    assert query(context.database, "SELECT * FROM sip_user") == []


def _as_viewer(actor: Any) -> Any:
    from dataclasses import replace

    from cxtui.rules.roles import Role

    return replace(actor, role=Role.VIEWER)


Meanwhile = Callable[[Context, Stock], object]

MEANWHILE: dict[str, tuple[Meanwhile, str]] = {
    "the same username was added": (
        lambda bob, stock: sip_users.add(bob, stock.acme.id, {"username": "1002"}),
        r"SIP user 1002 was added in the meantime. Nothing was written",
    ),
    "a row was deleted": (
        lambda bob, stock: sip_users.delete(bob, [stock.user]),
        r"SIP user 1001 was deleted in the meantime",
    ),
    "the same field was changed": (
        lambda bob, stock: sip_users.save(bob, stock.user, {"channels": "7"}),
        r"SIP user 1001 was changed in the meantime: Channels is 7 now",
    ),
    "the field was set to what the plan wants": (
        lambda bob, stock: sip_users.save(bob, stock.user, {"channels": "20"}),
        r"SIP user 1001 was changed in the meantime: Channels is as wanted now",
    ),
    "the channels were given away": (
        lambda bob, stock: sip_users.add(bob, stock.acme.id, {"username": "1050", "channels": "50"}),
        r"No channel capacity available for your account",
    ),
    "an entry now covers the allow list": (
        lambda bob, stock: ip_auth.add(bob, stock.beta.id, {"address": "192.0.2.64"}),
        r"SIP user 1002: 192.0.2.64 meets the IP authentication Beta Ltd",
    ),
    "the profile was deleted": (
        lambda bob, stock: (
            sip_users.save(bob, stock.user, {"profile_id": ""}),
            sip_profiles.delete(bob, [stock.profile]),
        ),
        r"there is no SIP profile agents",
    ),
    "the number block was moved": (
        lambda bob, stock: companies.save(bob, stock.acme, {"number_block_start": "5000"}),
        r"SIP user 1002: outside this company's number block",
    ),
    "another program wrote": (
        lambda bob, stock: execute(bob.database, "UPDATE sip_user SET channels = 8"),
        r"Channels is 8 now",
    ),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_somebody_saved_since_makes_it_another_plan(
    context: Context, bob: Context, stock: Stock, name: str
) -> None:
    """Nothing is written, and the sentence says what changed."""
    data = table(
        "company username profile channels allow_list", "1 1002 agents 45 192.0.2.64", "1 1001 _ 20 192.0.2.0/30"
    )
    plan = plan_import(context, SIP, data)
    assert plan.ok
    verb, words = MEANWHILE[name]
    verb(bob, stock)
    before = dump(context.database)
    with pytest.raises(Gone, match=words):
        apply(context, plan)
    assert dump(context.database) == before


def test_what_does_not_concern_the_plan_may_change(context: Context, bob: Context, stock: Stock, acme: Company) -> None:
    plan = plan_import(context, SIP, table("username channels", "1001 20", "1002 1"), company_id=acme.id)
    sip_users.save(bob, stock.user, {"flow_speed": "9"})
    sip_users.add(bob, acme.id, {"username": "1003"})
    apply(context, plan)
    assert query(context.database, "SELECT channels, flow_speed FROM sip_user WHERE username = '1001'") == [(20, 9)]


def test_a_plan_is_applied_once(context: Context, acme: Company) -> None:
    plan = plan_range(context, acme.id, "1000-1001", {})
    apply(context, plan)
    with pytest.raises(Gone, match=r"SIP user 1000: Duplicate User Detected \(and 1 more\)"):
        apply(context, plan)


def test_a_failure_half_way_takes_all_of_it_back(context: Context, acme: Company) -> None:
    before = dump(context.database)
    plan = plan_range(context, acme.id, "1000-1099", {"channels": "1"})
    execute(
        context.database,
        "CREATE TRIGGER full BEFORE INSERT ON audit WHEN new.label = 'SIP user 1050' "
        "BEGIN SELECT raise(ABORT, 'database or disk is full'); END",
    )
    with pytest.raises(StoreError, match="is full; nothing was changed"):
        apply(context, plan)
    assert dump(context.database) == before


def test_progress_runs_to_the_end_and_may_end_the_work(context: Context, beta: Company) -> None:
    plan = plan_range(context, beta.id, "10000-12499", {})
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done >= 4_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(context, plan, progress=stop)
    assert query(context.database, "SELECT * FROM sip_user") == []
    assert told == sorted(told)
    assert {total for _, total in told} == {5_000}
    apply(context, plan, progress=lambda done, total: None)
    assert one(context.database, "SELECT count(*) FROM sip_user") == 2_500


def test_many_remarks_are_cut_short(context: Context, acme: Company) -> None:
    rows = [f"192.0.2.{number} egress" for number in range(30)]
    change = imported(context, "ip_auth", table("address direction", *rows), company_id=acme.id).change
    assert len(change.warnings) == 21
    assert change.warnings[-1].text == "and 10 more remarks like these"


def test_the_search_finds_what_was_imported(context: Context, beta: Company) -> None:
    from cxtui.services.find import find

    imported(context, SIP, table("username", "needle", "hay"), company_id=beta.id)
    assert [hit.title for hit in find(context, "need")] == ["needle"]
    (row,) = plan_edit(context, SIP, [only(sip_users.add(context, beta.id, {"username": "x"}))], {"channels": "1"}).rows
    assert row.label == "SIP user x"
