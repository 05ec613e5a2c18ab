"""A database in memory to fill at will, and the plain lists to compare with."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.addresses import parse_network
from cxtui.store.rows import all_where
from cxtui.store.windows import Listing


class Image:
    """A migrated database with two companies, opened in memory as often as a test likes."""

    def __init__(self, path: Path) -> None:
        file = sqlite3.connect(path)
        content = bytearray(file.serialize())
        file.close()
        content[18:20] = b"\x01\x01"  # a database in memory has no write-ahead log
        self.content = bytes(content)

    def open(self) -> sqlite3.Connection:
        """A database of its own."""
        link = sqlite3.connect(":memory:", isolation_level=None)
        link.deserialize(self.content)
        return link


def add_user(link: sqlite3.Connection, username: str, company: int = 1) -> None:
    link.execute(
        "INSERT OR IGNORE INTO sip_user(version, company_id, username, channels, flow_speed, protocol, allow_list,"
        " nat_ping, retain_did, smart_extension, enabled) VALUES (1, ?, ?, 1, 0, 'udp', '', 'disabled', 0, 0, 1)",
        (company, username),
    )


def add_block(link: sqlite3.Connection, number: int, since: int = 0, ours: int = 0, lifted: bool = False) -> None:
    packed = parse_network(f"198.51.{number // 256}.{number % 256}").first
    link.execute(
        "INSERT OR IGNORE INTO block(version, address, notes, packed, company_id, ours, since, last_seen, hits,"
        " reason, usernames, user_agent, source, wanted, lifted_at)"
        " VALUES (1, ?, '', ?, ?, ?, ?, 0, 0, 'scan', '', 'friendly-scanner', '', 'blocked', ?)",
        (f"198.51.{number // 256}.{number % 256}", packed, ours or None, ours, since, 1.0 if lifted else None),
    )


def add_entry(link: sqlite3.Connection, address: str, company: int = 1) -> None:
    network = parse_network(address)
    entry = IpAuth(company_id=company, address=network.text, first=network.first, last=network.last)
    names = [name for name in IpAuth.__dataclass_fields__ if name != "id"]
    link.execute(
        f"INSERT INTO ip_auth({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [getattr(entry, name) for name in names],
    )


def whole(link: sqlite3.Connection, listing: Listing, where: str = "1") -> list[Any]:
    """The plain list, without any of the window's craft."""
    way = "DESC" if listing.descending else "ASC"
    order = ", ".join(f"{name} {way}" for name in listing.order)
    return all_where(link, listing.entity, f"{listing.where} AND {where} ORDER BY {order}")


def is_run_of(rows: tuple[Entity, ...], full: list[Entity]) -> bool:
    if not rows:
        return True
    if rows[0] not in full:
        return False
    begin = full.index(rows[0])
    return list(rows) == full[begin : begin + len(rows)]
