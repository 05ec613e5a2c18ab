from __future__ import annotations

from typing import Any

import pytest

from cxtui.demo import crowd, scale
from cxtui.models.block import Block
from cxtui.models.fields import form_specs
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.addresses import pack, parse_network
from cxtui.services import companies, edges, find, ip_auth, ownership, sip_users
from cxtui.services.context import Context
from cxtui.services.grids import Grid
from cxtui.store.database import Database
from cxtui.store.errors import StoreError
from cxtui.store.rows import all_where
from tests.support import one, operator, query

USERS, ENTRIES, BLOCKS = 5_000, 1_000, 5_000
NOW = 1_700_000_000.0


@pytest.fixture
def filled(empty: Database) -> Context:
    """A console on a database that was filled."""
    scale.fill(empty, USERS, ENTRIES, BLOCKS)
    return operator(empty, "alice", lambda: NOW)


def schema(database: Database) -> list[tuple[Any, ...]]:
    """Tables, indexes and triggers."""
    return query(database, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name")


def test_every_row_asked_for_is_there_and_counted(empty: Database) -> None:
    steps: list[scale.Step] = []
    total = scale.fill(empty, USERS, ENTRIES, BLOCKS, steps.append)
    counts = {step.table: one(empty, f"SELECT count(*) FROM {step.table}") for step in steps}
    assert {step.table: step.rows for step in steps} == counts
    assert (counts["sip_user"], counts["ip_auth"], counts["block"]) == (USERS, ENTRIES, BLOCKS)
    assert total == sum(counts.values())


def test_the_file_is_sound_and_its_schema_the_same_as_before(empty: Database) -> None:
    before = schema(empty)
    scale.fill(empty, USERS, ENTRIES, BLOCKS)
    assert schema(empty) == before
    assert query(empty, "PRAGMA foreign_key_check") == []
    assert query(empty, "PRAGMA integrity_check") == [("ok",)]
    with empty.bulk() as link:
        for table in ("company", "ip_auth", "sip_user", "block"):
            link.execute(f"INSERT INTO {table}_search({table}_search, rank) VALUES ('integrity-check', 1)")


def test_what_is_written_afterwards_is_found(filled: Context) -> None:
    company = companies.find_by_name(filled, "Alder Telecom")
    assert company is not None
    sip_users.add(filled, company.id, {"username": sip_users.next_username(filled, company.id)})
    edges.record(filled, [edges.Sighting("203.0.113.201", NOW, 3, "scanner", user_agent="newcomer/1.0")])
    assert Grid(filled, "blocks", needle="newcomer/1").read(0, 9).rows[0].row.address == "203.0.113.201"
    assert find.find(filled, "203.0.113.201")


@pytest.mark.parametrize(
    ("kind", "needle", "total"),
    [
        ("sip_users", "", USERS),
        ("ip_auth", "", ENTRIES),
        ("blocks", "", BLOCKS),
        ("companies", "", 200),
        ("sip_users", "10000007", 1),
        ("ip_auth", "20.0.0.", 16),
        ("ip_auth", "example.net", ENTRIES // 50),
        ("blocks", "sipvicious", BLOCKS // 7),
    ],
)
def test_lists_and_filters_work(filled: Context, kind: str, needle: str, total: int) -> None:
    grid = Grid(filled, kind, needle=needle)
    part = grid.read(0, 5)
    assert part.total == total
    assert len(grid.read(part.total - 1, 5).rows) == 1


def test_blocked_customers_stand_on_top_and_are_really_theirs(filled: Context) -> None:
    rows: list[Block] = [found.row for found in Grid(filled, "blocks").read(0, 6).rows]
    assert [row.ours for row in rows] == [1] * 5 + [0]
    with filled.database.reading() as link:
        for row in rows:
            assert ownership.owner_of(link, row.packed) == row.company_id


def test_addresses_are_canonical_and_packed_as_the_rules_pack_them(filled: Context) -> None:
    with filled.database.reading() as link:
        for entry in all_where(link, IpAuth, "address NOT LIKE '%.example.net'"):
            network = parse_network(entry.address)
            assert (network.text, network.first, network.last) == (entry.address, entry.first, entry.last)
        for block in all_where(link, Block, "1"):
            assert pack(block.address) == block.packed
            assert block.since <= block.last_seen


def test_no_row_breaks_a_rule(filled: Context) -> None:
    with filled.database.reading() as link:
        entries = all_where(link, IpAuth, "id % 9 = 0")
        users = all_where(link, SipUser, "id % 40 = 1")
    for entry in entries:
        values = {name: getattr(entry, name) for name in form_specs(IpAuth)}
        assert errors(ip_auth.check(filled, entry.company_id, values, entry).findings) == ()
    for user in users:
        values = {name: getattr(user, name) for name in form_specs(SipUser)}
        assert errors(sip_users.check(filled, user.company_id, values, user).findings) == ()
    assert any(user.allow_list for user in users)


def test_the_companies_number_blocks_are_their_own(filled: Context) -> None:
    for company in (found.row for found in Grid(filled, "companies").read(0, 200).rows):
        values = {"name": company.name, "number_block_start": company.number_block_start}
        assert errors(companies.check(filled, values, company).findings) == ()


def test_customers_that_were_there_stay(console: Context) -> None:
    before = one(console.database, "SELECT count(*) FROM sip_user")
    scale.fill(console.database, 100, 20, 100)
    assert one(console.database, "SELECT count(*) FROM sip_user") == before + 100
    assert query(console.database, "PRAGMA foreign_key_check") == []
    assert Grid(console, "ip_auth", needle="203.0.113.77").read(0, 5).total == 1


def test_a_second_time_is_refused_in_a_sentence_and_changes_nothing(filled: Context) -> None:
    with pytest.raises(StoreError, match="filled before"):
        scale.fill(filled.database, 10, 10, 10)
    assert one(filled.database, "SELECT count(*) FROM sip_user") == USERS


def test_a_load_that_fails_leaves_its_table_and_its_indexes_as_they_were(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, whole_blocks = schema(empty), crowd.blocks

    def torn(whole: crowd.Crowd) -> Any:
        yield next(iter(whole_blocks(whole)))
        raise ValueError("pulled")

    monkeypatch.setattr("cxtui.demo.crowd.blocks", torn)
    with pytest.raises(ValueError, match="pulled"):
        scale.fill(empty, 10, 5, 10)
    assert one(empty, "SELECT count(*) FROM block") == 0
    assert schema(empty) == before


def test_more_than_can_keep_the_rules_is_refused(empty: Database) -> None:
    with pytest.raises(StoreError, match="At most"):
        scale.fill(empty, scale.MOST + 1, 0, 0)


@pytest.mark.parametrize("users", [0, 1, 999, 30_000_000])
def test_shares_and_number_blocks_add_up(users: int) -> None:
    sizes = crowd.shares(users)
    begins = crowd.starts(sizes)
    assert sum(sizes) == users
    assert len(begins) == len(sizes)
    assert all(begin + size <= after for begin, size, after in zip(begins, sizes, begins[1:], strict=False))
    assert max(sizes) < 1_000_000
    assert begins[-1] + sizes[-1] < 100_000_000
