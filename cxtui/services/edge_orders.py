"""What the agent of an edge is ordered to do with all that the edge holds: compare it, or make it match the database.

An order changes no configuration, so no edge has anything to fetch; the audit keeps who gave it.
"""

from __future__ import annotations

import sqlite3

from cxtui.models.edge import Edge
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.rules.durations import ago
from cxtui.rules.printable import clean
from cxtui.store import many

from .context import Context
from .edge_reports import JOB_SECONDS
from .edge_states import SILENT_AFTER
from .outcome import Change, ServiceError
from .writing import writing

_WORDS = {
    Task.COMPARE: "compare what it holds with the database",
    Task.RECONCILE: "make what it holds match the database",
}


def compare(context: Context, edge: Edge) -> Change:
    """Order an edge to look now for what it holds and the database does not, and the reverse.

    Raises ``Gone`` for an edge that left, ``ServiceError`` for one that is silent, does not reach its switch or has
    this order already.
    """
    return _order(context, edge, Task.COMPARE)


def reconcile(context: Context, edge: Edge) -> Change:
    """Order an edge to remove what only it holds and to load what it lacks. Raises as ``compare`` does."""
    return _order(context, edge, Task.RECONCILE)


def _order(context: Context, edge: Edge, task: Task) -> Change:
    with writing(context) as writer:
        stored = writer.fresh(edge)
        name, silence = clean(stored.name), writer.now - stored.heartbeat_at
        if silence > SILENT_AFTER:
            raise ServiceError(f"{name} has been silent for {ago(silence)}: there is nobody to do it.")
        if stored.trouble:
            raise ServiceError(f"{name} does not reach its switch: there is nothing to compare or to load.")
        if _ordered(writer.link, stored, task, writer.now):
            raise ServiceError(f"{name} has that order already.")
        job = EdgeJob(
            id=many.next_id(writer.link, EdgeJob),
            edge_id=stored.id,
            task=task.value,
            operator=context.actor.operator,
            created_at=writer.now,
        )
        # Past the writer, which counts every row it stores as a change that the edges have to fetch.
        many.insert(writer.link, EdgeJob, [job])
        writer.note(task.value.upper(), stored, f"edge {name}: {_WORDS[task]}")
        return writer.change(f"Told {name} to {_WORDS[task]}.", stored, job)


def _ordered(link: sqlite3.Connection, edge: Edge, task: Task, now: float) -> bool:
    """Whether the same order is still to be carried out; one that nobody took in time never will be."""
    states = (JobState.WAITING.value, JobState.RUNNING.value)
    row = link.execute(
        "SELECT 1 FROM edge_job WHERE edge_id = ? AND state IN (?, ?) AND task = ? AND created_at > ? LIMIT 1",
        (edge.id, *states, task.value, now - JOB_SECONDS),
    ).fetchone()
    return row is not None
