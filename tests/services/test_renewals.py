"""Whether a device has taken its new password, or was blocked with the old one."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.nat_facts import Blocked
from cxtui.services import blocks, edges, registrations
from cxtui.services.context import Context
from cxtui.services.edge_states import SILENT_AFTER
from cxtui.services.edges import Sighting
from cxtui.services.outcome import ServiceError
from cxtui.services.renewals import Renewal, renewal, unblock
from tests.services.test_registrations import attach, give, register
from tests.support import NOON, Clock, audit, execute

PLACE = "198.51.100.7"


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """A SIP user with a password."""
    return give(context, acme, "1002")


def found(context: Context, user: SipUser, before: Renewal | None = None) -> Renewal:
    """How it stands after the password was set at noon."""
    seen = renewal(context, user, NOON, before.known if before else ())
    assert seen is not None
    return seen


def refused(context: Context, address: str, at: float, usernames: str = "1002") -> None:
    """An address gets blocked for wrong passwords."""
    edges.record(context, [Sighting(address, at, 27, "wrong password", usernames, expires_at=at + 600)])


def test_a_registration_after_a_moment_is_told_from_one_before(context: Context, user: SipUser, clock: Clock) -> None:
    """S-120, S-122."""
    assert renewal(context, user, NOON) is None, "no edge could know"
    edge = attach(context)
    assert found(context, user) == Renewal(None, None)
    old = register(context, user, edge, registered_at=NOON)
    clock.forward(5)
    new = register(context, user, edge, registered_at=NOON + 5)
    assert found(context, user) == Renewal(new, old, (old,))
    assert registrations.live(old, NOON)
    clock.forward(SILENT_AFTER + 1)
    assert renewal(context, user, NOON) is None


def test_where_the_device_was_is_remembered_after_its_registration_is_over(
    context: Context, user: SipUser, clock: Clock
) -> None:
    """S-120, S-011: and with it the block that keeps it out."""
    old = register(context, user, attach(context), registered_at=NOON - 60)
    seen = found(context, user)
    assert (seen.old, seen.block) == (old, None)
    execute(context.database, "DELETE FROM registration")
    refused(context, PLACE, NOON + 4)
    refused(context, "203.0.113.9", NOON + 5)
    clock.forward(6)
    attach(context)
    seen = found(context, user, seen)
    assert (seen.old, seen.known, seen.suspects) == (None, (old,), ())
    assert seen.block == Blocked(
        address=PLACE, since=NOON + 4, why="27 × wrong password", held=(), expires_at=NOON + 604
    )


def test_unblocking_from_there_is_audited_and_told_while_it_is_on_its_way(
    context: Context, user: SipUser, clock: Clock
) -> None:
    """S-013."""
    edge = attach(context)
    register(context, user, edge)
    refused(context, PLACE, NOON)
    held = blocks.find_live(context, PLACE)
    assert held
    edges.report(context, edge, [(held.id, "table", None)], [])
    seen = found(context, user)
    assert seen.block
    assert (seen.block.held, seen.block.lifting) == (("edge1",), False)
    change = unblock(context, seen.block)
    assert change.sentence.startswith(f"Unblocked {PLACE}: ")
    assert audit(context.database)[-1].action == "UNBLOCK"
    assert found(context, user).block == Blocked(
        address=PLACE, since=NOON, why="27 × wrong password", held=("edge1",), lifting=True, expires_at=NOON + 600
    )
    edges.report(context, edge, [], [(held.id, "table")])
    assert found(context, user).block is None
    with pytest.raises(ServiceError, match=f"{PLACE} is not blocked any more"):
        unblock(context, seen.block)


def test_of_a_device_that_was_registered_nowhere_those_are_told_that_used_its_name_since(
    context: Context, user: SipUser, clock: Clock
) -> None:
    """S-011: nobody knows whether one of them is the device."""
    attach(context)
    refused(context, "203.0.113.8", NOON - 5)
    refused(context, "203.0.113.9", NOON + 5, "1002 1003")
    refused(context, "203.0.113.10", NOON + 5, "10021")
    clock.forward(6)
    assert found(context, user) == Renewal(None, None, suspects=("203.0.113.9",))
