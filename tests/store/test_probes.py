"""What the indexes find is what a comparison with every row would find."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.models.sip_user import AllowedRange
from cxtui.rules.addresses import Network, covering_firsts, name_range
from cxtui.rules.networks import build
from cxtui.store.probes import covers, exists, overlapping


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks that meet often: few bits differ."""
    if draw(st.booleans()):
        number = (203 << 24) | (draw(st.integers(0, 3)) << 16) | draw(st.sampled_from([0, 1, 77, 96, 255, 256, 65_535]))
        return build(4, number, draw(st.integers(1, 32)))
    # The grammar refuses an IPv6 network that holds the IPv4 ones; those of 2000::/3 never do.
    number = (0x20010DB8 << 96) | draw(st.sampled_from([0, 1, 1 << 64, (1 << 64) + 5, 1 << 95, (1 << 96) - 1]))
    return build(6, number, draw(st.integers(3, 128)))


@pytest.fixture(scope="module")
def link():
    link = sqlite3.connect(":memory:", isolation_level=None)
    link.execute("CREATE TABLE allowed_range (id INTEGER PRIMARY KEY, version, sip_user_id, address, first, last)")
    link.execute("CREATE INDEX allowed_range_range ON allowed_range (first, last)")
    yield link
    link.close()


def fill(link: sqlite3.Connection, ranges: list[tuple[bytes, bytes]]) -> None:
    link.execute("DELETE FROM allowed_range")
    for number, (first, last) in enumerate(ranges, start=1):
        link.execute("INSERT INTO allowed_range VALUES (?, 1, ?, '', ?, ?)", (number, number % 2, first, last))


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(stored=st.lists(networks(), max_size=25), asked=networks())
def test_overlapping_finds_what_a_comparison_of_all_finds(
    link: sqlite3.Connection, stored: list[Network], asked: Network
) -> None:
    fill(link, [(network.first, network.last) for network in stored])
    found = overlapping(link, AllowedRange, asked.first, asked.last, covering_firsts(asked))
    expected = {
        number
        for number, network in enumerate(stored, start=1)
        if network.first <= asked.last and asked.first <= network.last
    }
    assert sorted(row.id for row in found) == sorted(expected)
    odd = overlapping(link, AllowedRange, asked.first, asked.last, covering_firsts(asked), "sip_user_id = ?", (1,))
    assert {row.id for row in odd} == {number for number in expected if number % 2}


@SETTINGS
@given(stored=st.lists(networks(), max_size=25), asked=networks())
def test_covers_finds_the_covering_ones_widest_first(
    link: sqlite3.Connection, stored: list[Network], asked: Network
) -> None:
    fill(link, [(network.first, network.last) for network in stored])
    found = covers(link, AllowedRange, asked.last, covering_firsts(asked))
    expected = {
        number
        for number, network in enumerate(stored, start=1)
        if network.first <= asked.first and asked.last <= network.last
    }
    assert {row.id for row in found} == expected
    sizes = [int.from_bytes(row.last) - int.from_bytes(row.first) for row in found]
    assert sizes == sorted(sizes, reverse=True)


def test_a_host_name_meets_itself_alone(link: sqlite3.Connection) -> None:
    names = ["pbx.acme.example", "pbx.acme.example.net", "a.example"]
    everything = build(6, 1 << 125, 3), build(6, 1 << 127, 1)
    fill(link, [*map(name_range, names), *((network.first, network.last) for network in everything)])
    first, last = name_range(names[0])
    assert [row.id for row in overlapping(link, AllowedRange, first, last, (first,))] == [1]


def test_exists_says_whether_any_row_meets_the_condition(link: sqlite3.Connection) -> None:
    fill(link, [(b"a", b"b")])
    assert exists(link, AllowedRange, "first = ?", (b"a",))
    assert not exists(link, AllowedRange, "first = ?", (b"z",))
    assert covers(link, AllowedRange, b"b", ()) == []
