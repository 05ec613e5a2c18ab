"""Who has a row open: said by each console while a form is open, and forgotten when it stops saying so.

None of this is worth a failure, an audit row or a generation: it is a courtesy between operators.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from cxtui.models.errors import SentenceError
from cxtui.models.fields import Entity
from cxtui.rules.durations import ago
from cxtui.rules.roles import Role
from cxtui.store.names import table_of

from .context import Actor, Context

REPEATED_EVERY = 20.0
"""Seconds after which a console says it again."""

GONE_AFTER = 60.0
"""Seconds of silence after which a console counts as gone."""

_WORTH_SAYING = 60.0
_SAY = (
    "INSERT INTO presence(version, session, operator, origin, entity, entity_id, editing, since, seen_at)"
    " VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) ON CONFLICT(session) DO UPDATE SET operator = ?2, origin = ?3,"
    " since = CASE WHEN entity = ?4 AND entity_id = ?5 AND editing = ?6 AND seen_at >= ?8 THEN since ELSE ?7 END,"
    " entity = ?4, entity_id = ?5, editing = ?6, seen_at = ?7"
)


Editor: TypeAlias = tuple[str, str]
"""The session of a console in which a row is being edited, and the operator there."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who has the row open: ``since`` is when that began, or when the typing did where ``editing``."""

    operator: str
    origin: str
    editing: bool
    since: float


def place(row: Entity) -> tuple[str, int]:
    """What a row is known by here: its table and id."""
    return table_of(type(row)), row.id


def say(context: Context, session: str, entity: str, entity_id: int, *, editing: bool = False) -> None:
    """Say that this session has a row open, and forget who has not said so for long; a failure is silently nothing.

    Who may only look writes nothing, not even this.
    """
    if not context.actor.may(Role.OPERATOR):
        return
    now, actor = context.now(), context.actor
    values = (session, actor.operator, actor.origin, entity, entity_id, int(editing), now, now - GONE_AFTER)
    with suppress(SentenceError), context.database.bulk() as link:
        link.execute("DELETE FROM presence WHERE seen_at < ?", (now - GONE_AFTER,))
        link.execute(_SAY, values)


def leave(context: Context, session: str) -> None:
    """Take back what the session said; a failure is silently nothing."""
    if not context.actor.may(Role.OPERATOR):
        return
    with suppress(SentenceError), context.database.bulk() as link:
        link.execute("DELETE FROM presence WHERE session = ?", (session,))


def others(context: Context, session: str, entity: str, entity_id: int) -> tuple[Who, ...]:
    """Who else has a row open, those who edit it first; nobody where that cannot be read."""
    statement = (
        "SELECT operator, origin, editing, CAST(since AS REAL) FROM presence"
        " WHERE entity = ? AND entity_id = ? AND session <> ? AND seen_at >= ? ORDER BY editing DESC, since"
    )
    with suppress(SentenceError), context.database.reading() as link:
        found = link.execute(statement, (entity, entity_id, session, context.now() - GONE_AFTER))
        return tuple(
            Who(str(operator), str(origin), bool(editing), since) for operator, origin, editing, since in found
        )
    return ()


def editing(link: sqlite3.Connection, entity: str, now: float) -> Mapping[int, tuple[Editor, ...]]:
    """Who is editing the rows of a table, by their ids, this console included; nobody where that cannot be read."""
    statement = "SELECT entity_id, session, operator FROM presence WHERE editing AND entity = ? AND seen_at >= ?"
    found: dict[int, tuple[Editor, ...]] = {}
    with suppress(sqlite3.Error):
        for key, session, operator in link.execute(statement, (entity, now - GONE_AFTER)):
            found[key] = (*found.get(key, ()), (session, str(operator)))
    return found


def sentence(who: Iterable[Who], now: float, actor: Actor) -> str:
    """Them in words: "bob edits since 2 min, carol looks"; ``actor`` elsewhere is told by where that is."""
    return ", ".join(f"{_named(other, actor)} {_deed(other, now)}" for other in who)


def _named(other: Who, actor: Actor) -> str:
    return f"{other.operator} at {other.origin}" if other.operator == actor.operator else other.operator


def _deed(other: Who, now: float) -> str:
    if not other.editing:
        return "looks"
    # Seconds would be painted anew at every look.
    return f"edits since {ago(now - other.since)}" if now - other.since >= _WORTH_SAYING else "edits"
