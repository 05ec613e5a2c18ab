"""A window shows the same rows as the whole sorted list would, wherever and however it is read."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.block import Block
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.rules.addresses import parse_network
from cxtui.store import listings, windows
from cxtui.store.database import Database
from cxtui.store.names import TABLE_OF
from cxtui.store.rows import all_where, select
from cxtui.store.windows import Listing, Window

ALPHABET = "aAbB1"
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


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


@pytest.fixture(scope="module")
def image(template: Path) -> Image:
    image = Image(template)
    link = image.open()
    link.execute("DELETE FROM company")
    link.execute("INSERT INTO company VALUES (1, 1, 'One', 'customer', 'active', 0, 0, 0, 0, '')")
    link.execute("INSERT INTO company VALUES (2, 1, 'Two', 'customer', 'active', 0, 0, 0, 0, '')")
    image.content = link.serialize()
    link.close()
    return image


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


usernames = st.text(ALPHABET, min_size=1, max_size=6)
reads = st.lists(st.tuples(st.integers(0, 70), st.integers(1, 12)), min_size=1, max_size=12)


@QUICK
@given(names=st.sets(usernames, max_size=60), reads=reads, company=st.sampled_from([None, 1, 2]), data=st.data())
def test_any_sequence_of_reads_gives_the_slices_of_the_sorted_list(
    image: Image, names: set[str], reads: list[tuple[int, int]], company: int | None, data: st.DataObject
) -> None:
    link = image.open()
    for name in names:
        add_user(link, name, data.draw(st.sampled_from([1, 2])))
    window = Window(listings.SIP_USERS, company)
    full = whole(link, listings.SIP_USERS, f"company_id = {company}" if company else "1")
    assert window.count(link) == len(full)
    for offset, limit in reads:
        part = window.read(link, offset, limit)
        assert part.offset == max(0, min(offset, len(full) - 1))
        assert list(part.rows) == full[part.offset : part.offset + limit]
        assert part.total == len(full)
    link.close()


@QUICK
@given(
    blocks=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.booleans()), max_size=60),
    reads=reads,
    company=st.sampled_from([None, 1, 2]),
)
def test_a_descending_list_with_equal_keys_is_read_the_same_way(
    image: Image, blocks: list[tuple[int, int, bool]], reads: list[tuple[int, int]], company: int | None
) -> None:
    link = image.open()
    for number, (since, owner, lifted) in enumerate(blocks):
        add_block(link, number, since, owner, lifted)
    window = Window(listings.BLOCKS, company)
    full = whole(link, listings.BLOCKS, f"company_id = {company}" if company else "1")
    window.count(link)
    for offset, limit in reads:
        part = window.read(link, offset, limit)
        assert list(part.rows) == full[part.offset : part.offset + limit]
    link.close()


@QUICK
@given(
    names=st.sets(usernames, max_size=60),
    needle=st.text(ALPHABET, min_size=1, max_size=4),
    reads=reads,
    company=st.sampled_from([None, 1]),
    few=st.sampled_from([0, 3, 1000]),
    cap=st.sampled_from([1, 5, 10_000]),
)
def test_a_filter_gives_the_slices_of_the_rows_that_match(
    image: Image, names: set[str], needle: str, reads: list[tuple[int, int]], company: int | None, few: int, cap: int
) -> None:
    link = image.open()
    for name in names:
        add_user(link, name)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("cxtui.store.filters._FEW", few)
        patched.setattr(windows, "CAP", cap)
        window = Window(listings.SIP_USERS, company, needle)
        lower = needle.lower()
        full = [
            row
            for row in whole(link, listings.SIP_USERS)
            if (lower in row.username.lower() if len(needle) > 2 else row.username.lower().startswith(lower))
        ]
        assert window.count(link) == min(len(full), cap)
        for offset, limit in reads:
            part = window.read(link, offset, limit)
            assert list(part.rows) == full[:cap][part.offset : part.offset + limit]
            assert part.capped == (len(full) > cap)
    link.close()


events = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, 70), st.integers(1, 12)),
        st.tuples(st.just("add"), usernames, st.just(0)),
        st.tuples(st.just("delete"), st.integers(0, 60), st.integers(1, 25)),
        st.tuples(st.just("count"), st.just(0), st.just(0)),
    ),
    min_size=2,
    max_size=20,
)


@settings(QUICK, max_examples=150)
@given(names=st.sets(usernames, max_size=50), events=events, needle=st.sampled_from(["", "a", "abb"]))
def test_while_others_write_a_window_is_still_a_run_of_the_list(
    image: Image, names: set[str], events: list[tuple[str, object, int]], needle: str
) -> None:
    link = image.open()
    for name in names:
        add_user(link, name)
    window = Window(listings.SIP_USERS, needle=needle)
    window.count(link)
    fresh = True
    for what, value, limit in events:
        if what == "add":
            add_user(link, str(value))
            fresh = False
        elif what == "delete":
            rows = "SELECT id FROM sip_user ORDER BY username LIMIT ? OFFSET ?"
            link.execute(f"DELETE FROM sip_user WHERE id IN ({rows})", (limit, value))
            fresh = False
        elif what == "count":
            window.count(link)
            fresh = True
        else:
            everything = whole(link, listings.SIP_USERS)
            lower = needle.lower()
            full = [
                row
                for row in everything
                if (lower in row.username.lower() if len(needle) > 2 else row.username.lower().startswith(lower))
            ]
            part = window.read(link, int(str(value)), limit)
            assert len(part.rows) <= limit
            if fresh or not needle:
                assert is_run_of(part.rows, full)
                assert part.rows or not full, "there are rows and none is shown"
            if fresh:
                assert part.total >= len(part.rows)
    link.close()


def test_the_whole_list_can_be_gone_through_while_rows_come_and_go(image: Image) -> None:
    link = image.open()
    for number in range(100):
        add_user(link, f"u{number:03}")
    window = Window(listings.SIP_USERS)
    seen = []
    last = None
    while rows := window.after(link, last, 7):
        seen += [row.username for row in rows]
        last = rows[-1]
        add_user(link, f"u{len(seen) - 5:03}x")
        link.execute("DELETE FROM sip_user WHERE username = ?", (rows[-1].username,))
    assert [name for name in seen if not name.endswith("x")] == [f"u{number:03}" for number in range(100)]
    assert len(seen) == len(set(seen))
    link.close()


def test_going_through_a_filter_is_not_capped(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "CAP", 3)
    link = image.open()
    for number in range(10):
        add_user(link, f"agent{number}")
    window = Window(listings.SIP_USERS, needle="AGE")
    assert len(window.after(link, None, 50)) == 10
    link.close()


@pytest.mark.parametrize("needle", ["", "a", "abc"])
def test_an_empty_list_has_no_rows_anywhere(image: Image, needle: str) -> None:
    link = image.open()
    window = Window(listings.SIP_USERS, needle=needle)
    assert window.count(link) == 0
    for offset in (0, 5, -3):
        part = window.read(link, offset, 10)
        assert (part.offset, part.rows, part.total, part.capped) == (0, (), 0, False)
    link.close()


HOSTILE = [
    "50%",
    "a_b",
    'say "hi"',
    "(x)*",
    "^abc",
    "O'Hara",
    "NEAR(ab cd)",
    "AND",
    "OR NOT",
    "x:y",
    "-abc",
    "a*b",
    "{x}",
]


@pytest.mark.parametrize("needle", HOSTILE)
def test_nothing_in_a_filter_is_taken_as_an_operator(image: Image, needle: str) -> None:
    link = image.open()
    link.execute("UPDATE company SET name = ? WHERE id = 1", (f"Company {needle} Ltd",))
    link.execute("UPDATE company SET name = 'Company abc NEAR AND OR x y 50 hi cd' WHERE id = 2")
    for few in (1000, 0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("cxtui.store.filters._FEW", few)
            window = Window(listings.COMPANIES, needle=needle)
            window.count(link)
            expected = [row.id for row in whole(link, listings.COMPANIES) if needle.lower() in row.name.lower()]
            assert [row.id for row in window.read(link, 0, 10).rows] == expected
            assert 1 in expected
    link.close()


@pytest.mark.parametrize("needle", ["ab\x00cd", "\x00\x00\x00", "\udcff\udcfeab", "\udcff", "\x00"])
def test_a_filter_that_the_database_cannot_take_finds_nothing(image: Image, needle: str) -> None:
    link = image.open()
    window = Window(listings.COMPANIES, needle=needle)
    assert window.count(link) == 0
    assert window.read(link, 0, 10).rows == ()
    link.close()


@pytest.mark.parametrize("needle", ["o", "O", "on", "ON", "one", "ONE"])
def test_upper_and_lower_case_are_the_same_however_short_the_filter(image: Image, needle: str) -> None:
    link = image.open()
    window = Window(listings.COMPANIES, needle=needle)
    window.count(link)
    assert [row.name for row in window.read(link, 0, 10).rows] == ["One"]
    link.close()


@pytest.mark.parametrize("few", [1000, 0])
def test_letters_beyond_ascii_are_found_in_either_case(image: Image, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxtui.store.filters._FEW", few)
    link = image.open()
    link.execute("UPDATE company SET name = 'ÄRZTE GmbH' WHERE id = 1")
    for needle in ("ärz", "ÄRZ", "är", "Ä"):
        window = Window(listings.COMPANIES, needle=needle)
        assert window.count(link) == 1, needle
    link.close()


def test_a_filtered_list_gains_and_loses_rows_when_it_is_counted_anew(image: Image) -> None:
    """A filtered live list must show the block that has just begun (Firewall)."""
    link = image.open()
    add_block(link, 1, since=1)
    window = Window(listings.BLOCKS, needle="friendly")
    assert window.count(link) == 1
    add_block(link, 2, since=2)
    assert window.count(link) == 2
    assert [row.address for row in window.read(link, 0, 5).rows] == ["198.51.0.2", "198.51.0.1"]
    link.execute("UPDATE block SET user_agent = 'sipvicious' WHERE packed = ?", (parse_network("198.51.0.1").first,))
    assert window.count(link) == 1
    link.close()


def test_ip_entries_are_in_the_order_of_their_addresses(image: Image) -> None:
    link = image.open()
    wanted = ["9.0.0.0/8", "9.1.1.1", "10.0.0.0/24", "10.0.0.0", "100.1.1.1", "2001:db8::/32", "2001:db8::1"]
    for address in reversed(wanted):
        add_entry(link, address)
    window = Window(listings.IP_AUTH)
    window.count(link)
    assert [row.address for row in window.read(link, 0, 10).rows] == sorted(
        wanted, key=lambda text: (parse_network(text).first, parse_network(text).last)
    )
    link.close()


@pytest.mark.parametrize(
    ("listing", "company", "index"),
    [
        (listings.SIP_USERS, None, "sip_user"),
        (listings.SIP_USERS, 1, "sip_user_company"),
        (listings.IP_AUTH, None, "ip_auth_range"),
        (listings.IP_AUTH, 1, "ip_auth_company"),
        (listings.BLOCKS, None, "block_order"),
        (listings.COMPANIES, None, "company"),
    ],
)
def test_every_list_is_read_in_the_order_of_an_index(
    image: Image, listing: Listing, company: int | None, index: str
) -> None:
    link = image.open()
    way = "DESC" if listing.descending else "ASC"
    scope = f"company_id = {company}" if company else "1"
    order = ", ".join(f"{TABLE_OF[listing.entity]}.{name} {way}" for name in listing.order)
    statement = f"{select(listing.entity)} WHERE {listing.where} AND {scope} ORDER BY {order} LIMIT 9 OFFSET 0"
    plan = " ".join(row[3] for row in link.execute(f"EXPLAIN QUERY PLAN {statement}"))
    assert "USE TEMP B-TREE" not in plan
    assert index in plan
    link.close()


def test_the_rows_are_the_entities_themselves(database: Database) -> None:
    with database.bulk() as link:
        add_block(link, 7, since=5)
    with database.reading() as link:
        window = Window(listings.BLOCKS)
        window.count(link)
        (block,) = window.read(link, 0, 1).rows
    assert isinstance(block, Block)
    assert block.packed == parse_network("198.51.0.7").first
    assert block.company_id is None
