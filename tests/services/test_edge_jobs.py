"""What the agents are asked to do once, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import edge_jobs
from cxtui.services.context import Actor, Context
from cxtui.services.edge_jobs import LONGEST_MESSAGE, PATIENCE, SLOWEST, ended, outcome_words, outcomes, went_well
from cxtui.services.outcome import Denied, Gone, Refused, ServiceError
from tests.services.test_registrations import attach, give, register
from tests.support import NOON, Clock, audit, execute, generation, query


def end(context: Context, job: EdgeJob, state: JobState = JobState.DONE, **fields: Any) -> EdgeJob:
    """The agent carries a job out; the job as it stands then."""
    named = {"state": state.value, "finished_at": NOON, **fields}
    sets = ", ".join(f"{name} = ?" for name in named)
    execute(context.database, f"UPDATE edge_job SET {sets} WHERE id = ?", (*named.values(), job.id))
    (told,) = outcomes(context, [job.id])
    return told


def viewer(context: Context) -> Context:
    """Somebody who may only look."""
    return Context(context.database, Actor("vera", "local", "tests", Role.VIEWER), context.settings, context.now)


@pytest.fixture
def users(context: Context, acme: Company) -> list[SipUser]:
    """Three users, of whom the first two are registered, the second with two devices."""
    found = [give(context, acme, name) for name in ("1001", "1002", "1003")]
    edge = attach(context)
    register(context, found[0], edge)
    register(context, found[1], edge, received="198.51.100.8:5060")
    register(context, found[1], edge, received="198.51.100.9:5060")
    return found


def test_a_ping_is_a_job_for_each_contact_and_no_change(context: Context, users: list[SipUser]) -> None:
    """W-020: no edge has anything to fetch, and the audit says nothing."""
    before, told = generation(context.database), len(audit(context.database))
    jobs = edge_jobs.ping(context, users)
    assert [(job.username, job.task, job.state, job.operator) for job in jobs] == [
        ("1001", Task.PING, JobState.WAITING, "alice"),
        *[("1002", Task.PING, JobState.WAITING, "alice")] * 2,
    ]
    stored = query(context.database, "SELECT id, edge_id, registration_id, ruid, created_at FROM edge_job ORDER BY id")
    assert stored == [(job.id, job.edge_id, job.registration_id, job.ruid, NOON) for job in jobs]
    assert all(job.ruid for job in jobs)
    assert (generation(context.database), len(audit(context.database))) == (before, told)


def test_one_contact_can_be_pinged_alone_as_long_as_it_is_registered(context: Context, users: list[SipUser]) -> None:
    row = register(context, users[2], attach(context))
    (job,) = edge_jobs.ping(context, [row])
    assert (job.registration_id, job.ruid) == (row.id, row.ruid)
    execute(context.database, "DELETE FROM registration WHERE id = ?", (row.id,))
    with pytest.raises(Gone, match=r"The registration of 1003 from 198\.51\.100\.7:61344 has ended\."):
        edge_jobs.ping(context, [row])


def test_nobody_registered_is_said_by_name(context: Context, users: list[SipUser], clock: Clock) -> None:
    with pytest.raises(ServiceError, match=r"^1003 is not registered\.$"):
        edge_jobs.ping(context, users[2:])
    clock.forward(9999)
    with pytest.raises(ServiceError, match=r"^1001, 1002, 1003 are not registered\.$"):
        edge_jobs.message(context, users, "hello")
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(0,)]


def test_a_message_goes_to_every_contact_and_is_audited_with_its_text(context: Context, users: list[SipUser]) -> None:
    """S-127, W-022: several users at once."""
    before, told = generation(context.database), audit(context.database)[-1].id
    asked = edge_jobs.message(context, users, "  Maintenance at 22:00 – hang up, please ", reason="ticket 7")
    assert asked.change.sentence == "2 of 3 are registered; not sent to 1003."
    assert [user.username for user in asked.missing] == ["1003"]
    assert [(job.username, job.body) for job in asked.jobs] == [
        (name, "Maintenance at 22:00 – hang up, please") for name in ("1001", "1002", "1002")
    ]
    rows = audit(context.database, told)
    assert [(row.action, row.entity, row.entity_id, row.reason) for row in rows] == [
        ("SEND", "sip_user", users[0].id, "ticket 7"),
        ("SEND", "sip_user", users[1].id, "ticket 7"),
    ]
    assert rows[0].label == "message to SIP user 1001: Maintenance at 22:00 – hang up, please"
    assert {row.change_id for row in rows} == {asked.change.id}
    assert generation(context.database) == before
    assert edge_jobs.message(context, users[:2], "x").change.sentence == "Sending to 2 SIP users."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "write what the phone is to show"),
        ("x" * (LONGEST_MESSAGE + 1), "at most 300 characters, this has 301"),
        ("one\ntwo", "without control characters"),
        ("\x1b[31mred", "without control characters"),
        ("a\u202eb", "without control characters"),
        ("\ud800", "without control characters"),
        ("電" * 280, "at most 800 bytes"),
    ],
)
def test_a_text_that_no_phone_could_show_is_refused(
    context: Context, users: list[SipUser], text: str, why: str
) -> None:
    """S-127."""
    with pytest.raises(Refused, match=why):
        edge_jobs.message(context, users, text)
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(0,)]


def test_who_would_get_a_message_is_known_before(context: Context, users: list[SipUser]) -> None:
    """W-022."""
    assert edge_jobs.reach(context, users[:1]) == "SIP user 1001 is registered."
    assert edge_jobs.reach(context, users[:2]) == "All 2 are registered."
    assert edge_jobs.reach(context, users) == "2 of 3 are registered; it is not sent to 1003."
    assert edge_jobs.reach(context, users[2:]) == "1003 is not registered: nobody would get it."


def test_a_registration_is_removed_by_a_job_and_audited_on_its_user(context: Context, users: list[SipUser]) -> None:
    """W-023."""
    row = register(context, users[2], attach(context))
    before, told = generation(context.database), audit(context.database)[-1].id
    asked = edge_jobs.remove(context, [row], reason="stolen phone")
    assert asked.change.sentence == "Removing the registration of 1003."
    assert [(job.task, job.registration_id, job.ruid) for job in asked.jobs] == [(Task.REMOVE, row.id, row.ruid)]
    (entry,) = audit(context.database, told)
    assert (entry.action, entry.entity, entry.entity_id) == ("UNREGISTER", "sip_user", users[2].id)
    assert entry.label == "registration of 1003 from 198.51.100.7:61344 removed"
    assert generation(context.database) == before
    execute(context.database, "DELETE FROM registration WHERE id = ?", (row.id,))
    with pytest.raises(Gone):
        edge_jobs.remove(context, [row])


def test_every_edge_that_speaks_is_asked_to_watch(context: Context, users: list[SipUser], clock: Clock) -> None:
    clock.forward(60)
    with pytest.raises(ServiceError, match="No edge reports"):
        edge_jobs.watch(context, users[2], 60)
    ids = [attach(context, "edge1"), attach(context, "edge2")]
    jobs = edge_jobs.watch(context, users[2], 60)
    assert [(job.edge_id, job.task, job.username, job.body) for job in jobs] == [
        (key, Task.WATCH, "1003", "60") for key in ids
    ]
    assert {job.body for job in edge_jobs.watch(context, users[2], 10**9)} == {"600"}


def test_only_operators_ask_for_anything(context: Context, users: list[SipUser]) -> None:
    """W-028."""
    vera = viewer(context)
    row = register(context, users[2], attach(context))
    for ask in (
        lambda: edge_jobs.ping(vera, users),
        lambda: edge_jobs.message(vera, users, "x"),
        lambda: edge_jobs.remove(vera, [row]),
        lambda: edge_jobs.watch(vera, users[0], 60),
    ):
        with pytest.raises(Denied):
            ask()
    assert query(context.database, "SELECT count(*) FROM edge_job") == [(0,)]


def test_an_answer_is_told_with_its_status_and_round_trip(context: Context, users: list[SipUser]) -> None:
    """W-020."""
    (job,) = edge_jobs.ping(context, users[:1])
    assert (outcome_words(job), ended(job)) == ("waiting for the agent", False)
    running = end(context, job, JobState.RUNNING)
    assert (outcome_words(running), ended(running)) == ("waiting for the answer", False)
    answered = end(context, job, status=200, round_trip=12_345)
    assert (outcome_words(answered), went_well(answered)) == ("answered 200 in 12.3 ms", True)
    silent = end(context, job, status=0, round_trip=None, result="No answer in 4 s.")
    assert (outcome_words(silent), went_well(silent), ended(silent)) == ("No answer in 4 s", False, True)


def test_a_message_that_a_phone_refused_did_not_go_well(context: Context, users: list[SipUser]) -> None:
    """S-127."""
    (job,) = edge_jobs.message(context, users[:1], "x").jobs
    assert went_well(end(context, job, status=202, result="202 Accepted"))
    for state in (JobState.DONE, JobState.FAILED):
        refused = end(context, job, state, status=404, result="404 Not\x1b Found")
        assert (outcome_words(refused), went_well(refused)) == ("404 Not␛ Found", False)
    assert outcome_words(end(context, job, JobState.FAILED, status=0, result="")) == "failed"


def test_a_job_that_no_agent_takes_is_told_as_lost_and_left_as_it_is(
    context: Context, users: list[SipUser], clock: Clock
) -> None:
    (job,) = edge_jobs.ping(context, users[:1])
    clock.forward(PATIENCE)
    assert not ended(outcomes(context, [job.id])[0])
    clock.forward(1)
    (lost,) = outcomes(context, [job.id])
    assert (lost.state, outcome_words(lost)) == (JobState.FAILED, "No agent took it within 30 s")
    assert query(context.database, "SELECT state, result FROM edge_job") == [("waiting", "")]
    assert not ended(end(context, job, JobState.RUNNING))
    clock.forward(SLOWEST)
    assert outcome_words(outcomes(context, [job.id])[0]) == "The agent did not say how it ended"


def test_jobs_that_are_forgotten_are_left_out(context: Context, users: list[SipUser]) -> None:
    jobs = edge_jobs.ping(context, users)
    execute(context.database, "DELETE FROM edge_job WHERE id = ?", (jobs[0].id,))
    assert outcomes(context, [job.id for job in jobs]) == jobs[1:]


def test_there_is_a_limit_to_what_is_asked_at_once(
    context: Context, users: list[SipUser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_jobs, "MOST_AT_ONCE", 2)
    with pytest.raises(ServiceError, match="At most 2 contacts at once; these are 3"):
        edge_jobs.ping(context, users)
