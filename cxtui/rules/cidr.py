"""The live view of a network while it is typed: bounds, size, masks and bits (S-071)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from cxtui.rules.addresses import AddressError, Network, parse_host
from cxtui.rules.networks import BITS, MAPPED, build, unpack

BOUNDARY = "▏"
_LONGEST_MASK = 3


@dataclass(frozen=True, slots=True)
class CidrView:
    """What stands beside an address being typed.

    `network`, `first`, `last`, `mask` and `wildcard` are texts (the masks "" for IPv6), `count` and `usable` numbers of
    addresses; `usable` leaves out the network and broadcast addresses of an IPv4 LAN. `bits` are those of the address
    as typed, with BOUNDARY between network and host part. `exact` is False when the address has host bits set.
    """

    version: int
    prefix: int
    network: str
    first: str
    last: str
    count: int
    usable: int
    mask: str
    wildcard: str
    bits: str
    exact: bool

    @property
    def span(self) -> str:
        """The bounds without the octets they share, such as ".96 – .127"; whole addresses for IPv6."""
        if self.version == 6 or self.count == 1:
            return self.first if self.count == 1 else f"{self.first} – {self.last}"
        first, last = self.first.split("."), self.last.split(".")
        shared = next(place for place in range(4) if first[place] != last[place])
        lead = "." if shared else ""
        return f"{lead}{'.'.join(first[shared:])} – {lead}{'.'.join(last[shared:])}"


def preview(text: str) -> CidrView | None:
    """The view of what is typed so far, None while there is no complete address. Never raises.

    More lenient than the grammar: host bits are shown rather than refused, and an unfinished mask is the host's own.
    """
    address, _, mask = text.strip().partition("/")
    try:
        host = parse_host(address)
    except AddressError:
        return None
    prefix = _prefix(mask, host.version)
    return None if prefix is None else _view(host, prefix)


def _prefix(mask: str, version: int) -> int | None:
    if not mask:
        return BITS[version]
    if not (mask.isascii() and mask.isdigit()) or len(mask) > _LONGEST_MASK or int(mask) > BITS[version]:
        return None
    return int(mask)


def _view(host: Network, prefix: int) -> CidrView:
    version = host.version
    number = int.from_bytes(host.first, "big") - (MAPPED if version == 4 else 0)
    network = build(version, number, prefix)
    count = network.count
    return CidrView(
        version=version,
        prefix=prefix,
        network=network.text,
        first=unpack(network.first),
        last=unpack(network.last),
        count=count,
        usable=count - 2 if version == 4 and count > 2 else count,
        mask=str(ipaddress.IPv4Address((1 << 32) - count)) if version == 4 else "",
        wildcard=str(ipaddress.IPv4Address(count - 1)) if version == 4 else "",
        bits=_ipv4_bits(number, prefix) if version == 4 else _ipv6_groups(number, prefix),
        exact=network.first == host.first,
    )


def _ipv4_bits(number: int, prefix: int) -> str:
    parts = []
    for place, bit in enumerate(f"{number:032b}"):
        parts.append("." if place and place % 8 == 0 else "")
        parts.append(BOUNDARY if place == prefix else "")
        parts.append(bit)
    return "".join(parts)


def _ipv6_groups(number: int, prefix: int) -> str:
    """Eight full hex groups; the digit a boundary cuts through is written as its four bits, such as "(10▏00)"."""
    parts = []
    for place, digit in enumerate(f"{number:032x}"):
        parts.append(":" if place and place % 4 == 0 else "")
        cut = prefix - 4 * place
        if cut == 0:
            parts.append(BOUNDARY)
        if 0 < cut < 4:
            bits = f"{int(digit, 16):04b}"
            digit = f"({bits[:cut]}{BOUNDARY}{bits[cut:]})"
        parts.append(digit)
    return "".join(parts)
