"""Which addresses meet, found in one walk: the same as comparing each with each."""

from __future__ import annotations

import sqlite3
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.networks import build, name_range
from cxtui.services.lint.crossings import crossings

TABLES = """
CREATE TABLE ip_auth(id INTEGER PRIMARY KEY, enabled, direction, port, first BLOB, last BLOB);
CREATE TABLE sip_user(id INTEGER PRIMARY KEY, enabled);
CREATE TABLE allowed_range(id INTEGER PRIMARY KEY, sip_user_id, first BLOB, last BLOB);
"""


@st.composite
def _range(draw):
    if draw(st.integers(0, 9)) == 0:
        return name_range(draw(st.sampled_from(["a.example", "b.example"])))
    version, low = draw(st.sampled_from([(4, 26), (6, 122)]))
    network = build(version, draw(st.integers(0, 63)), draw(st.integers(low, low + 6)))
    return network.first, network.last


entries = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["egress", "ingress"]), st.sampled_from([5060, 5061]), _range()),
    max_size=14,
)
lists = st.lists(st.tuples(st.booleans(), st.lists(_range(), max_size=3)), max_size=8)


@given(entries, lists)
def test_the_walk_finds_what_comparing_each_with_each_finds(entries, lists):
    """C-12, C-13"""
    link = sqlite3.connect(":memory:")
    link.executescript(TABLES)
    link.executemany(
        "INSERT INTO ip_auth(enabled, direction, port, first, last) VALUES (?, ?, ?, ?, ?)",
        [(on, way, port, *bounds) for on, way, port, bounds in entries],
    )
    for key, (on, bounds) in enumerate(lists, start=1):
        link.execute("INSERT INTO sip_user VALUES (?, ?)", (key, on))
        link.executemany(
            "INSERT INTO allowed_range(sip_user_id, first, last) VALUES (?, ?, ?)", [(key, *b) for b in bounds]
        )
    found = crossings(link)
    link.close()
    live = [(key, way, port, bounds) for key, (on, way, port, bounds) in enumerate(entries, start=1) if on]
    allowed = [(key, one) for key, (on, bounds) in enumerate(lists, start=1) if on for one in bounds]
    met = {key for a, b in combinations(live, 2) if a[1:3] == b[1:3] and _meet(a[3], b[3]) for key in (a[0], b[0])}
    both = [(a[0], key) for a in live if a[1] == "egress" for key, bounds in allowed if _meet(a[3], bounds)]
    assert found.entries == met | {key for key, _ in both}
    assert found.users == {key for _, key in both}


def _meet(one, other):
    return one[0] <= other[1] and other[0] <= one[1]
