"""What a switch has that the database does not, and the other way round, whoever asked for the comparison (W-034)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cxtui.edge import comparing
from cxtui.edge.control import Refused
from cxtui.services import blocks, ip_auth, rewrites
from cxtui.services.subjects import Subject
from tests.edge.bench import Bench
from tests.edge.standing import admit, company, standing
from tests.support import execute, one, query

Difference = tuple[str, str, str]
"""The part, what names it, and the side that has it."""


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One edge for all of these tests, each of which finds its own difference."""
    with standing(template, tmp_path_factory.mktemp("drift")) as edge:
        yield edge


def written(edge: Bench) -> set[Difference]:
    """The differences as they are written down."""
    return {*query(edge.context.database, "SELECT part, key, side FROM drift")}


def compared(edge: Bench) -> set[Difference]:
    """The differences, compared just now."""
    assert edge.agent
    edge._do(edge.agent._comparison.run())
    return written(edge)


def egress(edge: Bench, *addresses: str) -> list[int]:
    """New entries of switches that call, which the edge has taken; their ids."""
    typed = {"address": "\n".join(addresses), "direction": "egress"}
    rows = ip_auth.add(edge.context, company(edge.context).id, typed).rows
    edge.until_proven()
    return [row.id for row in rows]


def reloaded(edge: Bench) -> bool:
    """Have the switch reload its addresses, which it does once a second at most."""
    try:
        edge.rpc("permissions.addressReload")
    except Refused:
        return False
    return True


@pytest.mark.parametrize("owner", ["ip_auth", "sip_user"])
def test_rules_that_only_the_switch_still_has_are_found(edge: Bench, owner: str) -> None:
    """W-034: its subject has none in the database any more; and nothing is an error in the switch's log."""
    if owner == "ip_auth":
        (key,) = egress(edge, "203.0.113.10")
        head = 1_000_000_000 + 4 * key
    else:
        key = admit(edge.context, "1800").id
        head = 1_000_000_002 + 4 * key
    rewrites.add(edge.context, Subject(owner, key), {"current": "00", "new": "+"})
    edge.until_proven()
    assert not [one for one in compared(edge) if one[0] == "rewrite"]
    execute(edge.context.database, "DELETE FROM rewrite_rule")
    assert edge.rpc("cxtui.rewrite", str(head), "0044") == {"number": "+44"}
    logged = len(edge.log())
    found = {(key.split(" rule ")[0], side) for part, key, side in compared(edge) if part == "rewrite"}
    assert found == {(f"plan {head}", "edge")}
    assert edge.log()[logged:] == ""
    edge.until(lambda: _rules_reloaded(edge), "the switch takes a reload", 3)


def _rules_reloaded(edge: Bench) -> bool:
    try:
        edge.rpc("dialplan.reload")
    except Refused:
        return False
    return True


def test_an_entry_that_only_the_switch_still_has_is_found(edge: Bench) -> None:
    """W-034."""
    (key,) = egress(edge, "203.0.113.11")
    assert compared(edge) == set()
    execute(edge.context.database, "DELETE FROM ip_auth WHERE id = ?", (key,))
    assert compared(edge) == {("address", "group 2 203.0.113.11:0", "edge")}
    edge.until(lambda: reloaded(edge), "the switch takes a reload", 3)
    assert compared(edge) == set()


def test_of_many_entries_those_that_the_switch_lacks_are_found(edge: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-034: where they are too many to be listed."""
    monkeypatch.setattr(comparing, "MOST_ADDRESSES", 2)
    keys = egress(edge, *(f"203.0.113.{last}" for last in range(12, 16)))
    assert compared(edge) == set()
    # Behind the back of every service: the agent has the switch reload nothing.
    execute(edge.context.database, "UPDATE ip_auth SET enabled = 0")
    edge.until(lambda: reloaded(edge), "the switch takes a reload", 3)
    execute(edge.context.database, "UPDATE ip_auth SET enabled = 1")
    assert {(part, side) for part, _, side in compared(edge)} == {("address", "database")}
    assert len(written(edge)) == one(edge.context.database, "SELECT count(*) FROM ip_auth") >= len(keys)
    edge.until(lambda: reloaded(edge), "the switch takes a reload", 3)


def test_an_edge_with_another_realm_than_the_database_is_told(edge: Bench) -> None:
    """W-034: every login there would be refused."""
    execute(edge.context.database, "UPDATE account SET realm = 'other.example'")
    assert ("realm", "sip.example.net", "edge") in compared(edge)
    execute(edge.context.database, "UPDATE account SET realm = 'sip.example.net'")
    assert compared(edge) == set()


def test_a_block_that_the_switch_lost_is_found(edge: Bench) -> None:
    """W-030, W-034."""
    blocks.block(edge.context, {"address": "198.51.100.8"})
    edge.until(lambda: query(edge.context.database, "SELECT 1 FROM hold"), "it is held")
    edge.rpc("htable.delete", "blocked", "198.51.100.8")
    assert compared(edge) == {("block", "198.51.100.8", "database")}


def test_differences_are_found_without_being_asked_for(edge: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """W-034: by the agent itself, soon after it began and again and again."""
    monkeypatch.setattr("cxtui.edge.agent._FIRST_COMPARE", 0.1)
    monkeypatch.setattr("cxtui.edge.agent._COMPARE", 0.2)
    edge.stop_agent()
    edge.start_agent()
    edge.until(lambda: edge.agent and edge.agent._control.open and not edge.row()["trouble"], "the agent is back")
    for last in (7, 9):
        edge.rpc("htable.sets", "blocked", f"198.51.100.{last}", "by hand")
        edge.until(lambda: ("block", f"198.51.100.{last}", "edge") in written(edge), "it is found", 5)  # noqa: B023
