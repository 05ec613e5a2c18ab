"""Rows by the name an operator calls them by, exactly; the search for what merely resembles it is `find`."""

from __future__ import annotations

from cxtui.models.findings import error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.addresses import name_range, split_many
from cxtui.store.rows import E, all_where, by_id, first

from .context import Context
from .outcome import Refused


def row(context: Context, entity: type[E], key: int) -> E | None:
    """The row with the id ``key``."""
    # SQLite refuses to compare with what does not fit its integers.
    if not 0 < key < 2**63:
        return None
    with context.database.reading() as link:
        return by_id(link, entity, key)


def sip_user(context: Context, username: str) -> SipUser | None:
    """The SIP user of this name, which is unique on the account."""
    with context.database.reading() as link:
        return first(link, SipUser, "username = ?", (username,))


def profile(context: Context, name: str) -> SipProfile | None:
    """The SIP profile of this name."""
    with context.database.reading() as link:
        return first(link, SipProfile, "name = ?", (name,))


def ip_entries(context: Context, address: str) -> list[IpAuth]:
    """Every entry of this very address, network or host name: of any company, either direction.

    Raises ``Refused`` for what is none of these.
    """
    lines = split_many(address, names_allowed=True)
    if len(lines) != 1 or lines[0].error:
        raise Refused([error("address", lines[0].error if lines else "an address is required", code="S-020")])
    network = lines[0].network
    bounds = (network.first, network.last) if network else name_range(lines[0].fqdn or "")
    with context.database.reading() as link:
        return all_where(link, IpAuth, "first = ? AND last = ? ORDER BY id", bounds)
