"""The search from anywhere."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services import companies, edges, ip_auth, sip_users
from cxtui.services.context import Context
from cxtui.services.edges import Sighting
from cxtui.services.find import MOST, Hit, find
from tests.support import NOON


@pytest.fixture(autouse=True)
def stock(context: Context, acme: Company, beta: Company) -> None:
    ip_auth.add(context, acme.id, {"address": "203.0.113.96/27 203.0.113.0/24 2001:db8::/32"})
    ip_auth.add(context, beta.id, {"address": "203.0.113.100"}, share=True)
    ip_auth.add(context, acme.id, {"address": "pbx.acme.example", "direction": "ingress"})
    sip_users.add(context, acme.id, {"username": "1001", "allow_list": "198.51.100.0/24"})
    sip_users.add(context, beta.id, {"username": "acme-fan"})
    edges.record(context, [Sighting("203.0.113.100", NOON, 1, "scan"), Sighting("192.0.2.1", NOON, 1, "scan")])


def titles(hits: list[Hit]) -> list[tuple[str, str]]:
    return [(hit.grid, hit.title) for hit in hits]


def test_an_address_finds_itself_the_networks_that_cover_it_and_its_block(context: Context) -> None:
    """W-081, W-033: exactly it first, then from the narrowest to the widest."""
    hits = find(context, " 203.0.113.100 ")
    assert titles(hits) == [
        ("ip_auth", "203.0.113.100"),
        ("ip_auth", "203.0.113.96/27"),
        ("ip_auth", "203.0.113.0/24"),
        ("blocks", "203.0.113.100"),
    ]
    assert hits[0].detail == "IP entry of Beta Ltd: they send"
    assert hits[1].detail == "IP entry of Acme Telecom: covers 203.0.113.100, they send"
    assert hits[3].detail == "BLOCKED: scan, Beta Ltd"


def test_a_network_finds_itself_first_then_what_covers_it_and_what_lies_in_it(context: Context) -> None:
    assert titles(find(context, "203.0.113.96/27")) == [
        ("ip_auth", "203.0.113.96/27"),
        ("ip_auth", "203.0.113.0/24"),
        ("ip_auth", "203.0.113.100"),
        ("blocks", "203.0.113.100"),
    ]
    (hit,) = find(context, "2001:db8:1::/48")
    assert (hit.title, "covers 2001:db8:1::/48" in hit.detail) == ("2001:db8::/32", True)


def test_an_address_finds_the_users_whose_allow_list_holds_it(context: Context) -> None:
    """S-098."""
    (hit,) = find(context, "198.51.100.7")
    assert (hit.grid, hit.title) == ("sip_users", "1001")
    assert hit.detail == "allow list holds 198.51.100.0/24 of Acme Telecom"


def test_a_blocked_stranger_is_found(context: Context) -> None:
    """W-033."""
    (hit,) = find(context, "192.0.2.1")
    assert (hit.grid, hit.company_id, hit.detail) == ("blocks", None, "BLOCKED: scan")


def test_a_name_finds_companies_users_and_host_names_the_likeliest_first(context: Context) -> None:
    """W-081."""
    assert titles(find(context, "ACME")) == [
        ("companies", "Acme Telecom"),
        ("sip_users", "acme-fan"),
        ("ip_auth", "pbx.acme.example"),
    ]
    assert titles(find(context, "acme-fan")) == [("sip_users", "acme-fan")]
    assert titles(find(context, "ac"))[0] == ("companies", "Acme Telecom")


def test_a_number_finds_the_user_before_anything_that_contains_it(context: Context, beta: Company) -> None:
    companies.add(context, {"name": "A 1001 Ltd"})
    assert titles(find(context, "1001")) == [("sip_users", "1001"), ("companies", "A 1001 Ltd")]


def test_part_of_an_address_finds_the_entries_that_begin_or_contain_it(context: Context) -> None:
    assert titles(find(context, "0.113.9")) == [("ip_auth", "203.0.113.96/27")]
    assert ("ip_auth", "203.0.113.96/27") in titles(find(context, "203.0"))


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_finds_nothing(context: Context, text: str) -> None:
    assert find(context, text) == []


@pytest.mark.parametrize(
    "text", ["'", '"', "%", "_%", "*", "(", "AND", "x OR y", "\x00", "\udcff\udcff\udcff", "a" * 10_000, "1/2/3", "::"]
)
def test_any_text_may_be_typed(context: Context, text: str) -> None:
    assert find(context, text) == []


def test_a_wide_network_lists_a_few_and_reads_no_more(context: Context, acme: Company) -> None:
    ip_auth.add(context, acme.id, {"address": " ".join(f"10.1.{number}.1" for number in range(100))})
    edges.record(context, (Sighting(f"10.2.{number}.1", NOON, 1, "scan") for number in range(100)))
    hits = find(context, "10.0.0.0/8")
    assert 0 < len([hit for hit in hits if hit.grid == "ip_auth"]) <= MOST
    assert len([hit for hit in hits if hit.grid == "blocks"]) == MOST


def test_a_needle_in_many_names_lists_a_few(context: Context) -> None:
    for number in range(MOST + 5):
        companies.add(context, {"name": f"Gamma {number}"})
    assert len(find(context, "gamma")) == MOST
