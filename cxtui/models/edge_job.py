"""A job for the agents: something done once at an edge because an operator asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import Entity, integer, moment, reference, text


class Task(StrEnum):
    """What an agent can be asked to do."""

    PING = "ping"
    MESSAGE = "message"
    REMOVE = "remove"
    WATCH = "watch"
    RECONCILE = "reconcile"
    COMPARE = "compare"


class JobState(StrEnum):
    """Where a job stands. ``lost``: no agent took it in time."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeJob(Entity):
    """One job at one edge (S-127, W-022, W-023).

    ``registration_id`` and ``ruid`` name the contact it is about; ``username`` whose it is. ``body`` is the text of a
    message. ``result`` says in a sentence how it ended; ``round_trip`` in µs is that of a ping, None without an answer.
    ``ladder`` is the exchange that a watch saw.
    """

    edge_id: int = reference("Edge", "edge")
    task: str = text("Task", max_length=16)
    username: str = text("Username", max_length=64)
    registration_id: int | None = reference("Registration", "", nullable=True)
    ruid: str = text("Record", max_length=64)
    body: str = text("Message", max_length=1000)
    operator: str = text("User", max_length=80)
    state: str = text("State", default=JobState.WAITING.value, max_length=16)
    result: str = text("Result", max_length=500)
    status: int = integer("Status", maximum=999)
    round_trip: int | None = integer("Round trip", maximum=2**31, nullable=True, unit="µs")
    ladder: str = text("Ladder", max_length=200_000)
    created_at: float = moment("Created")
    finished_at: float | None = moment("Finished", nullable=True)
