"""What was said when somebody logged in at an edge: by this console in a probe, or by a device that was watched."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cxtui.models.edge import Edge
from cxtui.models.edge_job import EdgeJob, JobState, Task
from cxtui.rules.nat_endpoints import parse_address
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.sip.conversations import last_attempt
from cxtui.sip.drawing import in_ascii, wrapped
from cxtui.sip.ladder import EXPORT_WIDTH, Ladder, Proof, Tone, Trace, load
from cxtui.sip.trace import TraceError
from cxtui.store.rows import by_id

from .context import Context
from .nat_blocks import blocked_hosts
from .outcome import ServiceError
from .registrations import home
from .writing import require

__all__ = [
    "Bearings",
    "Exchange",
    "Ladder",
    "bearings",
    "host_of",
    "own_places",
    "places",
    "stop",
    "tell",
    "watched",
    "write",
]

_LONGEST_PLACE = 60
_LISTEN = re.compile(r"(udp|tcp|tls):([0-9.]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was said at one edge, and what it shows (S-080…S-083).

    ``right`` says whether the edge was satisfied with the password, None where that cannot be told. ``basis`` says what
    was tried, and so what it proves; ``names`` calls addresses by the names of who has them. ``stranger`` says that it
    was seen of somebody else than the user's device, as far as anybody can tell. No secret is in it.
    """

    edge: str
    username: str
    sentence: str
    right: bool | None = None
    basis: str = ""
    stranger: bool = False
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


@dataclass(frozen=True, slots=True)
class Bearings:
    """What tells a user's own device from others at a moment, and whether anybody still waits for it.

    ``home`` are the addresses that the user is registered from, ``blocked`` those among the asked that are blocked.
    """

    wanted: bool
    home: tuple[str, ...] = ()
    blocked: frozenset[str] = frozenset()


def bearings(context: Context, job: EdgeJob, hosts: Iterable[str]) -> Bearings:
    """How it stands with a watch, and which of some addresses (canonical) are blocked now."""
    with context.database.snapshot() as link:
        known = by_id(link, EdgeJob, job.id)
        wanted = known is not None and known.state in (JobState.WAITING, JobState.RUNNING)
        now = context.now()
        return Bearings(wanted, home(link, job.username, now), blocked_hosts(link, hosts, now))


def tell(context: Context, job: EdgeJob, words: str) -> None:
    """Say of a watch that still runs what it heard so far."""
    with context.database.bulk() as link:
        statement = "UPDATE edge_job SET result = ? WHERE id = ? AND state = ?"
        link.execute(statement, (words[:500], job.id, JobState.RUNNING.value))


def watched(context: Context, jobs: Iterable[EdgeJob]) -> tuple[Exchange, ...]:
    """What those of the jobs saw that have ended and saw anything, as the agents wrote it down.

    Where one of them saw the user's device, what others saw of strangers is left out.
    """
    with context.database.snapshot() as link:
        now = context.now()
        found = tuple(_watched(link, job, now) for job in jobs if job.task == Task.WATCH and job.ladder)
    return tuple(exchange for exchange in found if not exchange.stranger) or found


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


def host_of(place: str) -> str:
    """The address of ``ip:port`` as it is written everywhere, "" for what is none."""
    return str(parse_address(place.rpartition(":")[0]) or "")


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


def own_places(listens: str) -> list[str]:
    """The same as ``ip:port``, IPv6 in brackets."""
    return [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for _, host, port in places(listens)]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _watched(link: sqlite3.Connection, job: EdgeJob, now: float) -> Exchange:
    edge = by_id(link, Edge, job.edge_id)
    name, username = clean(edge.name) if edge else "an edge that left", clean(job.username)
    try:
        trace = load(job.ladder)
    except TraceError as problem:
        return Exchange(edge=name, username=username, sentence=str(problem))
    ladder = Ladder.of(trace)
    tones = {note.tone for note in ladder.verdict}
    names = dict.fromkeys(own_places(edge.listens) if edge else (), name)
    seen = _seen(trace, ladder, names, home(link, job.username, now))
    said = "; ".join(note.text for note in ladder.verdict) or "no credentials of it were answered"
    source = f" from {clean(seen.source[:_LONGEST_PLACE])}" if seen.source else ""
    if seen.elsewhere:
        source += f", not where {username} is registered ({seen.elsewhere})"
    beside = f" {clean(job.result)}" if job.result else ""
    return Exchange(
        edge=name,
        username=username,
        sentence=f"{name} heard {username}{source}; {said}.{beside}",
        right=Tone.GOOD in tones or (False if tones and not seen.stranger else None),
        basis=seen.basis(username),
        stranger=seen.stranger,
        trace=trace,
        names=names | ({seen.source: "sender"} if seen.unproven else {}),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of whom a watch saw something: ``source`` (ip:port), and ``elsewhere``, where the user is registered instead.

    ``stranger`` says that it is not known for the user's device, ``unproven`` that it may be anybody.
    """

    source: str
    elsewhere: str
    stranger: bool
    unproven: bool

    def basis(self, username: str) -> str:
        """What the ladder shows, and of whom."""
        if self.stranger:
            return (
                f"Seen at the edge, of somebody who used the name; the phone of {username} sent nothing in this time."
            )
        if self.unproven:
            return "Seen at the edge, of the device or of somebody else who used its name: it is registered nowhere."
        return "Seen at the edge, as the device really did it."


def _seen(trace: Trace, ladder: Ladder, own: Collection[str], homes: Sequence[str]) -> _Seen:
    """Who it was: whoever proves the password is the device, or else who comes from where it is registered."""
    attempt = last_attempt(trace.messages, own)
    spoke = [message.source for message in trace.messages]
    at_home = next((place for place in spoke if host_of(place) in homes), "")
    source = attempt.source if attempt else at_home or next(iter(ladder.parties), "")
    proven = attempt is not None and attempt.proof is Proof.MATCH
    proven = proven or any(note.tone is Tone.GOOD for note in ladder.verdict)
    elsewhere = bool(homes) and host_of(source) not in homes
    refused = attempt is not None and attempt.proof in (Proof.DIFFERS, Proof.UNKNOWN)
    more = f" and {len(homes) - 1} more" if len(homes) > 1 else ""
    return _Seen(
        source=source,
        elsewhere=f"{homes[0]}{more}" if elsewhere else "",
        stranger=elsewhere and not proven,
        unproven=not proven and (elsewhere or (not homes and refused)),
    )
