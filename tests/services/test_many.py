"""Many rows leave what one by one leaves: versions, audit, chain and generation."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.sip_profile import SipProfile
from cxtui.services import audit as audit_log
from cxtui.services import many
from cxtui.services.context import Context
from cxtui.services.outcome import Gone
from cxtui.services.writing import writing
from cxtui.store.rows import all_where
from tests.support import audit, dump, generation, query


def told(context: Context, mark: int) -> list[tuple[Any, ...]]:
    return [(entry.action, entry.label, entry.before, entry.after) for entry in audit(context.database, mark)]


def last(context: Context) -> int:
    return int(query(context.database, "SELECT coalesce(max(id), 0) FROM audit")[0][0])


def profiles(context: Context) -> list[SipProfile]:
    with context.database.reading() as link:
        return all_where(link, SipProfile, "1 ORDER BY id")


def test_they_are_audited_as_one_by_one(context: Context) -> None:
    """W-027."""
    marks = [last(context)]
    new = [SipProfile(name=name) for name in ("a", "b")]
    with writing(context) as writer:
        added = [writer.add(row) for row in new]
        changed = [writer.update(row, {"capacity": 5, "flags": ""}) for row in added]
        for row in changed:
            writer.note("SEND", row, f"said to {row.name}")
        for row in changed:
            writer.delete(row)
    marks.append(last(context))
    counted = generation(context.database)
    with writing(context) as writer:
        rows = many.add(writer, new)
        assert [row.id for row in rows] == [3, 4]
        rows = many.update(writer, [(row, {"capacity": 5, "flags": ""}) for row in rows])
        assert [(row.version, row.capacity) for row in rows] == [(2, 5), (2, 5)]
        many.note(writer, "SEND", [(row, f"said to {row.name}") for row in rows])
        many.delete(writer, rows)
    one_by_one, together = told(context, marks[0])[: marks[1] - marks[0]], told(context, marks[1])
    assert one_by_one == together
    assert generation(context.database) == counted + 1
    assert audit_log.verify(context).broken == 0


def test_both_ways_can_be_mixed(context: Context) -> None:
    with writing(context) as writer:
        (row,) = many.add(writer, [SipProfile(name="a")])
        row = writer.update(row, {"capacity": 5})
        (row,) = many.update(writer, [(row, {"capacity": 6})])
        row = writer.update(row, {"capacity": 7})
        many.delete(writer, [writer.add(SipProfile(name="b"))])
        writer.add(SipProfile(name="c"))
    assert [(row.name, row.capacity, row.version) for row in profiles(context)] == [("a", 7, 4), ("c", 10, 1)]
    assert audit_log.verify(context).broken == 0


def test_what_somebody_changed_since_is_not_written_over(context: Context) -> None:
    with writing(context) as writer:
        rows = many.add(writer, [SipProfile(name="a"), SipProfile(name="b")])
        many.update(writer, [(rows[0], {"capacity": 5})])
    before = dump(context.database)
    for verb in (
        lambda writer: many.update(writer, [(row, {"flags": "x"}) for row in rows]),
        lambda writer: many.delete(writer, rows),
        lambda writer: many.delete(writer, rows[:1]),
    ):
        with pytest.raises(Gone, match="was changed in the meantime; nothing was written"), writing(context) as writer:
            verb(writer)
    assert dump(context.database) == before


def test_what_is_so_already_is_not_written(context: Context) -> None:
    with writing(context) as writer:
        rows = many.add(writer, [SipProfile(name="a"), SipProfile(name="b")])
    mark, counted = last(context), generation(context.database)
    with writing(context) as writer:
        assert many.add(writer, list[SipProfile]()) == []
        assert many.update(writer, [(row, {"name": row.name}) for row in rows]) == rows
        many.delete(writer, [])
    assert (last(context), generation(context.database)) == (mark, counted)
