"""What an agent is asked to do once: ping a device, send it a message, end its registration, watch it log in.

A job changes no configuration, so no edge has anything to fetch: only what a customer notices of it is audited.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeAlias

from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.store import many as rows_of
from cxtui.store.rows import all_where, by_id

from . import many
from .context import Context
from .edge_reports import JOB_SECONDS
from .edge_states import states
from .labels import label, several
from .outcome import Change, Gone, ServiceError, refuse
from .registrations import clip, live, of_users, source
from .writing import require, writing

PATIENCE = JOB_SECONDS
"""Seconds after which nobody can be expected to take a job any more."""

SLOWEST = 90.0
"""Seconds after which a job that was taken should have ended: a request is given up after 32 (RFC 3261, timer F)."""

LONGEST_MESSAGE = 300
"""Characters of a message."""

MOST_AT_ONCE = 1_000
"""Contacts that can be asked at once."""

WATCH_SECONDS = (5, 600)
"""The shortest and the longest watch."""

_LONGEST_BYTES = 800
"""With its headers a MESSAGE must not exceed 1300 bytes (RFC 3428, section 8)."""
_MOST_NAMED = 5
_ENDED = frozenset({JobState.DONE, JobState.FAILED})

Whom: TypeAlias = Sequence[SipUser | Registration]
"""Users, who stand for all their contacts, or single contacts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the agents, as an audited change; ``missing`` are the users who are not registered."""

    change: Change
    jobs: tuple[EdgeJob, ...]
    missing: tuple[SipUser, ...] = ()


def ping(context: Context, whom: Whom) -> tuple[EdgeJob, ...]:
    """Ask for an OPTIONS to each contact, now (W-020). Raises ``ServiceError`` where nobody is registered."""
    require(context, Role.OPERATOR)
    with context.database.bulk() as link:
        contacts, _ = _contacts(link, whom, context.now())
        return _begin(link, context, Task.PING, contacts)


def reach(context: Context, users: Sequence[SipUser]) -> str:
    """In a sentence, which of the users a message would get to now."""
    now = context.now()
    with context.database.reading() as link:
        theirs = of_users(link, [user.id for user in users])
    missing = [user for user in users if not any(live(row, now) for row in theirs.get(user.id, ()))]
    if not missing:
        return f"{label(users[0])} is registered." if len(users) == 1 else f"All {len(users)} are registered."
    if len(missing) == len(users):
        return f"{_names(missing)} {'is' if len(missing) == 1 else 'are'} not registered: nobody would get it."
    return f"{len(users) - len(missing)} of {len(users)} are registered; it is not sent to {_names(missing)}."


def message(context: Context, users: Sequence[SipUser], text: str, *, reason: str = "") -> Asked:
    """Ask for a SIP MESSAGE to each contact of the users (S-127, W-022). The audit keeps its text.

    Raises ``Refused`` for a text that no phone could show, ``ServiceError`` where none of the users is registered.
    """
    body = _sendable(text)
    with writing(context, reason=reason) as writer:
        contacts, missing = _contacts(writer.link, users, writer.now)
        jobs = _begin(writer.link, context, Task.MESSAGE, contacts, body)
        unreached = {user.id for user in missing}
        reached = [user for user in users if user.id not in unreached]
        many.note(writer, "SEND", ((user, f"message to {label(user)}: {clip(body, 200)}") for user in reached))
        sentence = f"Sending to {several(reached)}."
        if missing:
            sentence = f"{len(reached)} of {len(users)} are registered; not sent to {_names(missing)}."
        return Asked(writer.change(sentence, *reached), jobs, tuple(missing))


def remove(context: Context, contacts: Sequence[Registration], *, reason: str = "") -> Asked:
    """Ask for the end of registrations; a device that is still there registers anew. Raises ``Gone``."""
    with writing(context, reason=reason) as writer:
        found, _ = _contacts(writer.link, contacts, writer.now)
        jobs = _begin(writer.link, context, Task.REMOVE, found)
        for row in found:
            user = by_id(writer.link, SipUser, row.sip_user_id) if row.sip_user_id else None
            writer.note("UNREGISTER", user or row, f"registration of {clip(row.username)} from {source(row)} removed")
        whose = f"the registration of {clip(found[0].username)}" if len(found) == 1 else f"{len(found)} registrations"
        return Asked(writer.change(f"Removing {whose}.", *found), jobs)


def watch(context: Context, user: SipUser, seconds: int) -> tuple[EdgeJob, ...]:
    """Ask every edge that speaks to write down what it exchanges with a user, for so long: 5 to 600 seconds.

    The body of the jobs is the number of seconds. Raises ``ServiceError`` where no edge speaks.
    """
    require(context, Role.OPERATOR)
    lasting = min(max(seconds, WATCH_SECONDS[0]), WATCH_SECONDS[1])
    now = context.now()
    with context.database.bulk() as link:
        speaking = [state.edge.id for state in states(link, now) if state.well]
        if not speaking:
            raise ServiceError("No edge reports and reaches its switch: nothing can be watched.")
        wanted = [_job(context, Task.WATCH, edge_id, user.username, str(lasting)) for edge_id in speaking]
        return _store(link, wanted)


def outcomes(context: Context, ids: Iterable[int]) -> tuple[EdgeJob, ...]:
    """How jobs stand, in their order; those that nobody took or ended in time have failed, whatever is stored.

    An agent forgets old ones: they are left out.
    """
    with context.database.reading() as link:
        found = all_where(link, EdgeJob, "id IN (SELECT value FROM json_each(?)) ORDER BY id", (json.dumps([*ids]),))
    now = context.now()
    return tuple(_told(job, now) for job in found)


def ended(job: EdgeJob) -> bool:
    """Whether nothing more will come of it."""
    return job.state in _ENDED


def went_well(job: EdgeJob) -> bool:
    """Whether it ended as it was meant to: the device answered a ping with anything, or took a message."""
    if job.state != JobState.DONE:
        return False
    if job.task == Task.PING:
        return job.round_trip is not None
    return job.task != Task.MESSAGE or job.status < 300


def outcome_words(job: EdgeJob) -> str:
    """How a job stands, as it is read: "answered 200 in 12.3 ms", "404 Not Found"."""
    if job.state == JobState.WAITING:
        return "waiting for the agent"
    if job.state == JobState.RUNNING:
        return "waiting for the answer"
    if job.round_trip is not None:
        status = f" {job.status}" if job.status else ""
        return f"answered{status} in {job.round_trip / 1000:.1f} ms"
    nothing_said = "done" if went_well(job) else "no answer" if job.task == Task.PING else "failed"
    return clip(job.result, 120).rstrip(".") or nothing_said


def _sendable(text: str) -> str:
    body = text.strip()
    if not body:
        raise refuse("text", "write what the phone is to show", "S-127")
    if len(body) > LONGEST_MESSAGE:
        raise refuse("text", f"at most {LONGEST_MESSAGE} characters, this has {len(body)}", "S-127")
    if clean(body) != body:
        raise refuse("text", "one line of characters that can be shown, without control characters", "S-127")
    if len(body.encode()) > _LONGEST_BYTES:
        raise refuse("text", f"at most {_LONGEST_BYTES} bytes fit into one message, this has {len(body.encode())}")
    return body


def _contacts(link: sqlite3.Connection, whom: Whom, now: float) -> tuple[list[Registration], list[SipUser]]:
    """The contacts that are registered now, and the users who are not."""
    users = [row for row in whom if isinstance(row, SipUser)]
    theirs = of_users(link, [user.id for user in users])
    found = {row.id: row for user in users for row in theirs.get(user.id, ()) if live(row, now)}
    for row in whom:
        if isinstance(row, Registration):
            stored = by_id(link, Registration, row.id)
            if stored is None or not live(stored, now):
                raise Gone(f"The registration of {clip(row.username)} from {source(row)} has ended.")
            found[stored.id] = stored
    reached = {row.sip_user_id for row in found.values()}
    missing = [user for user in users if user.id not in reached]
    if not found:
        are = "is not registered" if len(missing) == 1 else "are not registered"
        raise ServiceError(f"{_names(missing)} {are}." if missing else "Nobody was named.")
    if len(found) > MOST_AT_ONCE:
        raise ServiceError(f"At most {MOST_AT_ONCE:,} contacts at once; these are {len(found):,}.")
    return list(found.values()), missing


def _begin(
    link: sqlite3.Connection, context: Context, task: Task, contacts: Sequence[Registration], body: str = ""
) -> tuple[EdgeJob, ...]:
    return _store(link, [_job(context, task, row.edge_id, row.username, body, row) for row in contacts])


def _job(
    context: Context, task: Task, edge_id: int, username: str, body: str, contact: Registration | None = None
) -> EdgeJob:
    return EdgeJob(
        edge_id=edge_id,
        task=task.value,
        username=username,
        registration_id=contact.id if contact else None,
        ruid=contact.ruid if contact else "",
        body=body,
        operator=context.actor.operator,
        created_at=context.now(),
    )


def _store(link: sqlite3.Connection, jobs: Sequence[EdgeJob]) -> tuple[EdgeJob, ...]:
    ids = count(rows_of.next_id(link, EdgeJob))
    stored = tuple(replace(job, id=key) for job, key in zip(jobs, ids, strict=False))
    rows_of.insert(link, EdgeJob, stored)
    return stored


def _told(job: EdgeJob, now: float) -> EdgeJob:
    age = now - job.created_at
    if job.state == JobState.WAITING and age > PATIENCE:
        return replace(job, state=JobState.FAILED.value, result=f"No agent took it within {PATIENCE:.0f} s.")
    slowest = SLOWEST + (WATCH_SECONDS[1] if job.task == Task.WATCH else 0)
    if job.state == JobState.RUNNING and age > slowest:
        return replace(job, state=JobState.FAILED.value, result="The agent did not say how it ended.")
    return job


def _names(users: Sequence[SipUser]) -> str:
    named = ", ".join(user.username for user in users[:_MOST_NAMED])
    return f"{named} and {len(users) - _MOST_NAMED} more" if len(users) > _MOST_NAMED else named
