"""What an agent writes down: what was proven, what differs, who is registered, and how its jobs ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields

from cxtui.models.edge import Drift
from cxtui.models.edge_job import EdgeJob, JobState
from cxtui.models.registration import Registration
from cxtui.rules.addresses import AddressError, pack
from cxtui.store.rows import all_where

from .context import Context

MOST_PROPAGATIONS = 1000
"""How many generations are remembered of each edge."""

MOST_DRIFT = 500
JOB_SECONDS = 30.0
"""How long a job may wait for its agent; afterwards nobody expects it any more."""

_FORGET_JOBS = 86_400.0

_AWAY = "The switch or its agent was away meanwhile: ask again."


def published(context: Context, edge_id: int, generation: int, committed_at: float, verified_at: float) -> None:
    """An edge was seen to run a generation that was committed at one moment and verified at another."""
    with context.database.bulk() as link:
        link.execute(
            "INSERT INTO propagation(version, edge_id, generation, committed_at, verified_at) VALUES (1, ?, ?, ?, ?)"
            " ON CONFLICT(edge_id, generation) DO NOTHING",
            (edge_id, generation, committed_at, max(committed_at, verified_at)),
        )
        link.execute(
            "DELETE FROM propagation WHERE edge_id = ?1 AND id <= (SELECT id FROM propagation WHERE edge_id = ?1"
            " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            (edge_id, MOST_PROPAGATIONS),
        )


def drifted(context: Context, edge_id: int, found: Sequence[Drift]) -> None:
    """All that differs between an edge and the database now, instead of what was known to differ before."""
    rows = ((edge_id, one.part, one.key[:200], one.side, one.detail[:300], one.seen_at) for one in found[:MOST_DRIFT])
    with context.database.bulk() as link:
        link.execute("DELETE FROM drift WHERE edge_id = ?", (edge_id,))
        link.executemany(
            "INSERT OR IGNORE INTO drift(version, edge_id, part, key, side, detail, seen_at)"
            " VALUES (1, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def known_registrations(context: Context, edge_id: int, usernames: Sequence[str] | None = None) -> list[Registration]:
    """What is written down of the registrations at an edge: all, or those of some users."""
    with context.database.reading() as link:
        if usernames is None:
            return all_where(link, Registration, "edge_id = ?", (edge_id,))
        marks = ",".join("?" * len(usernames))
        return all_where(link, Registration, f"edge_id = ? AND username IN ({marks})", (edge_id, *usernames))


def registered(context: Context, changed: Iterable[Registration], gone: Iterable[int]) -> None:
    """Write down registrations that are new or changed (by edge and record), and forget those that are gone (ids)."""
    names = [field.name for field in fields(Registration) if field.name != "id"]
    columns, marks = ", ".join(names), ", ".join(f":{name}" for name in names)
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("edge_id", "ruid"))
    with context.database.bulk() as link:
        link.executemany("DELETE FROM registration WHERE id = ?", ((key,) for key in gone))
        for row in changed:
            values = {name: getattr(row, name) for name in names}
            values["sip_user_id"], values["company_id"] = _owner(link, row.username)
            values["packed"] = _packed(row.received)
            link.execute(
                f"INSERT INTO registration({columns}) VALUES ({marks})"  # noqa: S608
                f" ON CONFLICT(edge_id, ruid) DO UPDATE SET {sets}",
                values,
            )


def _packed(received: str) -> bytes:
    """The address of ``host:port`` packed, empty for what is none."""
    try:
        return pack(received.rpartition(":")[0].strip("[]"))
    except AddressError:
        return b""


def _owner(link: sqlite3.Connection, username: str) -> tuple[int | None, int | None]:
    found = link.execute("SELECT id, company_id FROM sip_user WHERE username = ?", (username,)).fetchone()
    return (int(found[0]), int(found[1])) if found else (None, None)


def take_jobs(context: Context, edge_id: int) -> list[EdgeJob]:
    """The jobs that wait for an edge, taken; those that waited too long are given up instead."""
    now = context.now()
    with context.database.reading() as link:
        waiting = all_where(link, EdgeJob, "edge_id = ? AND state = ?", (edge_id, JobState.WAITING.value))
    if not waiting:
        return []
    fresh = [job for job in waiting if now - job.created_at <= JOB_SECONDS]
    late = [job for job in waiting if now - job.created_at > JOB_SECONDS]
    with context.database.bulk() as link:
        link.executemany(
            "UPDATE edge_job SET state = ? WHERE id = ?", ((JobState.RUNNING.value, job.id) for job in fresh)
        )
        link.executemany(
            "UPDATE edge_job SET state = ?, result = 'No agent took it in time.', finished_at = ? WHERE id = ?",
            ((JobState.FAILED.value, now, job.id) for job in late),
        )
        link.execute("DELETE FROM edge_job WHERE finished_at < ?", (now - _FORGET_JOBS,))
    return fresh


def finish_job(
    context: Context,
    job: EdgeJob,
    result: str,
    *,
    failed: bool = False,
    status: int = 0,
    round_trip: int | None = None,
    ladder: str = "",
) -> None:
    """Write down how a job ended: in a sentence, with the SIP status and the round trip in µs where there are any."""
    state = JobState.FAILED if failed else JobState.DONE
    with context.database.bulk() as link:
        link.execute(
            "UPDATE edge_job SET state = ?, result = ?, status = ?, round_trip = ?, ladder = ?, finished_at = ?"
            " WHERE id = ?",
            (state.value, result[:500], status, round_trip, ladder, context.now(), job.id),
        )


def give_up_jobs(context: Context, edge_id: int) -> None:
    """Jobs that were running when the agent or its connection ended have no outcome; they are told so afterwards."""
    with context.database.bulk() as link:
        link.execute(
            "UPDATE edge_job SET state = ?, result = ?, finished_at = ? WHERE edge_id = ? AND state = ?",
            (JobState.FAILED.value, _AWAY, context.now(), edge_id, JobState.RUNNING.value),
        )
