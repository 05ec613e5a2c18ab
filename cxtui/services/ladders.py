"""What was said when somebody logged in at an edge: by this console in a probe, or by a device that was watched."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cxtui.models.edge import Edge
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.sip.drawing import in_ascii, wrapped
from cxtui.sip.ladder import EXPORT_WIDTH, Ladder, Tone, Trace, load
from cxtui.sip.trace import TraceError
from cxtui.store.rows import by_id

from .context import Context
from .outcome import ServiceError
from .writing import require

__all__ = ["Exchange", "Ladder", "is_wanted", "places", "stop", "watched", "write"]

_LISTEN = re.compile(r"(udp|tcp|tls):([0-9.]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was said at one edge, and what it shows (S-080…S-083).

    ``right`` says whether the edge was satisfied with the password, None where that cannot be told. ``basis`` says what
    was tried, and so what it proves; ``names`` calls addresses by the names of who has them. No secret is in it.
    """

    edge: str
    username: str
    sentence: str
    right: bool | None = None
    basis: str = ""
    trace: Trace = field(default=Trace(()), repr=False)
    names: Mapping[str, str] = field(default_factory=dict)

    def ladder(self, *, options: bool = False) -> Ladder:
        """Who said what to whom; OPTIONS are left out unless ``options``."""
        return Ladder.of(self.trace, names=self.names, options=options)

    def text(self, *, ascii: bool = False, options: bool = False) -> str:
        """All of it to paste or save, in lines of 80 cells."""
        ladder = self.ladder(options=options)
        said = [line for words in (self.sentence, self.basis) if words for line in wrapped(words, EXPORT_WIDTH)]
        drawn = ladder.text(ascii) if self.trace.messages else ""
        head = f"{self.username} at {self.edge}"
        lines = [in_ascii(line) for line in (head, *said)] if ascii else [head, *said]
        return "\n".join([*lines, ""]) + (f"\n{drawn}" if drawn else "")


def watched(context: Context, jobs: Iterable[EdgeJob]) -> tuple[Exchange, ...]:
    """What those of the jobs saw that have ended and saw anything, as the agents wrote it down."""
    with context.database.reading() as link:
        return tuple(_watched(link, job) for job in jobs if job.task == Task.WATCH and job.ladder)


def stop(context: Context, jobs: Sequence[EdgeJob]) -> None:
    """Wait for nobody any more: the edges stop watching within a second."""
    require(context, Role.OPERATOR)
    with context.database.bulk() as link:
        link.execute(
            "UPDATE edge_job SET state = ?, result = 'Stopped.', finished_at = ? WHERE task = ? AND state IN (?, ?)"
            " AND id IN (SELECT value FROM json_each(?))",
            (
                JobState.FAILED.value,
                context.now(),
                Task.WATCH.value,
                *(JobState.WAITING.value, JobState.RUNNING.value),
                json.dumps([job.id for job in jobs]),
            ),
        )


def write(path: Path, text: str) -> Path:
    """Write a text into a new file, which is given back. Raises ``ServiceError``."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ServiceError(f"{path} is there already: name a new file.") from None
    except OSError as problem:
        raise ServiceError(f"{path} cannot be written: {problem.strerror}.") from None
    return path


def is_wanted(context: Context, job_id: int) -> bool:
    """Whether anybody still waits for a job."""
    with context.database.reading() as link:
        job = by_id(link, EdgeJob, job_id)
    return job is not None and job.state in (JobState.WAITING, JobState.RUNNING)


def places(listens: str) -> list[tuple[str, str, int]]:
    """Where an edge listens, as (transport, host, port), of the words that it reports; what cannot be read is left out.

    IPv6 hosts are without brackets.
    """
    found = (_LISTEN.fullmatch(word) for word in listens.split())
    return [
        (place[1], place[2].strip("[]"), int(place[3]))
        for place in found
        if place and _is_address(place[2].strip("[]")) and 0 < int(place[3]) < 65_536
    ]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _watched(link: sqlite3.Connection, job: EdgeJob) -> Exchange:
    edge = by_id(link, Edge, job.edge_id)
    name, username = clean(edge.name) if edge else "an edge that left", clean(job.username)
    try:
        trace = load(job.ladder)
    except TraceError as problem:
        return Exchange(edge=name, username=username, sentence=str(problem))
    own = (
        {f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for _, host, port in places(edge.listens)}
        if edge
        else ()
    )
    ladder = Ladder.of(trace)
    tones = {note.tone for note in ladder.verdict}
    said = "; ".join(note.text for note in ladder.verdict) or "no credentials of it were answered"
    source = f" from {ladder.parties[0]}" if ladder.parties else ""
    return Exchange(
        edge=name,
        username=username,
        sentence=f"{name} heard {username}{source}; {said}.",
        right=Tone.GOOD in tones or (False if tones else None),
        basis="Seen at the edge, as the device really did it.",
        trace=trace,
        names=dict.fromkeys(own, name),
    )
