"""Jobs for the agents, asked for from the screen and followed until they have ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from textual.timer import Timer
from textual.widget import Widget

from cxtui.models.edge_job import EdgeJob
from cxtui.services.edge_jobs import ended, outcomes
from cxtui.ui.desk import Desk
from cxtui.ui.work import Failed

_LOOK_EVERY = 0.5
"""Seconds between two looks: a commit tells of the answer, but none tells of an agent that never came."""

T = TypeVar("T")


class Followed:
    """The jobs that a part of the screen asked for last. Every job ends, if only by growing too old."""

    def __init__(self, node: Widget, desk: Desk, heard: Callable[[], None], failed: Failed) -> None:
        self._node = node
        self._desk = desk
        self._heard = heard
        self._failed = failed
        self._asking = False
        self._timer: Timer | None = None
        self.jobs: dict[int, EdgeJob] = {}

    @property
    def busy(self) -> bool:
        """Whether something was asked that has not ended yet."""
        return self._asking or any(not ended(job) for job in self.jobs.values())

    @property
    def by_contact(self) -> dict[int | None, EdgeJob]:
        """The jobs by the contact that they are about."""
        return {job.registration_id: job for job in self.jobs.values()}

    def ask(self, verb: Callable[[], T], jobs: Callable[[T], Sequence[EdgeJob]]) -> None:
        """Carry out a verb that asks for jobs, and follow those in its answer in place of the last ones."""

        def asked(answer: T) -> None:
            self._asking = False
            self.follow(jobs(answer))

        def failed(problem: Exception) -> None:
            self._asking = False
            self._failed(problem)

        self._asking = True
        self._desk.work.write(self._node, verb, asked, failed)

    def follow(self, jobs: Sequence[EdgeJob]) -> None:
        """Follow other jobs from now on."""
        if not self._node.is_attached:
            return
        self.jobs = {job.id: job for job in jobs}
        if self._timer is None:
            self._timer = self._node.set_interval(_LOOK_EVERY, self.look)
        self._heard()

    def look(self) -> None:
        """See how those stand that have not ended."""
        waiting = [key for key, job in self.jobs.items() if not ended(job)]
        if waiting:
            job = partial(outcomes, self._desk.context, waiting)
            self._desk.work.read(self._node, "jobs", job, partial(self._told, waiting), self._lost)

    def _lost(self, problem: Exception) -> None:
        """They cannot be read: said once, and not tried twice a second."""
        self.jobs = {key: job for key, job in self.jobs.items() if ended(job)}
        self._stop()
        self._failed(problem)

    def _told(self, asked: Sequence[int], found: Sequence[EdgeJob]) -> None:
        now = {job.id: job for job in found}
        before = dict(self.jobs)
        for key in asked:
            # One that is not there any more ended long ago: an agent forgets them.
            if key in now:
                self.jobs[key] = now[key]
            else:
                self.jobs.pop(key, None)
        if not self.busy:
            self._stop()
        if self.jobs != before:
            self._heard()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
