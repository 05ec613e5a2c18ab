"""Ranges that seldom belong in an authorisation: private, reserved, multicast and the like (RFC 6890 registry)."""

from __future__ import annotations

import ipaddress
from functools import cache

from cxtui.rules.networks import Network, build, contains, overlaps

_RANGES = (
    ("0.0.0.0/8", "“this network” (RFC 1122): never a source"),
    ("10.0.0.0/8", "private (RFC 1918): only reachable inside your own network"),
    ("100.64.0.0/10", "carrier-grade NAT (RFC 6598): not unique, shared by many subscribers"),
    ("127.0.0.0/8", "loopback: this host itself"),
    ("169.254.0.0/16", "link-local (RFC 3927): never routed"),
    ("172.16.0.0/12", "private (RFC 1918): only reachable inside your own network"),
    ("192.0.0.0/24", "reserved for IETF protocols (RFC 6890)"),
    ("192.0.2.0/24", "documentation (RFC 5737)"),
    ("192.88.99.0/24", "former 6to4 relay anycast (RFC 7526)"),
    ("192.168.0.0/16", "private (RFC 1918): only reachable inside your own network"),
    ("198.18.0.0/15", "benchmarking (RFC 2544)"),
    ("198.51.100.0/24", "documentation (RFC 5737)"),
    ("203.0.113.0/24", "documentation (RFC 5737)"),
    ("224.0.0.0/4", "multicast: never a source"),
    ("255.255.255.255", "broadcast: never a source"),
    ("240.0.0.0/4", "reserved (RFC 1112): never a source"),
    ("::", "the unspecified address: never a source"),
    ("::1", "loopback: this host itself"),
    ("64:ff9b::/96", "NAT64 (RFC 6052): stands for an IPv4 address"),
    ("100::/64", "discard-only (RFC 6666)"),
    ("2001::/32", "Teredo tunnel (RFC 4380)"),
    ("2001:db8::/32", "documentation (RFC 3849)"),
    ("2002::/16", "6to4 tunnel (RFC 3056)"),
    ("3fff::/20", "documentation (RFC 9637)"),
    ("fc00::/7", "private, unique local (RFC 4193): only reachable inside your own network"),
    ("fe80::/10", "link-local: never routed"),
    ("fec0::/10", "site-local, deprecated (RFC 3879)"),
    ("ff00::/8", "multicast: never a source"),
)
_NEVER = "never a source"
_WIDE = {4: 8, 6: 16}


@cache
def _table() -> tuple[tuple[Network, str], ...]:
    rows = []
    for text, words in _RANGES:
        network = ipaddress.ip_network(text)
        rows.append((build(network.version, int(network.network_address), network.prefixlen), words))
    return tuple(rows)


def never_a_source(network: Network) -> bool:
    """Whether no call can ever come from any address of it."""
    return any(contains(known, network) and words.endswith(_NEVER) for known, words in _table())


def special(network: Network) -> str:
    """ "" for ordinary global addresses, else a word of warning for the form."""
    for known, words in _table():
        if contains(known, network):
            return f"{network.text} is {words}"
    if network.prefix < _WIDE[network.version]:
        return f"{network.text} holds {network.count:,} addresses: wider than any one company's network"
    for known, words in _table():
        if overlaps(known, network):
            return f"{network.text} includes {known.text}, {words}"
    if network.version == 6 and network.first[0] >> 5 != 1:
        return f"{network.text} is outside the global IPv6 range 2000::/3"
    return ""
