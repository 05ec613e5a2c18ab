"""The address grammar: what may be typed as an IP, a CIDR network or a host name, and why the rest is refused.

It is strict because the edge is not: Kamailio stores 1.2.3.300 as 1.2.3.44, reads mask 0 as a single host, and takes
every half-written address for a host name that never matches. Nothing is guessed; a refusal names its cause and, where
there is one, the text that was probably meant (S-020, S-021).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from cxtui.rules.hostnames import parse_fqdn
from cxtui.rules.networks import (
    BITS,
    MAPPED,
    AddressError,
    Network,
    build,
    clip,
    contains,
    covering_firsts,
    name_range,
    overlaps,
    pack,
    read_typed,
    unpack,
)
from cxtui.rules.special_ranges import special

__all__ = [
    "AddressError",
    "Line",
    "Network",
    "contains",
    "covering_firsts",
    "name_range",
    "overlaps",
    "pack",
    "parse_fqdn",
    "parse_host",
    "parse_network",
    "parse_port",
    "special",
    "split_many",
    "unpack",
]

NAMES_ARE_INGRESS = "names are only for switches that receive calls (ingress)"
_SEPARATORS = re.compile(r"[\s,;]+")
_DIGITS = re.compile(r"[0-9]+\Z")
_RANGE = re.compile(r"[0-9A-Fa-f:]-")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}\Z")
_LONGEST_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a pasted list: exactly one of `network`, `fqdn`, `error` or `repeat` is set."""

    raw: str
    network: Network | None = None
    fqdn: str | None = None
    error: str = ""
    repeat: bool = False


def parse_network(text: str) -> Network:
    """A single address or a CIDR network without host bits. Raises AddressError."""
    typed = read_typed(text, "address")
    if len(typed) > _LONGEST_ADDRESS:
        raise AddressError(f"{clip(typed)} is too long for an address")
    _refuse_decorations(typed)
    address, slash, mask = typed.partition("/")
    if not address:
        raise AddressError(f"{typed}: a mask without an address")
    version = 6 if ":" in address else 4
    number = _ipv6(address) if version == 6 else _ipv4(address)
    prefix = _mask(mask, address, version) if slash else BITS[version]
    if version == 6:
        _refuse_mapped(typed, number, prefix)
    network = build(version, number, prefix)
    if prefix == 0:
        raise AddressError(f"{typed} would authorise the whole Internet")
    if number % network.count:
        raise AddressError(f"{typed} has host bits set: did you mean {network.text}?")
    return network


def parse_host(text: str) -> Network:
    """A single address; a network is refused even when it is written as /32 or /128. Raises AddressError."""
    network = parse_network(text)
    if "/" in text:
        single = network.text if network.is_host else "a single address"
        raise AddressError(f"{text.strip()}: no mask here, write {single}")
    return network


def parse_port(text: str) -> int:
    """A UDP or TCP port, 1–65535 (the edge itself takes 70000 without a word). Raises AddressError."""
    typed = read_typed(text, "port")
    if not _DIGITS.match(typed) or len(typed) > 5 or not 1 <= int(typed) <= 65535:
        raise AddressError(f"{clip(typed)} is not a port (1–65535)")
    return int(typed)


def split_many(text: str, names_allowed: bool = False) -> tuple[Line, ...]:
    """The entries of a pasted list in their order, separated by newlines, commas, semicolons or blanks (W-001).

    An entry that means the same as an earlier one comes back as a `repeat`, without its network or name.
    """
    lines: list[Line] = []
    seen: set[str] = set()
    for raw in _SEPARATORS.split(text):
        if not raw:
            continue
        line = _line(raw, names_allowed)
        meaning = line.network.text if line.network else line.fqdn
        if meaning is not None and meaning in seen:
            line = Line(raw, repeat=True)
        elif meaning is not None:
            seen.add(meaning)
        lines.append(line)
    return tuple(lines)


def _line(raw: str, names_allowed: bool) -> Line:
    try:
        if names_allowed and _looks_like_name(raw):
            return Line(raw, fqdn=parse_fqdn(raw))
        return Line(raw, network=parse_network(raw))
    except AddressError as refusal:
        return Line(raw, error=str(refusal))


def _looks_like_name(typed: str) -> bool:
    """Letters and no colon; a last label of digits alone is an octet, however odd the others are."""
    if ":" in typed or "/" in typed or not any(character.isalpha() for character in typed):
        return False
    return not _DIGITS.match(typed.removesuffix(".").rpartition(".")[2])


def _refuse_decorations(typed: str) -> None:
    """Refuse what people glue to addresses: ports, brackets, zones, schemes, ranges and wildcards."""
    if typed.startswith("["):
        if "]:" in typed:
            raise AddressError(f"{typed}: put the port in its own field")
        raise AddressError(f"{typed}: write the address without brackets")
    if "%" in typed:
        raise AddressError(f"{typed}: zone ids (%…) have no meaning outside their own host")
    if typed.lower().startswith(("sip:", "sips:", "http:", "https:")):
        raise AddressError(f"{typed}: write the address alone, without {typed.partition(':')[0]}:")
    if typed.count(":") == 1 and _DIGITS.match(typed.partition(":")[2]) and typed[0] != ":":
        raise AddressError(f"{typed}: put the port in its own field")
    if _looks_like_name(typed):
        raise AddressError(f"{typed} looks like a host name: {NAMES_ARE_INGRESS}")
    if "*" in typed:
        raise AddressError(f"{typed}: write a network as address/mask, such as 203.0.113.0/24")
    if _RANGE.search(typed.partition("/")[0]):
        raise AddressError(f"{typed}: ranges are written as networks, such as 203.0.113.0/24")


def _ipv4(address: str) -> int:
    octets = address.split(".")
    number = 0
    for octet in octets:
        if not octet:
            raise AddressError(f"an octet is missing in {address}")
        if not _DIGITS.match(octet):
            raise AddressError(f"{octet} is not an octet (0–255)")
        if len(octet) > 1 and octet[0] == "0":
            raise AddressError(f"leading zero in {octet}: write {octet.lstrip('0') or '0'}")
        if int(octet) > 255:
            raise AddressError(f"{octet} is not an octet (0–255)")
        number = number << 8 | int(octet)
    if len(octets) != 4:
        raise AddressError(f"{address} has {len(octets)} octets: an IPv4 address has 4")
    return number


def _ipv6(address: str) -> int:
    try:
        return int(ipaddress.IPv6Address(address))
    except ValueError:
        raise AddressError(_ipv6_fault(address)) from None


def _ipv6_fault(address: str) -> str:
    if ":::" in address or address.count("::") > 1:
        return f"{address}: “::” may stand only once in an IPv6 address"
    groups = [group for group in address.split(":") if group]
    for group in groups[:-1] if "." in address else groups:
        if not _GROUP.match(group):
            return f"{group} is not an IPv6 group (1–4 hex digits)"
    if "." in address:
        return f"{address} is not an IPv6 address"
    if "::" not in address and (len(groups) < 8 or address[0] == ":" or address[-1] == ":"):
        return f"{address} has {len(groups)} groups: an IPv6 address has 8, or “::” for the missing ones"
    return f"{address} has too many groups: an IPv6 address has 8"


def _mask(mask: str, address: str, version: int) -> int:
    if not mask:
        raise AddressError(f"{address}/: the mask is missing after /")
    if "/" in mask:
        raise AddressError(f"{address}/{mask} has more than one /")
    if version == 4 and mask.count(".") == 3:
        length = f"{_ipv4(mask):032b}".rstrip("0")
        if "0" not in length:
            raise AddressError(f"write the mask {mask} as a length: {address}/{len(length)}")
        raise AddressError(f"{mask} is not a network mask")
    if len(mask) > 1 and mask[0] == "0" and _DIGITS.match(mask):
        raise AddressError(f"leading zero in mask {mask}: write {mask.lstrip('0') or '0'}")
    if not _DIGITS.match(mask) or len(mask) > 3 or int(mask) > BITS[version]:
        raise AddressError(f"mask {mask}: 0–{BITS[version]} for IPv{version}")
    return int(mask)


def _refuse_mapped(typed: str, number: int, prefix: int) -> None:
    if number >> 32 == 0xFFFF:
        v4 = build(4, number & 0xFFFFFFFF, max(prefix - 96, 0)).text if prefix > 96 else "the IPv4 network"
        raise AddressError(f"{typed} is IPv4 in IPv6 clothes: write {v4}")
    if 0 < prefix < 96 and MAPPED >> (128 - prefix) == number >> (128 - prefix):
        raise AddressError(f"{typed} includes all IPv4-mapped addresses (::ffff:0:0/96): write IPv4 networks as IPv4")
