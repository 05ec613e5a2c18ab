"""Every requirement of the parts that are there is proven by a test that names it."""

from __future__ import annotations

import pytest

from tests.requirements.proofs import named, proofs, wanted


@pytest.fixture(scope="module")
def proven() -> dict[str, list[str]]:
    """The tests by requirement."""
    return proofs()


@pytest.mark.parametrize("key", wanted())
def test_a_requirement_is_proven(proven: dict[str, list[str]], key: str) -> None:
    assert proven.get(key)


def test_no_requirement_stands_twice_in_the_list() -> None:
    assert len(wanted()) == len(set(wanted()))


def test_ids_are_read_one_by_one_and_as_spans() -> None:
    assert named("S-020, W-001: as S-100…S-102 say; C-07.") == ["C-07", "S-020", "S-100", "S-101", "S-102", "W-001"]
