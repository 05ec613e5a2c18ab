"""The rows of a large installation: some 200 companies, their SIP users and IP entries, and blocks from everywhere.

All of it follows from the position of a row, so that a million of them need no memory and no look-up, and two tables
agree without reading each other. The ranges are kept apart: entries from 20.0.0.0 to 30.255.255.255 (sixteen addresses
each) and in 2a00::/16, allow lists from 31.0.0.0 on, foreign blocks in 44.0.0.0/6.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from cxtui.rules.addresses import name_range

Row = tuple[Any, ...]

_FIRST_NUMBER = 10_000_000
_MAPPED = b"\x00" * 10 + b"\xff\xff"
_ENTRIES_AT = 20 << 24
_ALLOWED_AT = 31 << 24
_BLOCKS_AT = 44 << 24
_BLOCK_ROOM = 1 << 26
_SCATTER = 0x9E3779B1
"""Odd, so multiplying by it modulo a power of two meets every number once."""
_DAY = 86_400.0

_WHO = (
    *("Alder", "Amber", "Argon", "Aspen", "Birch", "Cedar", "Cobalt", "Coral", "Crane", "Delta"),
    *("Ember", "Falcon", "Granite", "Harbour", "Iris", "Juniper", "Larch", "Maple", "Orchid", "Osprey"),
)
_WHAT = (
    *("Telecom", "Voice", "Contact Centre", "Hotels", "Logistics"),
    *("Health", "Insurance", "Networks", "Clinics", "Wholesale"),
)
_ATTACKS = (
    ("scanner friendly-scanner", "friendly-scanner", ""),
    ("unknown user ×96", "Z 3.9.32144 r32121", "100 101 102 200 1000 1001"),
    ("scanner sipvicious", "sipvicious", ""),
    ("wrong password", "eyeBeam release 3006o", "admin"),
    ("INVITE not authorised", "Asterisk PBX 18", ""),
    ("scanner pplsip", "pplsip", "9001"),
    ("malformed message", "", ""),
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many rows of each kind there are, and the ids that the first of each gets.

    ``shares`` are the SIP users of each company, the largest first; ``starts`` the first number of its block.
    """

    users: int
    entries: int
    blocks: int
    now: float
    profiles: tuple[int, ...]
    company_id: int
    user_id: int
    entry_id: int
    block_id: int
    shares: tuple[int, ...]
    starts: tuple[int, ...]

    @property
    def hosts(self) -> int:
        """How many of the entries are IPv4; the others are IPv6 and host names."""
        return self.entries - self.entries // 20 - self.entries // 50


COMPANY = ("id", "name", "kind", "channels", "flow_speed", "number_block_start", "number_block_size")
SIP_USER = ("id", "company_id", "username", "profile_id", "allow_list", "nat_ping", "enabled", "password_set_at")
ALLOWED = ("sip_user_id", "address", "first", "last")
CREDENTIAL = ("owner", "owner_id", "realm", "ha1_md5", "ha1_sha256", "set_at")
IP_AUTH = ("id", "company_id", "address", "direction", "channels", "enabled", "protocol", "port", "first", "last")
BLOCK = (
    *("id", "address", "packed", "company_id", "ours", "since", "last_seen", "hits", "reason", "usernames"),
    *("user_agent", "source"),
)


def shares(users: int) -> tuple[int, ...]:
    """SIP users by company: few large ones and many small, as anywhere."""
    count = max(1, min(len(_WHO) * len(_WHAT), users // 5))
    weights = [1 / (place + 10) for place in range(count)]
    ends = [round(users * end / sum(weights)) for end in accumulate(weights)]
    return tuple(end - begin for begin, end in zip([0, *ends], ends, strict=False))


def starts(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Where the number block of each company begins."""
    return tuple(_FIRST_NUMBER + before for before in accumulate((_block_size(size) for size in sizes[:-1]), initial=0))


def company_names(count: int) -> list[str]:
    """The names of the first ``count`` companies."""
    return [f"{_WHO[place % len(_WHO)]} {_WHAT[place // len(_WHO)]}" for place in range(count)]


def companies(crowd: Crowd) -> Iterator[Row]:
    """The companies."""
    names = company_names(len(crowd.shares))
    for place, (name, size, start) in enumerate(zip(names, crowd.shares, crowd.starts, strict=True)):
        channels = size + 50 if size < 90_000 else 0
        kind = "carrier" if name.endswith("Wholesale") else "customer"
        yield crowd.company_id + place, name, kind, channels, 0, start, _block_size(size)


def users(crowd: Crowd) -> Iterator[Row]:
    """The SIP users, by username."""
    profiles = crowd.profiles
    pings = ("disabled", "enabled", "timeout")
    user_id = crowd.user_id
    set_at = crowd.now - 30 * _DAY
    for place, (size, start) in enumerate(zip(crowd.shares, crowd.starts, strict=True)):
        company_id = crowd.company_id + place
        for number in range(start, start + size):
            count = user_id - crowd.user_id
            allow = "" if count % 40 else _dotted(_ALLOWED_AT + count)
            password = set_at if count % 50 != 49 else None
            profile = profiles[number % len(profiles)]
            yield user_id, company_id, str(number), profile, allow, pings[number % 3], count % 97 != 96, password
            user_id += 1


def allowed(crowd: Crowd) -> Iterator[Row]:
    """The packed ranges of the allow lists."""
    for count in range(0, crowd.users, 40):
        packed = _packed(_ALLOWED_AT + count)
        yield crowd.user_id + count, _dotted(_ALLOWED_AT + count), packed, packed


def credentials(crowd: Crowd, realm: str) -> Iterator[Row]:
    """A password for every SIP user that has one; they were drawn and forgotten, so the hashes are as good as any."""
    draw = random.Random(crowd.users).randbytes
    set_at = crowd.now - 30 * _DAY
    for count in range(crowd.users):
        if count % 50 != 49:
            hashes = draw(48).hex()
            yield "sip_user", crowd.user_id + count, realm, hashes[:32], hashes[32:], set_at


def entries(crowd: Crowd) -> Iterator[Row]:
    """The IP entries, by address: IPv4 hosts and networks, IPv6, then host names."""
    owners = _owners(crowd)
    v6_end = crowd.hosts + crowd.entries // 20
    for count in range(crowd.entries):
        direction = "egress" if count % 10 < 7 else "ingress"
        if count < crowd.hosts:
            address, first, last = _host_or_network(count)
        elif count < v6_end:
            address, first, last = _v6_network(count)
        else:
            direction, address = "ingress", f"sbc{count:08d}.example.net"
            first, last = name_range(address)
        secure = count % 11 == 0
        protocol, port = ("tls", 5061) if secure else ("udp", 5060)
        enabled = count % 89 != 88
        owner = owners[count % 1000]
        yield crowd.entry_id + count, owner, address, direction, 30, enabled, protocol, port, first, last


def blocks(crowd: Crowd) -> Iterator[Row]:
    """The blocks, the oldest first; one in a thousand is an address of a company."""
    mine = _blocked_entries(crowd)
    step = 90 * _DAY / max(1, crowd.blocks)
    since = crowd.now - 90 * _DAY
    for count in range(crowd.blocks):
        if count in mine:
            address, packed, owner = mine[count]
            ours = 1
        else:
            number = _BLOCKS_AT + count * _SCATTER % _BLOCK_ROOM
            address, packed, owner, ours = _dotted(number), _packed(number), None, 0
        reason, agent, names = _ATTACKS[count % 7]
        hits = 1 + count * 31 % 4999
        last = min(crowd.now, since + min(hits, 30) * step)
        yield (crowd.block_id + count, address, packed, owner, ours, since, last, hits, reason, names, agent, "table")
        since += step


def _blocked_entries(crowd: Crowd) -> dict[int, tuple[str, bytes, int]]:
    """The IP entries that are blocked, as address, packed address and company, by the place of their block."""
    owners = _owners(crowd)
    found = {}
    for place in range(0, crowd.blocks, 1000):
        count = place // 1000 * 8 + 3
        if count < crowd.hosts:
            address, first, _ = _host_or_network(count)
            found[crowd.blocks - 1 - place] = (address, first, owners[count % 1000])
    return found


def _owners(crowd: Crowd) -> list[int]:
    """Whose the entries are, by turns: a company has the more of them the more SIP users it has."""
    ids = range(crowd.company_id, crowd.company_id + len(crowd.shares))
    return random.Random(1).choices(ids, [size + 1 for size in crowd.shares], k=1000)


def _host_or_network(count: int) -> tuple[str, bytes, bytes]:
    base = _ENTRIES_AT + count * 16
    if count % 8:
        host = base + 1 + count * 5 % 14
        packed = _packed(host)
        return _dotted(host), packed, packed
    return f"{_dotted(base)}/29", _packed(base), _packed(base + 7)


def _v6_network(count: int) -> tuple[str, bytes, bytes]:
    # Groups that are never zero are canonical as they are written.
    high, low = count // 0xFFFF + 1, count % 0xFFFF + 1
    first = 0x2A00 << 112 | high << 96 | low << 80
    return f"2a00:{high:x}:{low:x}::/48", first.to_bytes(16), (first | (1 << 80) - 1).to_bytes(16)


def _block_size(users: int) -> int:
    return (users // 1000 + 1) * 1000


def _dotted(number: int) -> str:
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _packed(number: int) -> bytes:
    return _MAPPED + number.to_bytes(4)
