"""Which ranges meet which."""

from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from cxtui.rules.addresses import name_range, parse_network
from cxtui.rules.networks import build
from cxtui.services.bulk import overlaps
from cxtui.services.bulk.overlaps import Range, among, with_stored

networks = st.one_of(
    st.builds(
        lambda number, prefix: build(4, number << 20, prefix), st.integers(0, 63), st.sampled_from([4, 8, 10, 12, 32])
    ),
    st.builds(
        lambda number, prefix: build(6, (0x2001 << 112) + (number << 100), prefix),
        st.integers(0, 40),
        st.sampled_from([16, 24, 28, 128]),
    ),
).map(lambda network: (network.first, network.last))
names = st.sampled_from(["a.example", "b.example", "a.example.net"]).map(name_range)
ranges = st.lists(st.one_of(networks, names), max_size=25)


def meet(one: Range, other: Range) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


@given(ranges)
def test_ranges_are_compared_as_if_each_with_each(given_: list[Range]) -> None:
    found = among(given_)
    for place, one in enumerate(given_):
        others = [other for other in range(len(given_)) if other != place and meet(one, given_[other])]
        assert sorted(found.get(place, [])) == others


@settings(deadline=None)
@given(ranges, ranges, st.sampled_from([1, 3, 1000]))
def test_stored_ranges_are_found_in_any_number_of_groups(mine: list[Range], stored: list[Range], groups: int) -> None:
    link = sqlite3.connect(":memory:")
    columns = "id INTEGER PRIMARY KEY, version INT DEFAULT 1, sip_user_id INT, address TEXT, first BLOB, last BLOB"
    link.execute(f"CREATE TABLE allowed_range({columns})")
    link.executemany("INSERT INTO allowed_range(first, last) VALUES (?, ?)", stored)
    kept = overlaps._GROUPS
    overlaps._GROUPS = groups
    try:
        found = with_stored(link, "allowed_range", mine)
    finally:
        overlaps._GROUPS = kept
        link.close()
    for place, one in enumerate(mine):
        assert sorted(found.get(place, [])) == [key for key, other in enumerate(stored, start=1) if meet(one, other)]


def test_those_that_meet_very_many_are_cut_short() -> None:
    """A thousand companies on one address must not cost a million comparisons."""
    network = parse_network("10.0.0.0/8")
    found = among([(network.first, network.last)] * 1_000)
    assert max(map(len, found.values())) <= 2 * overlaps.MOST
    assert len(found) == 1_000
