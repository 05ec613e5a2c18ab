"""What the NAT doctor goes by that was so a moment ago, or is so at one edge alone."""

from __future__ import annotations

from cxtui.models.company import Company
from cxtui.services import edges, lookup
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.nat_doctor import examine, situation
from tests.services.test_registrations import attach, give, register
from tests.support import NOON, execute, one


def result(context: Context, username: str, test: str) -> str:
    """How one test of the doctor ends for a user."""
    user = lookup.sip_user(context, username)
    assert user is not None
    return next(found.result.value for found in examine(context, user).diagnosis.evidence if found.test == test)


def test_a_block_whose_time_is_over_is_not_why_nobody_calls_unless_an_edge_holds_it(
    context: Context, acme: Company
) -> None:
    """S-011, S-132."""
    contact = register(context, give(context, acme, "1001"), attach(context))
    edges.record(context, [Sighting("198.51.100.7", NOON - 720, 40, "wrong passwords", expires_at=NOON - 1)])
    assert result(context, "1001", "firewall") == "ok"
    key = int(one(context.database, "SELECT id FROM block"))
    edges.report(context, contact.edge_id, [(key, "table", None)], [])
    assert result(context, "1001", "firewall") == "bad"


def test_a_ping_is_late_by_the_interval_of_the_edge_that_holds_the_registration(
    context: Context, acme: Company
) -> None:
    """S-101, S-137: one of ten minutes ago is recent at one edge and late at another."""
    user = give(context, acme, "1001", nat_ping="enabled")
    register(context, user, attach(context), last_ping_at=NOON - 600)
    for interval, recent in ((900, True), (60, False)):
        execute(context.database, "UPDATE edge SET ping_interval = ?", (interval,))
        assert situation(context, user).ping_interval == interval
        assert (result(context, "1001", "keep-alive") == "ok") is recent
