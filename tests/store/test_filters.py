"""A typed filter finds what it says, however it is written, and is never taken as an operator."""

from __future__ import annotations

import pytest

from cxtui.rules.addresses import parse_network
from cxtui.store import listings
from cxtui.store.windows import Window
from tests.store.image import Image, add_block, whole

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
