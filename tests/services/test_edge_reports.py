"""What agents write down of the switch beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.edge import Drift
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.models.registration import Registration
from cxtui.services import edge_jobs, edge_reports, edges, sip_users
from cxtui.services.context import Context
from cxtui.services.edge_reports import JOB_SECONDS, MOST_DRIFT
from cxtui.store import many
from tests.support import NOON, Clock, generation, one, query


@pytest.fixture
def edge(context: Context) -> int:
    """The id of an edge."""
    return edges.beat(context, "edge1", 0)


def contact(edge: int, ruid: str, username: str = "1001", **fields: Any) -> Registration:
    """A contact as the agent read it."""
    return replace(Registration(edge_id=edge, ruid=ruid, username=username, contact=f"sip:{username}@x"), **fields)


def asked(context: Context, edge: int, **fields: Any) -> EdgeJob:
    """A job that waits."""
    with context.database.bulk() as link:
        key = many.next_id(link, EdgeJob)
        job = EdgeJob(**{"id": key, "edge_id": edge, "task": Task.PING.value, "created_at": NOON, **fields})
        many.insert(link, EdgeJob, [job])
    return job


def test_how_long_a_generation_took_is_kept_once_and_only_of_the_last_ones(
    context: Context, edge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-034."""
    monkeypatch.setattr(edge_reports, "MOST_PROPAGATIONS", 3)
    other = edges.beat(context, "edge2", 0)
    edge_reports.published(context, other, 1, NOON, NOON + 1)
    for number in range(1, 6):
        edge_reports.published(context, edge, number, NOON, NOON + number)
    edge_reports.published(context, edge, 5, NOON, NOON + 99)
    rows = query(context.database, "SELECT edge_id, generation, verified_at FROM propagation ORDER BY id")
    assert rows == [(other, 1, NOON + 1), (edge, 3, NOON + 3), (edge, 4, NOON + 4), (edge, 5, NOON + 5)]


def test_a_clock_that_goes_wrong_makes_no_negative_way(context: Context, edge: int) -> None:
    edge_reports.published(context, edge, 1, NOON, NOON - 5)
    assert query(context.database, "SELECT verified_at - committed_at FROM propagation") == [(0.0,)]


def test_what_differs_now_replaces_what_differed_before(context: Context, edge: int) -> None:
    def found(key: str, side: str = "edge") -> Drift:
        return Drift(edge_id=edge, part="block", key=key, side=side, detail="x" * 1000, seen_at=NOON)

    edge_reports.drifted(context, edge, [found("a"), found("a"), found("a", "database"), found("b" * 300)])
    rows = query(context.database, "SELECT key, side, length(detail) FROM drift ORDER BY id")
    assert rows == [("a", "edge", 300), ("a", "database", 300), ("b" * 200, "edge", 300)]
    edge_reports.drifted(context, edge, [found(str(number)) for number in range(MOST_DRIFT + 5)])
    assert one(context.database, "SELECT count(*) FROM drift") == MOST_DRIFT
    edge_reports.drifted(context, edge, [])
    assert one(context.database, "SELECT count(*) FROM drift") == 0


def test_a_registration_belongs_to_its_user_and_keeps_its_row(context: Context, acme: Company, edge: int) -> None:
    """W-023: its number stays, so that an open screen stays with it."""
    (user,) = sip_users.add(context, acme.id, {"username": "1001"}).rows
    before = generation(context.database)
    edge_reports.registered(context, [contact(edge, "a"), contact(edge, "b", "stranger")], [])
    mine, stranger = edge_reports.known_registrations(context, edge)
    assert (mine.sip_user_id, mine.company_id) == (user.id, acme.id)
    assert (stranger.sip_user_id, stranger.company_id) == (None, None)
    edge_reports.registered(context, [replace(mine, id=0, user_agent="new")], [stranger.id])
    assert edge_reports.known_registrations(context, edge) == [replace(mine, user_agent="new")]
    assert edge_reports.known_registrations(context, edge, ["1001"]) == [replace(mine, user_agent="new")]
    assert edge_reports.known_registrations(context, edge, ["1002"]) == []
    assert edge_reports.known_registrations(context, edge, []) == []
    assert edge_reports.known_registrations(context, edge + 1) == []
    assert generation(context.database) == before, "no edge has anything to fetch"


def test_the_same_record_at_two_edges_is_two_rows(context: Context, edge: int) -> None:
    other = edges.beat(context, "edge2", 0)
    edge_reports.registered(context, [contact(edge, "a"), contact(other, "a")], [])
    assert len(edge_reports.known_registrations(context, edge)) == 1
    assert len(edge_reports.known_registrations(context, other)) == 1


def test_jobs_are_taken_once_and_by_their_own_edge(context: Context, edge: int) -> None:
    other = edges.beat(context, "edge2", 0)
    mine, theirs = asked(context, edge), asked(context, other)
    assert [job.id for job in edge_reports.take_jobs(context, edge)] == [mine.id]
    assert edge_reports.take_jobs(context, edge) == []
    assert [job.id for job in edge_reports.take_jobs(context, other)] == [theirs.id]


def test_a_job_that_waited_too_long_is_not_done_any_more(context: Context, edge: int, clock: Clock) -> None:
    """Nobody expects a message that comes an hour later."""
    late, fresh = asked(context, edge), asked(context, edge, created_at=NOON + JOB_SECONDS)
    clock.forward(JOB_SECONDS + 1)
    assert [job.id for job in edge_reports.take_jobs(context, edge)] == [fresh.id]
    (told,) = edge_jobs.outcomes(context, [late.id])
    assert (told.state, told.result) == (JobState.FAILED, "No agent took it in time.")


def test_how_a_job_ended_is_told(context: Context, edge: int) -> None:
    done, failed = asked(context, edge), asked(context, edge)
    edge_reports.take_jobs(context, edge)
    edge_reports.finish_job(context, done, "Answered 200 in 1.0 ms.", status=200, round_trip=1000, ladder="{}")
    edge_reports.finish_job(context, failed, "x" * 1000, failed=True)
    first, second = edge_jobs.outcomes(context, [done.id, failed.id])
    assert (first.state, first.status, first.round_trip, first.ladder) == (JobState.DONE, 200, 1000, "{}")
    assert (first.result, first.finished_at) == ("Answered 200 in 1.0 ms.", NOON)
    assert (second.state, len(second.result)) == (JobState.FAILED, 500)


def test_jobs_that_an_agent_left_are_given_up_and_no_others(context: Context, edge: int) -> None:
    other = edges.beat(context, "edge2", 0)
    running, theirs = asked(context, edge), asked(context, other)
    edge_reports.take_jobs(context, edge)
    edge_reports.take_jobs(context, other)
    waiting, done = asked(context, edge), asked(context, edge)
    edge_reports.finish_job(context, done, "Done.")
    edge_reports.give_up_jobs(context, edge)
    told = edge_jobs.outcomes(context, [running.id, theirs.id, waiting.id, done.id])
    assert [job.state for job in told] == [JobState.FAILED, JobState.RUNNING, JobState.WAITING, JobState.DONE]
    assert told[0].result == "The switch or its agent was away meanwhile: ask again."


def test_jobs_of_yesterday_are_forgotten(context: Context, edge: int, clock: Clock) -> None:
    old = asked(context, edge)
    edge_reports.take_jobs(context, edge)
    edge_reports.finish_job(context, old, "Done.")
    clock.forward(90_000)
    new = asked(context, edge, created_at=clock.now)
    edge_reports.take_jobs(context, edge)
    assert [job.id for job in edge_jobs.outcomes(context, [old.id, new.id])] == [new.id]
