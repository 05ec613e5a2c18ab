"""Where a SIP message says it can be answered: hosts and ports out of Contact, Via and received, and what they mean.

Whatever cannot be read is None, never an exception: devices and attackers write anything there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from cxtui.models.protocols import DEFAULT_PORT, TLS_PORT
from cxtui.rules.networks import clip
from cxtui.rules.printable import clean

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URI = 1024
LONGEST_HOST = 253
STREAMS = frozenset({"tcp", "tls", "ws", "wss"})
_TRANSPORTS = STREAMS | {"udp"}
_WEB_PORTS = {"ws": 80, "wss": 443}
_SCHEME = re.compile(r"(sips?):", re.IGNORECASE)
_HOST_PORT = re.compile(r"(\[[0-9A-Za-z:.%]{2,78}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?\Z")
_NAME = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?\Z")
_TRANSPORT = re.compile(r";transport=([A-Za-z]{2,4})(?=[;?>\s]|\Z)", re.IGNORECASE)
_QUOTED = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*(?=<)', re.DOTALL)
_UNROUTED = tuple(
    (ipaddress.ip_network(text), words)
    for text, words in (
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("100.64.0.0/10", "behind a carrier's NAT (RFC 6598)"),
        ("fc00::/7", "private, unique local (RFC 4193)"),
        ("169.254.0.0/16", "link-local (RFC 3927)"),
        ("fe80::/10", "link-local (RFC 4291)"),
        ("127.0.0.0/8", "the device itself (loopback)"),
        ("::1/128", "the device itself (loopback)"),
        ("0.0.0.0/8", "no address at all (RFC 1122)"),
        ("::/128", "no address at all (RFC 4291)"),
    )
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port; ``address`` is None for a host name, ``port`` the usual one of the transport if none is given.

    ``host`` is canonical for an address, and a name of more than 80 characters is cut; ``transport`` is "" where the
    text names none.
    """

    host: str
    address: Address | None
    port: int
    transport: str = ""

    def __str__(self) -> str:
        """``host:port``, IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_uri(text: str, transport: str = "") -> Endpoint | None:
    """The endpoint of a SIP URI or name-addr (RFC 3261 §19.1, §20.10); None for garbage or over LONGEST_URI characters.

    ``transport`` is what it came by, for the usual port where the URI gives none.
    """
    if len(text) > LONGEST_URI:
        return None
    uri = _bare(text)
    scheme = _SCHEME.match(uri)
    if not scheme:
        return None
    rest = uri[scheme.end() :]
    if rest.count("@") > 1:
        return None
    authority = re.split(r"[;?]", rest.rpartition("@")[2], maxsplit=1)[0]
    named = _TRANSPORT.search(rest.rpartition("@")[2])
    by = named[1].lower() if named else ""
    by = by if by in _TRANSPORTS else ""
    secure = "tls" if scheme[1].lower() == "sips" else ""
    endpoint = parse_host_port(authority, secure or by or transport)
    return Endpoint(endpoint.host, endpoint.address, endpoint.port, by or secure) if endpoint else None


def parse_host_port(text: str, transport: str = "") -> Endpoint | None:
    """The endpoint of ``host``, ``host:port`` or ``[IPv6]:port``; None for anything else."""
    found = split_host_port(text)
    return endpoint(*found, transport) if found else None


def split_host_port(text: str) -> tuple[str, int] | None:
    """Host, IPv6 in its brackets, and port, 0 where none is given; None for what has not that form."""
    match = _HOST_PORT.match(text.strip()) if len(text) <= LONGEST_HOST + 8 else None
    if not match or match[2] == "0":
        return None
    return match[1], int(match[2] or 0)


def endpoint(host: str, port: int, transport: str = "") -> Endpoint | None:
    """The endpoint of a host, IPv6 with or without brackets, and a port, 0 for the usual one of ``transport``."""
    if not 0 <= port <= 65535 or len(host) > LONGEST_HOST:
        return None
    address = parse_address(host)
    name = host.strip()
    if address is None and not _NAME.match(name):
        return None
    return Endpoint(str(address) if address else clip(name.lower(), 80), address, port or _usual_port(transport))


def parse_address(text: str) -> Address | None:
    """One IP address, a v4-mapped one as its IPv4 form and without its zone; None for anything else."""
    if len(text) > 80:
        return None
    bare = text.strip().removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def unrouted(address: Address) -> str:
    """Why the Internet does not carry packets to ``address``, in words; "" where it does (W-100, RFC 6890)."""
    return next((words for network, words in _UNROUTED if address in network), "")


def is_stream(transport: str) -> bool:
    """Whether the transport is a connection that the device opened: TCP, TLS or WebSocket."""
    return transport in STREAMS


def shown(text: str, limit: int = 60) -> str:
    """What came from the network, printable and at most ``limit`` characters long."""
    return clip(clean(text[: limit + 1]), limit)


def _bare(text: str) -> str:
    """The URI of a name-addr without its display name and header parameters, else the text itself."""
    quoted = _QUOTED.match(text)
    rest = text[quoted.end() :] if quoted else text
    opened = rest.find("<")
    if opened < 0:
        return rest.strip()
    return rest[opened + 1 :].partition(">")[0].strip()


def _usual_port(transport: str) -> int:
    return TLS_PORT if transport == "tls" else _WEB_PORTS.get(transport, DEFAULT_PORT)
