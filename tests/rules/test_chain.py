"""The chain over the audit log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.chain import link

FIELDS = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.none(), max_size=6)


@given(FIELDS)
def test_a_link_does_not_depend_on_the_order_of_the_fields(fields):
    backwards = dict(reversed(list(fields.items())))
    assert link("", fields) == link("", backwards)


@given(FIELDS, FIELDS)
def test_other_fields_give_another_link(one, two):
    assert (link("a", one) == link("a", two)) is (one == two)


def test_the_row_before_is_part_of_a_link():
    assert link("", {"a": 1}) != link(link("", {}), {"a": 1})
    assert len(link("", {})) == 64
