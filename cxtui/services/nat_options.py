"""What the OPTIONS that the NAT doctor sends come to, and how one stands that has no outcome yet (W-019, W-020)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from cxtui.models.edge_job import EdgeJob
from cxtui.rules.nat_facts import Answered, TimedOut

from . import edge_jobs

PATIENCE = 40.0
"""Seconds after which the outcome of an OPTIONS is not waited for any more."""

_UNANSWERED = "No answer"
"""How the result of an OPTIONS begins that the switch gave up; others failed without the device having its chance."""


def outcome(jobs: Sequence[EdgeJob]) -> Answered | TimedOut | None:
    """What the last OPTIONS with an outcome says, and how many before it were lost as well."""
    known = [job for job in jobs if job.round_trip is not None or _lost(job)]
    if not known:
        return None
    trip = known[-1].round_trip
    return ("timeout", sum(1 for _ in takewhile(_lost, reversed(known)))) if trip is None else ("answered", trip)


def pending(job: EdgeJob | None, now: float) -> bool:
    """Whether the outcome of an OPTIONS is still waited for at ``now``, in epoch seconds."""
    return job is not None and not edge_jobs.ended(job) and now - job.created_at <= PATIENCE


def told(job: EdgeJob | None, waiting: bool, unsent: str) -> str:
    """How an OPTIONS stands that has no outcome, as the words of its test; "" where it has one, or none was sent."""
    if unsent:
        return f"not sent: {unsent[:1].lower()}{unsent[1:].rstrip('.')}"
    if job is None or job.round_trip is not None or _lost(job):
        return ""
    if waiting:
        return "sent, waiting for the answer"
    return f"no outcome: {edge_jobs.outcome_words(job)}" if edge_jobs.ended(job) else f"no outcome in {PATIENCE:.0f} s"


def _lost(job: EdgeJob) -> bool:
    return job.round_trip is None and edge_jobs.ended(job) and job.result.startswith(_UNANSWERED)
