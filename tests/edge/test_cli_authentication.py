"""Companies on one address, told apart by the caller's number at a real switch (W-007…W-009, S-044, S-045)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.models.ip_auth import IpAuth
from cxtui.services import companies, lookup
from tests.edge.clients import ports
from tests.edge.clients.sipp import Caller
from tests.edge.ground import Ground

RESTRICTED = (403, "CLI restriction in effect")
BOUND = ports.free()
LISTS = {
    "Numbers": "441782550100\n+441782550101",
    "Regexes": "^4420[0-9]{8}$\n^(0044|\\+44)113",
    "Both": "441782550100\n^33",
    "Alone": "",
    "Other": "",
}


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("cli"))
    shared = {"cli_authentication": "1"}
    for name, numbers in LISTS.items():
        ground.company(name, cli_allow_list=numbers)

    def share(address: str, *names: str, **fields: str) -> None:
        for name in names:
            ground.entry(ground.company(name), address, **shared, **fields)

    share("127.1.1.1", "Numbers", "Regexes")
    share("127.1.1.2", "Numbers", "Both")
    share("127.1.1.3", "Numbers", "Alone")
    share("127.1.1.4", "Alone", "Other")
    share("127.1.1.5", "Alone")
    share("::1", "Numbers", "Regexes")
    share("127.1.2.0/28", "Numbers")
    share("127.1.2.5", "Regexes", "Numbers")
    share("127.1.3.0/24", "Numbers", "Regexes")
    share("127.1.3.4", "Regexes", port=str(BOUND))
    with ground:
        yield ground


def taker(ground: Ground, source: str, cli: str, port: int = 0) -> tuple[tuple[int, str], str]:
    """How a call ends, and by whose calls it is counted: "" by nobody's."""
    with ground.line(source, port) as line:
        said = line.call("441782550199", cli=cli).said
        counted = [company for name in LISTS if ground.size(company := ground.company(name))]
    ground.until_quiet(*counted)
    return said, " ".join(company.name for company in counted)


@pytest.mark.parametrize("source", ["127.1.1.1", "::1", "127.1.3.77"])
@pytest.mark.parametrize(
    ("cli", "company"),
    [
        ("441782550100", "Numbers"),
        ("+441782550101", "Numbers"),
        ("442079460000", "Regexes"),
        ("+441134960000", "Regexes"),
    ],
)
def test_the_call_is_of_the_company_whose_list_has_the_number(
    ground: Ground, source: str, cli: str, company: str
) -> None:
    """W-007, S-045."""
    assert taker(ground, source, cli) == ((200, "OK"), company)


@pytest.mark.parametrize("source", ["127.1.1.1", "::1", "127.1.2.3", "127.1.2.5"])
@pytest.mark.parametrize("cli", ["441782550102", "4417825501000", "1441782550100", "anonymous", "+441782550100"])
def test_a_number_on_no_list_is_restricted(ground: Ground, source: str, cli: str) -> None:
    """W-009, W-103: a number is compared whole, and +44… is another number than 44…."""
    assert taker(ground, source, cli) == (RESTRICTED, "")


def test_a_caller_without_a_number_is_restricted(ground: Ground) -> None:
    """W-009."""
    with ground.line("127.1.1.1") as line:
        nameless = line.call("1", change=("From: <sip:441782550100@", "From: <sip:"))
    assert nameless.said == RESTRICTED


def test_a_number_on_two_lists_is_nobodys(ground: Ground) -> None:
    """W-007."""
    assert taker(ground, "127.1.1.2", "441782550100") == (RESTRICTED, "")
    assert taker(ground, "127.1.1.2", "33123456789") == ((200, "OK"), "Both")
    assert taker(ground, "127.1.1.2", "+441782550101") == ((200, "OK"), "Numbers")


def test_a_company_without_a_list_admits_every_number_that_nobody_else_does(ground: Ground) -> None:
    """W-009."""
    assert taker(ground, "127.1.1.3", "15551234") == ((200, "OK"), "Alone")
    assert taker(ground, "127.1.1.3", "441782550100") == (RESTRICTED, "")
    assert taker(ground, "127.1.1.4", "15551234") == (RESTRICTED, "")
    assert taker(ground, "127.1.1.5", "15551234") == ((200, "OK"), "Alone")


def test_of_overlapping_networks_each_company_is_known_in_its_own(ground: Ground) -> None:
    """W-008, S-020."""
    assert taker(ground, "127.1.2.4", "441782550100") == ((200, "OK"), "Numbers")
    assert taker(ground, "127.1.2.4", "442079460000") == (RESTRICTED, "")
    assert taker(ground, "127.1.2.5", "442079460000") == ((200, "OK"), "Regexes")


def test_of_a_companys_own_entries_the_narrowest_takes_the_call(ground: Ground) -> None:
    """S-020: the /32 was saved after the /28 and has limits of its own."""
    wide, narrow = (own(ground, "Numbers", address) for address in ("127.1.2.0/28", "127.1.2.5"))
    with ground.line("127.1.2.5") as line:
        assert line.call("1", cli="441782550100").said == (200, "OK")
        assert (ground.size(wide), ground.size(narrow)) == (0, 1)
    ground.until_quiet(narrow)


def test_a_shared_entry_with_a_port_of_its_own_takes_calls_from_that_port_alone(ground: Ground) -> None:
    """W-003, W-008."""
    wide, bound = (own(ground, "Regexes", address) for address in ("127.1.3.0/24", "127.1.3.4"))
    for port, sizes in ((BOUND, (0, 1)), (0, (1, 0))):
        with ground.line("127.1.3.4", port) as line:
            assert line.call("1", cli="442079460000").said == (200, "OK")
            assert (ground.size(wide), ground.size(bound)) == sizes
        ground.until_quiet(wide, bound)


def own(ground: Ground, name: str, address: str) -> IpAuth:
    """A company's entry of an address."""
    company = ground.company(name)
    (entry,) = [row for row in lookup.ip_entries(ground.noc, address) if row.company_id == company.id]
    return entry


def test_sipp_over_tcp_is_told_apart_as_over_udp(ground: Ground) -> None:
    """W-007."""
    caller = Caller(ground.edge, "127.1.1.1")
    for transport in ("u1", "t1"):
        assert caller.call("1", cli="442079460000", transport=transport).statuses == {200: 1}
        assert caller.call("1", cli="15551234", transport=transport).reasons == (RESTRICTED[1],)
    ground.until_quiet(ground.company("Regexes"))


def test_a_list_that_was_changed_decides_the_next_call(ground: Ground) -> None:
    """S-045."""
    company = ground.company("Regexes")
    assert taker(ground, "127.1.1.1", "48221234567") == (RESTRICTED, "")
    companies.save(ground.noc, company, {"cli_allow_list": f"{company.cli_allow_list}\n^48"})
    ground.bench.until_proven()
    assert taker(ground, "127.1.1.1", "48221234567") == ((200, "OK"), "Regexes")
