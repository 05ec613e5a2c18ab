"""Whether the device of a SIP user has taken its new password, or got blocked with the old one (S-120, S-011)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.nat_facts import Blocked

from . import blocks
from .context import Context
from .edge_states import states
from .nat_blocks import blocked_sources, tried
from .outcome import Change, ServiceError
from .registrations import live, of_users

_MOST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class Renewal:
    """A user's registrations around a moment: the first accepted after it, and the last of before still in force.

    ``known`` are the contacts from before it, those that are over among them, the one registered last first; ``block``
    is what the firewall holds of where one of them is or was. Of a user without any, ``suspects`` are addresses that
    were blocked since after they used its name: they may be the device, or somebody else.
    """

    new: Registration | None
    old: Registration | None
    known: tuple[Registration, ...] = ()
    block: Blocked | None = None
    suspects: tuple[str, ...] = ()


def renewal(context: Context, user: SipUser, after: float, known: Iterable[Registration] = ()) -> Renewal | None:
    """How it stands with the user's registrations around a moment, None while no edge could know of any.

    ``known`` are contacts that were seen before: an edge forgets a registration that is over, and with it the address.
    """
    now = context.now()
    with context.database.snapshot() as link:
        if not any(edge.well for edge in states(link, now)):
            return None
        rows = [row for row in of_users(link, [user.id]).get(user.id, ()) if live(row, now)]
        new = [row for row in rows if row.registered_at > after]
        old = [row for row in rows if row.registered_at <= after]
        seen = {row.ruid: row for row in (*known, *old)}.values()
        before = sorted(seen, key=lambda row: row.registered_at, reverse=True)[:_MOST_KNOWN]
        held = sorted(blocked_sources(link, before, now), key=lambda block: block.lifting)
        suspects = () if before else tried(link, user, after)
    return Renewal(new[-1] if new else None, old[0] if old else None, tuple(before), next(iter(held), None), suspects)


def unblock(context: Context, block: Blocked) -> Change:
    """Let the device through again at every edge (S-013). Raises ``ServiceError`` where it is not blocked any more."""
    found = blocks.find_live(context, block.address)
    if found is None:
        raise ServiceError(f"{block.address} is not blocked any more.")
    return blocks.unblock(context, [found])
