"""A window shows the same rows as the whole sorted list would, wherever and however it is read."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.block import Block
from cxtui.rules.addresses import parse_network
from cxtui.store import listings, windows
from cxtui.store.database import Database
from cxtui.store.names import table_of
from cxtui.store.rows import select
from cxtui.store.windows import Listing, Window
from tests.store.image import Image, add_block, add_entry, add_user, is_run_of, whole

ALPHABET = "aAbB1"
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


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
    order = ", ".join(f"{table_of(listing.entity)}.{name} {way}" for name in listing.order)
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
