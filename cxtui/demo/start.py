"""Starts the demonstration: a database of its own, sample customers, an attack, and the console on all of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import monotonic, perf_counter, sleep, time
from typing import TYPE_CHECKING

from cxtui.config import Settings, load
from cxtui.models.audit import AuditEntry
from cxtui.models.company import Company
from cxtui.services import edge_states, edges
from cxtui.services.context import Context, who
from cxtui.services.outcome import ServiceError
from cxtui.store.database import Database
from cxtui.store.errors import StoreError
from cxtui.store.probes import exists

from . import customers, mailboxes
from .attack import Play
from .scale import Step, fill
from .swarm import Swarm

if TYPE_CHECKING:
    from .edge import RealEdge

DEMO_FILE = "demo.db"
"""The name of the demo's database, beside the operator's own."""

_LOOK = 0.5


def demo(
    settings: Settings, scale: int | None = None, attack: bool = True, console: bool = True, edge: bool = False
) -> int:
    """Run the console on ``settings.db`` with sample customers under attack; returns its exit code.

    The demo's usual file is made anew each time, any other is kept and only filled when it is empty. With ``scale`` it
    is filled with that many SIP users and blocks and a fifth of IP entries instead; without a terminal, or without
    ``console``, that is all. With ``edge`` a real one with phones takes the place of those that are played. Raises
    ``ServiceError`` for a database that holds anything else than a demo, ``EdgeError`` where there can be no edge.
    """
    settings = mailboxes.served(settings)
    joined = _is_joined(settings.db) if edge else _is_played(settings.db)
    if not joined and settings.db == load(os.environ, {}).db.with_name(DEMO_FILE):
        _remove(settings.db)
    database = Database(settings.db)
    try:
        database.create_or_upgrade(settings.realm, settings.numbers)
        _fill(Context(database, who(os.environ, "demo", settings), settings), scale)
    finally:
        database.close()
    if not console or (scale is not None and not (sys.stdin.isatty() and sys.stdout.isatty())):
        return 0
    return _play(settings, None if joined else _player(settings, database, attack=attack, edge=edge))


def _player(settings: Settings, database: Database, *, attack: bool, edge: bool) -> Play | RealEdge | None:
    if edge:
        from .edge import RealEdge

        return RealEdge(database, settings, attack=attack)
    return Play(database, settings) if attack else None


def _play(settings: Settings, play: Play | RealEdge | None) -> int:
    from cxtui.ui.start import run

    if play is None:
        return run(settings)
    play.start()
    try:
        return run(settings)
    finally:
        play.stop()


def _fill(context: Context, rows: int | None) -> None:
    with context.database.reading() as link:
        used = exists(link, Company, "1", ())
        ours = exists(link, AuditEntry, "operator = ? AND program = ?", (customers.OPERATOR, customers.PROGRAM))
    if used and not ours:
        raise ServiceError(f"{context.database.path} holds customers of its own; give the demo another file.")
    if rows is not None:
        _measure(context.database, rows)
    elif not used:
        customers.add(context)
        edges.record(context, Swarm(seed=0).history(context.now()))
        mailboxes.add(context)


def _measure(database: Database, rows: int) -> None:
    def progress(step: Step) -> None:
        parts = f"rows {step.writing:.1f} s, indexes {step.indexing:.1f} s, search and commit {step.searching:.1f} s"
        sys.stderr.write(f"{step.table:14} {step.rows:>10,} rows in {step.seconds:5.1f} s ({parts})\n")

    began = perf_counter()
    total = fill(database, rows, rows // 5, rows, progress)
    seconds = max(perf_counter() - began, 0.001)
    sys.stdout.write(f"{total:,} rows in {seconds:.1f} s: {total / seconds:,.0f} rows a second.\n")
    sys.stdout.flush()


def _is_played(path: Path) -> bool:
    """Whether another demo is running on this file."""
    if not path.exists():
        return False
    database = Database(path)
    try:
        with database.reading() as link:
            return any(not state.silent for state in edge_states.states(link, time()))
    except StoreError:
        return False
    finally:
        database.close()


def _is_joined(path: Path) -> bool:
    """Whether another demo is running on this file that has an edge already.

    One that was killed says nothing any more; that it is over shows only when its edges count as silent.
    """
    from cxtui.edge.foreground import runs_in

    from .edge import folder_of

    if runs_in(folder_of(path)):
        return True
    until = monotonic() + edge_states.SILENT_AFTER + _LOOK
    while _is_played(path):
        if monotonic() > until:
            return True
        sleep(_LOOK)
    return False


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
