"""Many rows past the ORM."""

from __future__ import annotations

from dataclasses import replace

from cxtui.models.sip_profile import SipProfile
from cxtui.store import many
from cxtui.store.database import Database
from cxtui.store.rows import all_where
from tests.support import query


def profiles(count: int, first: int = 1) -> list[SipProfile]:
    return [SipProfile(id=key, name=f"p{key}") for key in range(first, first + count)]


def test_ids_run_on_and_are_never_used_again(database: Database) -> None:
    with database.bulk() as link:
        assert many.next_id(link, SipProfile) == 1
        many.insert(link, SipProfile, profiles(3))
        assert many.next_id(link, SipProfile) == 4
        assert many.delete(link, SipProfile, profiles(3)) == 3
        assert many.next_id(link, SipProfile) == 4
        many.append(
            link, SipProfile, ("name", "capacity", "flags", "barge_group"), [("a", 1, "", ""), ("b", 2, "", "")]
        )
    assert query(database, "SELECT id, version, name FROM sip_profile") == [(4, 1, "a"), (5, 1, "b")]


def test_a_row_is_stored_as_it_is(database: Database) -> None:
    rows = profiles(2)
    with database.bulk() as link:
        many.insert(link, SipProfile, rows)
    with database.reading() as link:
        assert all_where(link, SipProfile, "1 ORDER BY id") == rows


def test_only_rows_of_the_same_version_are_written_over_or_deleted(database: Database) -> None:
    rows = profiles(3)
    with database.bulk() as link:
        many.insert(link, SipProfile, rows)
        stale = [rows[0], replace(rows[1], version=7)]
        assert many.update(link, SipProfile, ("capacity", "flags"), [(row, (99, "x")) for row in stale]) == 1
        assert many.delete(link, SipProfile, [rows[0], rows[2]]) == 1
    assert query(database, "SELECT id, version, capacity, flags FROM sip_profile") == [(1, 2, 99, "x"), (2, 1, 10, "")]
