"""An IP authentication entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import (
    ADVANCED,
    BASIC,
    CODECS,
    Choice,
    Entity,
    address,
    boolean,
    choice,
    codecs,
    integer,
    raw,
    reference,
    text,
)
from .protocols import DEFAULT_PORT, PROTOCOLS


class Direction(StrEnum):
    """Which way calls go, from the perspective of the customer's switch (S-022)."""

    EGRESS = "egress"
    INGRESS = "ingress"

    @property
    def words(self) -> str:
        """The plain words that always stand beside the term (C-02)."""
        return "they send" if self is Direction.EGRESS else "they receive"


def direction_words(direction: str) -> str:
    """The plain words for a stored direction; what is none is shown as it is."""
    return Direction(direction).words if direction in set(Direction) else direction


DIRECTIONS = (
    Choice("egress", "they send to us (egress)", "This switch sends calls to us. Only an address or a network."),
    Choice("ingress", "they receive from us (ingress)", "This switch receives calls from us. A host name may be used."),
)
DIAL_PATTERNS = (Choice("e164", "E164", "The industry standard: digits only, country code first."),)

_REWRITE_INSTEAD = "Do NOT use this field: modify numbers with Parameter Rewrite (F7)."


@dataclass(frozen=True, slots=True, kw_only=True)
class IpAuth(Entity):
    """One address or network of a company's switch, for one direction (S-020…S-045, W-001…W-008).

    ``first`` and ``last`` are the packed bounds of the range (16 bytes; IPv4 v4-mapped); a host name sorts after every
    address and equals only itself. ``linked_id`` is the entry of the other direction saved with it (C-01).
    """

    company_id: int = reference("Company", "company")
    address: str = address(
        "IP/CIDR",
        tab=BASIC,
        required=True,
        help="An address or a network in CIDR notation: a trusted source, linked to the company's account.",
    )
    direction: str = choice("Switch Direction", DIRECTIONS, tab=BASIC)
    channels: int = integer(
        "Channels", tab=BASIC, maximum=100_000, unit="calls", help="Concurrent calls of this switch. 0 = unlimited."
    )
    flow_speed: int = integer("Flow Speed", tab=BASIC, maximum=10_000, unit="CPS", help="0 = unlimited.")
    enabled: bool = boolean("Enabled", tab=BASIC, default=True)
    cli_authentication: bool = boolean(
        "CLI Authentication",
        tab=BASIC,
        help="Tells companies on one address apart by the caller's number. Set it on every company that shares it.",
    )
    manufacturer: str = text("Manufacturer", tab=ADVANCED, max_length=80, help="For information only.")
    switch_version: str = text("Version", tab=ADVANCED, max_length=80, help="For information only.")
    protocol: str = choice("Protocol", PROTOCOLS, tab=ADVANCED)
    port: int = integer(
        "Port",
        tab=ADVANCED,
        default=DEFAULT_PORT,
        minimum=1,
        maximum=65_535,
        help="5060, for TLS 5061; others are allowed. To us by UDP: 5060 = from any port, another = only from that.",
    )
    dial_pattern: str = choice("Dial Pattern", DIAL_PATTERNS, tab=ADVANCED)
    cli_prefix: str = text("CLI Prefix", tab=ADVANCED, max_length=32, advice=_REWRITE_INSTEAD)
    tech_prefix: str = text("Tech Prefix", tab=ADVANCED, max_length=32, advice=_REWRITE_INSTEAD)
    strip_digits: int = integer("Strip Digits", tab=ADVANCED, maximum=32, advice=_REWRITE_INSTEAD)
    force_from: str = text("Force From", tab=ADVANCED, max_length=64, advice=_REWRITE_INSTEAD)
    bandwidth: int = integer(
        "Bandwidth", tab=ADVANCED, maximum=100_000, unit="Mb/s", advice="Not recommended: leave 0 and use Channels."
    )
    uac_username: str = text(
        "Username",
        tab=ADVANCED,
        max_length=64,
        help="Our login at their switch, for calls we send out. Only where they receive; rarely needed.",
    )
    uac_realm: str = text("Remote Realm", tab=ADVANCED, max_length=128, help="The realm their switch challenges with.")
    force_nat: bool = boolean(
        "Force NAT", tab=ADVANCED, help="Use the address the traffic was received from, not the one in the SIP packet."
    )
    disable_nat: bool = boolean("Disable NAT", tab=ADVANCED, help="Never apply NAT handling to this switch.")
    intercept_reinvite: bool = boolean(
        "Intercept Reinvite",
        tab=ADVANCED,
        help="We answer re-INVITEs ourselves. Only for equipment that does not support them.",
    )
    outbound_proxy: str = text(
        "Outbound Proxy",
        tab=ADVANCED,
        max_length=128,
        help="The address calls pass before the carrier; it stands in Via.",
    )
    restricted_codecs: str = codecs(
        "Restricted Codecs", tab=CODECS, help="All Codecs are enabled when the Restricted list is empty."
    )
    first: bytes = raw("First address")
    last: bytes = raw("Last address")
    linked_id: int | None = reference("Linked entry", "", nullable=True)
