"""Blocking and unblocking from the shell, and the search for whatever it is."""

from __future__ import annotations

import pytest

from cxtui.services import edges


def test_an_address_is_blocked_listed_and_unblocked(shell):
    """W-030, S-013"""
    blocked = shell.json("block", "add", "198.51.100.9", "--notes", "scanner", "--expires", "2h")["rows"][0]
    assert blocked["expires_at"] > blocked["since"]
    assert shell.json("block", "list") == [blocked]
    answer = shell.ok("unblock", "198.51.100.9", "--reason", "mistake")
    assert answer.out == "Unblocked 198.51.100.9: recorded, no edge attached.\n"
    assert shell.json("block", "list") == []


def test_a_customers_address_is_only_blocked_when_it_is_typed_once_more(shell):
    shell.ok("ip", "add", "Acme Telecom", "198.51.100.0/24")
    refused = shell("block", "add", "198.51.100.9")
    assert (refused.code, "--confirm 198.51.100.9" in refused.err, "Acme Telecom" in refused.err) == (1, True, True)
    assert shell("block", "add", "198.51.100.9", "--json").json["confirm"] == "198.51.100.9"
    assert shell("block", "add", "198.51.100.9", "--confirm", "198.51.100.8").code == 1
    row = shell.json("block", "add", "198.51.100.9", "--confirm", "198.51.100.9")["rows"][0]
    assert row["company"] == "Acme Telecom"


@pytest.mark.parametrize(
    "words", [("198.51.100.0/24",), ("pbx.example",), ("198.51.100.9", "--expires", "soon"), ("",)]
)
def test_what_cannot_be_blocked_is_refused_beside_its_field(shell, words):
    """W-030"""
    answer = shell("block", "add", *words)
    assert answer.code == 1
    assert answer.err.startswith(("address: ", "expires: "))


def test_addresses_are_unblocked_together_or_not_at_all(shell):
    shell.ok("block", "add", "198.51.100.9")
    refused = shell("unblock", "198.51.100.9", "198.51.100.10", "nonsense")
    assert refused.code == 1
    assert "198.51.100.10 is not blocked" in refused.err
    assert len(refused.err.splitlines()) == 2
    assert len(shell.json("block", "list")) == 1


def test_what_the_edges_saw_is_in_the_list(shell, context):
    """S-012, S-015"""
    edges.record(
        context, [edges.Sighting("198.51.100.9", 1e9, 212, "scanner", "100,admin", "friendly-scanner", "table")]
    )
    row = shell.json("block", "list", "--filter", "friendly")[0]
    assert (row["hits"], row["user_agent"], row["since"]) == (212, "friendly-scanner", "2001-09-09T01:46:40Z")


def test_find_says_what_covers_an_address_and_that_it_is_blocked(shell):
    shell.ok("ip", "add", "Acme Telecom", "198.51.100.0/24")
    shell.ok("block", "add", "198.51.100.9", "--confirm", "198.51.100.9")
    found = shell.json("find", "198.51.100.9")
    assert {(hit["kind"], hit["title"]) for hit in found} == {("ip", "198.51.100.0/24"), ("block", "198.51.100.9")}
    assert "BLOCKED" in shell.ok("find", "198.51.100.9").out


def test_finding_nothing_is_an_exit_code(shell):
    assert shell("find", "nobody").code == 1
    answer = shell("find", "nobody", "--json")
    assert (answer.code, answer.json) == (1, [])
