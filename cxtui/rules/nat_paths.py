"""The way back to a device as its registration tells it, read once for all tests (W-100)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite

from cxtui.models.registration import Registration
from cxtui.rules.durations import ago
from cxtui.rules.nat_endpoints import (
    Address,
    Endpoint,
    endpoint,
    is_stream,
    parse_address,
    parse_uri,
    shown,
    split_host_port,
)
from cxtui.rules.nat_facts import Contact

_LONGEST_SPAN = 3650 * 86_400.0
_PING = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?:(?:-|[0-9]{1,12})\Z")


@dataclass(frozen=True, slots=True)
class Path:
    """A contact with its texts read; None or port 0 is what could not be.

    ``target`` is the Contact URI's endpoint, ``source`` and ``source_port`` where the REGISTER came from.
    """

    contact: Contact
    transport: str
    target: Endpoint | None
    source: Address | None
    source_port: int
    via: Endpoint | None

    @property
    def stream(self) -> bool:
        """Whether the device opened a connection that calls come in by."""
        return is_stream(self.transport)

    @property
    def where(self) -> str:
        """``contact 192.168.1.20:5060 received from 198.51.100.7:61344``, printable."""
        target = str(self.target) if self.target else f"“{shown(self.contact.contact)}”"
        return f"contact {target} received from {self.origin}"

    @property
    def origin(self) -> str:
        """The source as ``address:port``, ``an unknown address`` without it."""
        if self.source is None:
            return "an unknown address"
        return str(Endpoint(str(self.source), self.source, self.source_port)) if self.source_port else str(self.source)

    @property
    def name(self) -> str:
        """The transport as it is written, "an unknown transport" for none."""
        return self.transport.upper() or "an unknown transport"


def read_path(contact: Contact) -> Path:
    """Read the texts of a contact; never raises."""
    stated = contact.transport.strip().lower()[:4]
    named = parse_uri(contact.contact)
    transport = stated if stated == "udp" or is_stream(stated) else (named.transport or "udp" if named else "")
    return Path(
        contact,
        transport,
        parse_uri(contact.contact, transport),
        parse_address(contact.received),
        contact.received_port if 1 <= contact.received_port <= 65535 else 0,
        endpoint(contact.via, contact.via_port, transport),
    )


def contact_of(registration: Registration) -> Contact:
    """The facts of a stored registration; what cannot be read in its ``received``, ``via`` or ``pings`` is left out."""
    source = _host_and_port(registration.received)
    via = _host_and_port(registration.via.rpartition(" ")[2])
    return Contact(
        contact=registration.contact,
        received=source[0],
        received_port=source[1],
        transport=registration.transport,
        via=via[0],
        via_port=via[1],
        user_agent=registration.user_agent,
        registered_at=registration.registered_at,
        expires_at=registration.expires_at,
        nat=registration.nat,
        last_ping_at=registration.last_ping_at,
        pings=tuple(_pings(registration.pings.split())),
    )


def live(contacts: Iterable[Contact], now: float) -> list[Contact]:
    """The contacts that have not expired, the one registered last first."""
    current = [contact for contact in contacts if contact.expires_at is None or contact.expires_at > now]
    return sorted(current, key=lambda contact: contact.registered_at, reverse=True)


def span(seconds: float) -> str:
    """A span in words; a negative one is "now" and ten years are the longest."""
    return ago(min(max(0.0, seconds), _LONGEST_SPAN)) if isfinite(seconds) else "an unknown time"


def since(then: float | None, now: float) -> str:
    """How long ago ``then`` was; "never" for None."""
    if then is None:
        return "never"
    words = span(now - then)
    return words if words == "now" else f"{words} ago"


def _host_and_port(text: str) -> tuple[str, int]:
    """``host:port``, also as a SIP URI; port 0 where none is given."""
    bare = text.strip().lower().removeprefix("sips:").removeprefix("sip:").partition(";")[0]
    if parse_address(bare):
        return bare, 0
    return split_host_port(bare) or (text, 0)


def _pings(written: Iterable[str]) -> Iterator[tuple[float, int | None]]:
    for one in written:
        at, _, round_trip = one.partition(":")
        match = _PING.match(one)
        if match:
            yield float(at), None if round_trip == "-" else int(round_trip)
