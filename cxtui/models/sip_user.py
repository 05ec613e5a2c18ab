"""A SIP user: a device that authenticates with username and password."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import (
    BASIC,
    CODECS,
    VOICE_MAIL,
    Choice,
    Entity,
    boolean,
    choice,
    codecs,
    integer,
    moment,
    networks,
    raw,
    reference,
    text,
)
from .protocols import PROTOCOLS


class Ping(StrEnum):
    """How the switch pings the device through the customer's firewall (S-099…S-102)."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    TIMEOUT = "timeout"


PINGS = (
    Choice("disabled", "Disabled", "No pings are sent."),
    Choice("enabled", "Enabled", "OPTIONS every 60 seconds; keeps longer calls (1800 or 3600 s) and the NAT up."),
    Choice("timeout", "Enabled (Timeout)", "OPTIONS every 60 seconds; unanswered pings terminate the registration."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SipUser(Entity):
    """A username on the account with its limits (S-090…S-104)."""

    company_id: int = reference("Company", "company")
    username: str = text(
        "Username", tab=BASIC, required=True, unique=True, default="", max_length=64, help="Must match the device."
    )
    profile_id: int | None = reference("SIP Profile", "sip_profile", nullable=True, tab=BASIC)
    channels: int = integer("Channels", tab=BASIC, default=1, maximum=100_000, unit="calls", help="Concurrent calls.")
    flow_speed: int = integer("Flow Speed", tab=BASIC, maximum=10_000, unit="CPS", help="0 = unlimited.")
    protocol: str = choice("Protocol", PROTOCOLS, tab=BASIC)
    allow_list: str = networks(
        "IP Allow list", tab=BASIC, help="The user may only send from these addresses. Empty = from any address."
    )
    nat_ping: str = choice("NAT/SIP Ping", PINGS, tab=BASIC)
    retain_did: bool = boolean(
        "Retain DID", tab=BASIC, help="Inbound calls keep the destination number (DID) instead of the SIP username."
    )
    smart_extension: bool = boolean(
        "Smart Extension",
        tab=BASIC,
        help="Calls go to Class5, not Class4.",
        advice="Smart Extension is in Alpha and is not recommended.",
    )
    enabled: bool = boolean("Enabled", tab=BASIC, default=True)
    restricted_codecs: str = codecs(
        "Restricted Codecs", tab=CODECS, help="All Codecs are enabled when the Restricted list is empty."
    )
    voicemail_enabled: bool = boolean(
        "Voicemail",
        tab=VOICE_MAIL,
        help="Calls that are not answered may leave a message. The user dials *1 to listen.",
    )
    voicemail_email: str = text(
        "Email", tab=VOICE_MAIL, max_length=254, help="Where new messages are sent to. Empty = nowhere."
    )
    password_set_at: float | None = moment("Password set", nullable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedRange(Entity):
    """One network of a SIP user's allow list, packed, so that overlaps are found by index."""

    sip_user_id: int = reference("SIP user", "sip_user")
    address: str = text("Address")
    first: bytes = raw("First address")
    last: bytes = raw("Last address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Entity):
    """What the switch checks a password with: HA1 for one realm (RFC 7616), never the password (S-122, S-124).

    ``owner`` is ``sip_user`` (they log in to us) or ``ip_auth`` (we log in to them). ``retired_by`` is the change
    that replaced or deleted it; a retired one is kept for the undo alone.
    """

    owner: str = text("Owner", max_length=16)
    owner_id: int = reference("Owner id", "")
    realm: str = text("Realm", max_length=128)
    ha1_md5: str = text("HA1 MD5", max_length=32, secret=True)
    ha1_sha256: str = text("HA1 SHA-256", max_length=64, secret=True)
    set_at: float = moment("Set")
    retired_by: str = text("Retired by", max_length=32, indexed=True)
