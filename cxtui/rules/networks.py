"""Networks as 16-byte ranges, so that IPv4 and IPv6 compare, sort and index alike.

IPv4 is held as its v4-mapped form (`::ffff:a.b.c.d`). No IPv6 network accepted by the grammar touches that block, so a
range of one version never overlaps a range of the other.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

BITS = {4: 32, 6: 128}
MAPPED = 0xFFFF << 32
_NAME_MARK = b"\xff" * 16


class AddressError(ValueError):
    """An address, network or host name that is refused; the message is in the operator's words."""


@dataclass(frozen=True, slots=True)
class Network:
    """A host or a CIDR network.

    `text` is canonical (a host without its mask, IPv6 compressed and lower case), `prefix` counts in the address's own
    version (0–32 or 0–128), `first` and `last` are 16 bytes each, big endian.
    """

    text: str
    version: int
    prefix: int
    first: bytes
    last: bytes

    @property
    def is_host(self) -> bool:
        """Whether it is one single address."""
        return self.prefix == BITS[self.version]

    @property
    def count(self) -> int:
        """Number of addresses in it, the network and broadcast addresses included."""
        return 1 << (BITS[self.version] - self.prefix)


def build(version: int, number: int, prefix: int) -> Network:
    """The network of `prefix` bits that holds the address `number`; host bits are cut off."""
    size = 1 << (BITS[version] - prefix)
    base = number - number % size
    address = ipaddress.IPv4Address(base) if version == 4 else ipaddress.IPv6Address(base)
    text = str(address) if size == 1 else f"{address}/{prefix}"
    low = base + (MAPPED if version == 4 else 0)
    return Network(text, version, prefix, low.to_bytes(16, "big"), (low + size - 1).to_bytes(16, "big"))


def pack(address_text: str) -> bytes:
    """The 16 bytes of one address; a v4-mapped IPv6 address packs like its IPv4 form.

    Raises AddressError when the text is not one complete address.
    """
    try:
        address = ipaddress.ip_address(address_text)
    except ValueError:
        raise AddressError(f"{clip(address_text)} is not an IP address") from None
    if isinstance(address, ipaddress.IPv4Address):
        return (MAPPED + int(address)).to_bytes(16, "big")
    if address.scope_id is not None:
        raise AddressError(f"{clip(address_text)}: zone ids (%…) have no meaning outside their own host")
    return address.packed


def unpack(packed: bytes) -> str:
    """The canonical text of what `pack` (16 bytes) or `name_range` (longer) produced.

    Raises AddressError for any other bytes.
    """
    if len(packed) == 16:
        number = int.from_bytes(packed, "big")
        if number >> 32 == 0xFFFF:
            return str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
        return str(ipaddress.IPv6Address(number))
    if len(packed) > 16 and packed.startswith(_NAME_MARK):
        try:
            return packed[16:].decode("ascii")
        except UnicodeDecodeError:
            raise AddressError("stored host name is not ASCII") from None
    raise AddressError(f"a stored address has 16 bytes, this one has {len(packed)}")


def name_range(fqdn: str) -> tuple[bytes, bytes]:
    """The (first, last) of a host name: sorts after every address, and overlaps nothing but itself."""
    key = _NAME_MARK + fqdn.encode("ascii")
    return key, key


def covering_firsts(network: Network) -> tuple[bytes, ...]:
    """Every `first` that a network covering this one can have, in ascending order, its own included.

    Index probe: the rows with `first IN (these) AND last >= network.last` are exactly the covering ones. At most 33
    values for IPv4, 129 for IPv6.
    """
    base = MAPPED if network.version == 4 else 0
    number = int.from_bytes(network.first, "big") - base
    bits = BITS[network.version]
    firsts = {number >> (bits - length) << (bits - length) for length in range(network.prefix + 1)}
    return tuple((base + first).to_bytes(16, "big") for first in sorted(firsts))


def contains(outer: Network, inner: Network) -> bool:
    """Whether every address of `inner` lies in `outer` (equal networks contain each other)."""
    return outer.version == inner.version and outer.first <= inner.first and inner.last <= outer.last


def overlaps(a: Network, b: Network) -> bool:
    """Whether the two share at least one address."""
    return a.version == b.version and a.first <= b.last and b.first <= a.last


def clip(text: str, limit: int = 60) -> str:
    """At most `limit` characters of what was typed, for quoting in a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_typed(text: str, what: str) -> str:
    """The text without outer blanks; refuses emptiness, inner blanks and invisible characters. Raises AddressError."""
    typed = text.strip()
    if not typed:
        raise AddressError(f"the {what} is empty")
    if any(character.isspace() for character in typed):
        raise AddressError(f"“{clip(typed)}” has a space inside")
    for character in typed:
        if not character.isprintable():
            raise AddressError(f"an invisible character (U+{ord(character):04X}) is in the {what}")
    return typed
