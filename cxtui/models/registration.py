"""A registration: where a SIP user's device can be reached, as an edge holds it."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, boolean, integer, moment, raw, reference, text

MOST_PINGS = 30
"""How many pings are remembered of a registration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Entity):
    """One contact of a SIP user at one edge (S-101, S-102, W-020, W-023).

    ``received`` is the address and port the REGISTER came from, ``packed`` that address for comparisons, ``via`` what
    its topmost Via claims. ``nat`` says that the two differ in a way only a NAT makes. ``registered_at`` is when the
    last REGISTER was accepted. ``pings`` are the last pings, oldest first, separated by blanks:
    ``<epoch seconds>:<round trip in µs, - for none>``.
    """

    edge_id: int = reference("Edge", "edge")
    sip_user_id: int | None = reference("SIP user", "", nullable=True)
    company_id: int | None = reference("Company", "", nullable=True)
    username: str = text("Username", max_length=64)
    ruid: str = text("Record", max_length=64)
    contact: str = text("Contact", max_length=512)
    received: str = text("Received from", max_length=80)
    packed: bytes = raw("Packed address")
    via: str = text("Via", max_length=160)
    transport: str = text("Transport", max_length=8)
    socket: str = text("Socket", max_length=80)
    user_agent: str = text("User-Agent", max_length=300)
    nat: bool = boolean("NAT")
    registered_at: float = moment("Registered")
    expires_at: float = moment("Expires")
    last_ping_at: float | None = moment("Last ping", nullable=True)
    round_trip: int | None = integer("Round trip", maximum=2**31, nullable=True, unit="µs")
    missed: int = integer("Missed pings", maximum=2**31)
    pings: str = text("Pings", max_length=1000)
