"""What is said of a reconciliation."""

from __future__ import annotations

import pytest

from cxtui.edge.reconciling import put_right
from cxtui.models.edge import Drift


def drift(key: str, side: str = "edge") -> Drift:
    """A block that only one side holds."""
    return Drift(edge_id=1, part="block", key=key, side=side, detail="", seen_at=0)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], [], "No difference."),
        ([], [drift("a"), drift("b")], "2 differences."),
        ([drift("a")], [], "1 difference put right: block a (only on the edge)."),
        ([drift("a", "database")], [], "1 difference put right: block a (only in the database)."),
        (
            [drift("a"), drift("b")],
            [drift("b")],
            "1 difference put right: block a (only on the edge). 1 difference left.",
        ),
        ([drift("a")], [drift("a")], "1 difference."),
    ],
)
def test_what_was_put_right_is_named_and_what_is_left_is_counted(
    before: list[Drift], after: list[Drift], said: str
) -> None:
    """W-034."""
    assert put_right(before, after) == said


def test_of_many_differences_the_first_are_named() -> None:
    said = put_right([drift(str(number)) for number in range(8)], [])
    assert said.startswith("8 differences put right: block 0 (only on the edge), ")
    assert said.endswith("block 4 (only on the edge) and 3 more.")
