"""Addresses as the ranges that the indexes find."""

from __future__ import annotations

from collections.abc import Iterable

from cxtui.rules.addresses import AddressError, Network, covering_firsts, parse_network


def covering(address: str, first: bytes) -> tuple[bytes, ...]:
    """Where a network that covers ``address`` can begin; a host name is covered by itself alone."""
    try:
        return covering_firsts(parse_network(address))
    except AddressError:
        return (first,)


def allow_networks(allow_list: str) -> Iterable[Network]:
    """The networks of a stored allow list."""
    return (parse_network(line) for line in allow_list.split())
