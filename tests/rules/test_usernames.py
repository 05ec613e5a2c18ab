"""Usernames and number blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import Severity
from cxtui.rules.usernames import DUPLICATE_USER, NumberBlock, check_username, free, next_block, next_free

blocks = st.builds(NumberBlock, st.integers(0, 3000), st.integers(1, 200))


@pytest.mark.parametrize("username", ["1001", "alice", "TestRIS1", "a.b_c-d", "+441782", "0", "x" * 64])
def test_an_ordinary_username_has_no_findings(username):
    """S-091."""
    assert check_username(username) == []


@pytest.mark.parametrize(
    ("username", "word"),
    [
        ("", "empty"),
        ("x" * 65, "at most 64"),
        ("al ice", "a blank"),
        ("alice@acme", "“@”"),
        ("al:ice", "“:”"),
        ('al"ice', '“"”'),
        ("älice", "“ä”"),
        ("١", "“١”"),
        ("alice\n", "a blank"),
        ("alice\x1b", "U+001B"),
        ("al%69ce", "“%”"),
    ],
)
def test_a_bad_username_is_refused_and_the_character_is_named(username, word):
    """S-091."""
    findings = check_username(username)
    assert [(finding.field, finding.severity) for finding in findings] == [("username", Severity.ERROR)]
    assert word in findings[0].text


def test_a_company_with_a_number_block_chooses_only_from_it():
    """S-092."""
    block = NumberBlock(1000, 1000)
    assert check_username("1000", block) == check_username("1999", block) == []
    for outside in ("999", "2000", "01000", "alice", "+1001", "١٠٠٠"):
        findings = check_username(outside, block)
        assert findings, outside
    assert "1000–1999" in check_username("alice", block)[0].text
    assert check_username("alice", block)[0].code == "S-092"


def test_the_portals_words_for_a_duplicate_are_kept():
    """S-093."""
    assert DUPLICATE_USER == "Duplicate User Detected"


def test_the_next_free_number_is_the_lowest_that_nobody_has():
    """S-092."""
    block = NumberBlock(1000, 5)
    assert next_free(block, []) == "1000"
    assert next_free(block, ["1000", "1001", "1003", "alice"]) == "1002"
    assert next_free(block, map(str, range(1000, 1005))) is None
    assert free(block, ["1001"], 3) == ("1000", "1002", "1003")
    assert free(block, [], 99) == ("1000", "1001", "1002", "1003", "1004")
    assert free(block, [], 0) == ()


@given(blocks, st.lists(st.integers(0, 3300).map(str), max_size=50))
def test_free_numbers_lie_in_the_block_and_are_not_taken(block, taken):
    numbers = free(block, taken, block.size)
    assert all(block.contains(number) and number not in taken for number in numbers)
    assert len(numbers) + len({number for number in taken if block.contains(number)}) == block.size


def test_the_next_block_follows_the_last_one():
    """W-070: 1000/1000 gives 1000–1999, then 2000–2999."""
    first = next_block(1000, 1000, [])
    second = next_block(1000, 1000, [first])
    assert (str(first), str(second)) == ("1000–1999", "2000–2999")
    assert (second.first, second.last) == (2000, 2999)


def test_a_gap_between_blocks_is_used_first_and_odd_blocks_are_stepped_over():
    """W-070."""
    assert str(next_block(1000, 1000, [NumberBlock(1000, 1000), NumberBlock(3000, 1000)])) == "2000–2999"
    assert str(next_block(1000, 100, [NumberBlock(900, 150), NumberBlock(1150, 100)])) == "1300–1399"
    assert str(next_block(1000, 100, [NumberBlock(1000, 5000), NumberBlock(1200, 10)])) == "6000–6099"


@given(st.integers(0, 2000), st.integers(1, 300), st.lists(blocks, max_size=12))
def test_the_next_block_is_the_lowest_of_the_raster_that_overlaps_none(start, size, used):
    found = next_block(start, size, used)
    assert (found.start - start) % size == 0
    assert not any(found.overlaps(block) for block in used)
    for earlier in range(start, found.start, size):
        assert any(NumberBlock(earlier, size).overlaps(block) for block in used)


@pytest.mark.parametrize(("start", "size"), [(-1, 10), (1000, 0), (1000, -5)])
def test_a_block_without_numbers_is_refused(start, size):
    with pytest.raises(ValueError, match="number block"):
        NumberBlock(start, size)


def test_an_endless_number_is_simply_not_in_the_block():
    assert not NumberBlock(1000, 10).contains("9" * 10_000)
