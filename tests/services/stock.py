"""One row of each kind, for tests of what happens to it."""

from __future__ import annotations

from typing import Any

from cxtui.models.company import Company
from cxtui.services import blocks, companies, credentials, edges, ip_auth, sip_profiles, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.outcome import Change, NeedsConfirmation
from cxtui.store.rows import by_id
from tests.support import NOON, PASSWORD

BOTH = {"direction": "egress,ingress"}


class Stock:
    """One row of each kind, made by somebody else, with passwords and evidence."""

    def __init__(self, bob: Context, acme: Company, beta: Company) -> None:
        self.acme, self.beta = acme, beta
        self.empty = only(companies.add(bob, {"name": "Empty"}))
        self.profile = only(sip_profiles.add(bob, {"name": "agents"}))
        self.pair: tuple[Any, ...] = ip_auth.add(bob, acme.id, {"address": "203.0.113.10", **BOTH}).rows
        uac = {"address": "203.0.113.11", "direction": "ingress", "uac_username": "us", "uac_realm": "them"}
        self.uac = only(ip_auth.add(bob, acme.id, uac))
        credentials.set_outbound_password(bob, self.uac, "theirs")
        seen = [Sighting("203.0.113.10", NOON, 5, "scan"), Sighting("192.0.2.1", NOON, 5, "scan")]
        edges.record(bob, [*seen, Sighting("203.0.113.12", NOON, 5, "scan")])
        typed = {"username": "1001", "channels": "50", "allow_list": "192.0.2.0/30", "profile_id": self.profile.id}
        self.user = only(credentials.set_password(bob, only(sip_users.add(bob, acme.id, typed)), PASSWORD))
        self.block = only(blocks.block(bob, {"address": "198.51.100.66", "notes": "n", "expires": "2 h"}))


def only(change: Change) -> Any:
    """The one row of a change."""
    (row,) = change.rows
    return row


def only_row(context: Context, entity: type[Any], key: int) -> Any:
    """The row as it is stored."""
    with context.database.reading() as link:
        return by_id(link, entity, key)


def take_back(context: Context, change_id: str = "") -> Change:
    """Undo as an operator does who says yes to what is asked."""
    try:
        return undo.undo(context, change_id)
    except NeedsConfirmation as needed:
        return undo.undo(context, change_id, confirmed=needed.word)
