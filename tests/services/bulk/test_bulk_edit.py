"""The same fields of many rows."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.services import ip_auth, sip_users
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.bulk_edit import plan_edit
from cxtui.services.context import Context
from tests.services.bulk.files import counts, wrong
from tests.services.stock import BOTH, Stock, only
from tests.support import audit, one, query


def users(context: Context, company: Company, *names: str) -> list[Any]:
    return [only(sip_users.add(context, company.id, {"username": name})) for name in names]


def test_the_fields_are_set_on_all_marked_rows(context: Context, beta: Company) -> None:
    """W-091."""
    rows = users(context, beta, "a", "b", "c")
    sip_users.save(context, rows[1], {"channels": "3", "enabled": "no"})
    plan = plan_edit(context, "sip_users", rows, {"channels": "3", "enabled": "no"})
    assert counts(plan) == (0, 2, 1, 0)
    assert [plan.where(row) for row in plan.rows] == ["SIP user a", "SIP user b", "SIP user c"]
    mark = one(context.database, "SELECT max(id) FROM audit")
    change = apply(context, plan, reason="ticket 7").change
    assert change.sentence == "Changed 2 SIP users."
    assert query(context.database, "SELECT DISTINCT channels, enabled FROM sip_user") == [(3, 0)]
    assert [(entry.label, entry.before, entry.after, entry.reason) for entry in audit(context.database, mark)] == [
        (f"SIP user {name}", {"channels": 1, "enabled": True}, {"channels": 3, "enabled": False}, "ticket 7")
        for name in "ac"
    ]


def test_rows_that_changed_since_they_were_marked_get_the_field_all_the_same(context: Context, beta: Company) -> None:
    (row,) = users(context, beta, "a")
    sip_users.save(context, row, {"flow_speed": "9"})
    apply(context, plan_edit(context, "sip_users", [row], {"channels": "2"}))
    assert query(context.database, "SELECT channels, flow_speed FROM sip_user") == [(2, 9)]


def test_a_row_that_was_deleted_meanwhile_is_wrong(context: Context, beta: Company) -> None:
    rows = users(context, beta, "a", "b")
    sip_users.delete(context, rows[:1])
    plan = plan_edit(context, "sip_users", rows, {"channels": "2"})
    assert wrong(plan) == [(1, "username", "was deleted in the meantime")]


@pytest.mark.parametrize("name", ["address", "username", "password", "colour", "company_id", "first"])
def test_what_is_a_rows_own_is_not_edited_for_many(context: Context, stock: Stock, name: str) -> None:
    for kind, row in (("sip_users", stock.user), ("ip_auth", stock.uac)):
        plan = plan_edit(context, kind, [row], {name: "x"})
        assert (plan.rows, [field for _, field, _ in wrong(plan)]) == ((), [name])


def test_nothing_to_set_and_nothing_marked_are_said(context: Context, stock: Stock) -> None:
    assert not plan_edit(context, "sip_users", [stock.user], {}).ok
    assert not plan_edit(context, "sip_users", [], {"channels": "1"}).ok


def test_the_sum_over_the_marked_rows_counts(context: Context, stock: Stock, acme: Company) -> None:
    """W-011: 50 in use by 1001; three times 17 is one too many."""
    rows = users(context, acme, "1002", "1003", "1004")
    assert plan_edit(context, "sip_users", rows, {"channels": "16"}).ok
    plan = plan_edit(context, "sip_users", rows, {"channels": "17"})
    assert [(line, field) for line, field, _ in wrong(plan)] == [(0, "channels"), (3, "channels")]


def test_the_usual_port_follows_the_protocol(context: Context, acme: Company) -> None:
    """S-037."""
    rows = [*ip_auth.add(context, acme.id, {"address": "10.0.0.1 10.0.0.2"}).rows]
    ip_auth.save(context, rows[1], {"port": "5090"})  # type: ignore[arg-type]
    apply(context, plan_edit(context, "ip_auth", rows, {"protocol": "tls"}))  # type: ignore[arg-type]
    assert query(context.database, "SELECT protocol, port FROM ip_auth") == [("tls", 5061), ("tls", 5090)]


def test_the_marked_rows_are_judged_together(context: Context, acme: Company) -> None:
    """W-010: two entries of one address cannot both send on one port."""
    rows: list[Any] = [
        only(ip_auth.add(context, acme.id, {"address": "10.0.0.1", "port": port})) for port in ("5060", "5070")
    ]
    plan = plan_edit(context, "ip_auth", rows, {"port": "5080"})
    assert plan.wrong == 2
    assert plan_edit(context, "ip_auth", rows[:1], {"port": "5080"}).ok


def test_a_pair_can_be_edited_as_one(context: Context, beta: Company) -> None:
    pair: list[Any] = [*ip_auth.add(context, beta.id, {"address": "10.0.0.1", **BOTH}).rows]
    assert (
        apply(context, plan_edit(context, "ip_auth", pair, {"enabled": "no"})).change.sentence
        == "Changed 2 IP entries."
    )
    assert query(context.database, "SELECT enabled, linked_id FROM ip_auth") == [(0, 2), (0, 1)]
