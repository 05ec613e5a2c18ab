"""What is said to run was asked for at the switch, row by row, however soon after it the next change is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cxtui.edge import proofs, publishing
from cxtui.edge.control import Refused
from cxtui.edge.publishing import Publisher
from cxtui.models.ip_auth import IpAuth
from cxtui.services import ip_auth, sip_users
from tests.edge.bench import Bench
from tests.edge.standing import admit, company, standing
from tests.support import execute, one, query


@pytest.fixture(scope="module")
def edge(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One edge whose agent tries again soon after a refusal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "_FIRST_RETRY", 0.1)
        with standing(template, tmp_path_factory.mktemp("proofs")) as edge:
            yield edge


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the agent takes for a refusal."""
    said: list[str] = []
    refused = Publisher._refused

    async def noted(self: Publisher, refusal: Refused) -> None:
        said.append(refusal.said)
        await refused(self, refusal)

    monkeypatch.setattr(Publisher, "_refused", noted)
    return said


def egress(edge: Bench, address: str) -> IpAuth:
    """A new entry of a switch that calls."""
    (row,) = ip_auth.add(edge.context, company(edge.context).id, {"address": address, "direction": "egress"}).rows
    assert isinstance(row, IpAuth)
    return row


@contextmanager
def seen_otherwise(edge: Bench, columns: str, where: str = "1") -> Iterator[None]:
    """Meanwhile the switch reads the addresses in another way, as with a row that it drops in silence."""
    database = edge.context.database
    view = one(database, "SELECT sql FROM sqlite_master WHERE name = 'switch_address'")
    execute(database, "DROP VIEW switch_address")
    execute(
        database,
        f"CREATE VIEW switch_address AS SELECT {columns} FROM ({view.partition(' AS ')[2]}) WHERE {where}",
    )
    try:
        yield
    finally:
        execute(database, "DROP VIEW switch_address")
        execute(database, view)
        execute(database, "UPDATE account SET generation = generation + 1, addresses_at = addresses_at + 1")
        edge.until_proven()


def refused(edge: Bench) -> str:
    """Why the edge does not run what was saved."""
    return str(edge.until(lambda: edge.row()["refusal"], "it is told", 3))


def told_as_proven(edge: Bench, after: int) -> list[int]:
    """The generations after one that are said to run."""
    found = query(edge.context.database, "SELECT generation FROM propagation WHERE generation > ?", (after,))
    return [generation for (generation,) in found]


def test_a_row_that_the_switch_does_not_show_is_not_said_to_be_active(edge: Bench) -> None:
    """S-014, W-034: read back from the edge, never assumed."""
    before = edge.until_proven()
    with seen_otherwise(edge, "*", "ip_addr <> '203.0.113.66'"):
        egress(edge, "203.0.113.66")
        assert "the switch does not show" in (said := refused(edge))
        assert "203.0.113.66" in said
        assert edge.row()["generation"] == before
        assert told_as_proven(edge, before) == []


def test_a_row_that_the_switch_shows_as_it_was_before_is_not_said_to_be_active(edge: Bench) -> None:
    """S-014, W-034."""
    entry = egress(edge, "203.0.113.67")
    before = edge.until_proven()
    with seen_otherwise(edge, "id, grp, ip_addr, mask, port, replace(tag, ';v=2;', ';v=1;') AS tag"):
        ip_auth.save(edge.context, entry, {"channels": "9"})
        assert "203.0.113.67" in refused(edge)
        assert edge.row()["generation"] == before


def test_a_save_between_reload_and_proof_is_no_refusal(
    edge: Bench, refusals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-034: two operators save within a millisecond."""
    read, late = proofs.changed_since, ["203.0.113.71"]

    def meanwhile(*given: Any) -> Any:
        if late:
            egress(edge, late.pop())
        return read(*given)

    monkeypatch.setattr(publishing, "changed_since", meanwhile)
    egress(edge, "203.0.113.70")
    edge.until_proven()
    assert not late
    assert refusals == []


def test_a_user_that_is_saved_again_while_it_is_asked_for_is_no_refusal(
    edge: Bench, refusals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-034: the switch shows the newer one already."""
    users = [admit(edge.context, "1701")]
    edge.until_proven()
    ask, left = proofs.unproven, [2]

    async def meanwhile(station: Any, rows: Any) -> str:
        if left[0] and rows:
            left[0] -= 1
            users[:] = sip_users.save(edge.context, users[0], {"channels": str(3 + left[0])}).rows  # type: ignore[assignment]
        return await ask(station, rows)

    monkeypatch.setattr(publishing, "unproven", meanwhile)
    users[:] = sip_users.save(edge.context, users[0], {"channels": "9"}).rows  # type: ignore[assignment]
    edge.until_proven()
    assert left == [0]
    assert refusals == []


@pytest.mark.parametrize(
    ("first", "second", "hidden", "proven"),
    [("203.0.113.72", "203.0.113.73", "203.0.113.73", 1), ("203.0.113.74", "203.0.113.75", "203.0.113.74", 0)],
    ids=["the second is not shown", "the first is not shown"],
)
def test_of_two_saves_close_together_each_is_asked_for(
    edge: Bench, refusals: list[str], monkeypatch: pytest.MonkeyPatch, first: str, second: str, hidden: str, proven: int
) -> None:
    """W-034: the second comes while the first is being proven; neither is said to run because of the other."""
    before = edge.until_proven()
    ask, late = proofs.unproven, [second]

    async def meanwhile(station: Any, rows: Any) -> str:
        said = await ask(station, rows)
        if late and rows:
            egress(edge, late.pop())
        return said

    monkeypatch.setattr(publishing, "unproven", meanwhile)
    with seen_otherwise(edge, "*", f"ip_addr <> '{hidden}'"):
        egress(edge, first)
        edge.until(lambda: refusals, "what the switch does not show is told", 3)
        assert hidden in refusals[0]
        assert len(told_as_proven(edge, before)) == proven


def test_while_saves_come_faster_than_they_are_proven_the_state_moves_on(
    edge: Bench, refusals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-034: as a script makes them for minutes; what is told is a change that the switch runs, and no refusal."""
    users: Any = [admit(edge.context, "1700")]
    before, read, saves = edge.until_proven(), Publisher._live, list(range(1, 21))

    async def meanwhile(self: Publisher) -> tuple[int, int, int]:
        if saves:
            users[:] = sip_users.save(edge.context, users[0], {"channels": str(saves.pop())}).rows
        return await read(self)

    monkeypatch.setattr(Publisher, "_live", meanwhile)
    users[:] = sip_users.save(edge.context, users[0], {"channels": "99"}).rows
    edge.until(lambda: not saves, "all are saved")
    last = edge.until_proven()
    told = told_as_proven(edge, before)
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == last
    assert refusals == []
