"""Delay and Save: a save that waits for its time, is carried out once by whoever is there then, and can be cancelled.

It goes through the services of every save, as the operator who asked and with the role they had when they asked. All
rules and versions are checked when it is asked for, and again when it is carried out (W-025).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from cxtui.models.delayed_save import DelayedSave, State
from cxtui.models.fields import specs
from cxtui.rules.durations import ago
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.store import many
from cxtui.store.errors import StoreError
from cxtui.store.rows import all_where, by_id

from . import wishes
from .context import Actor, Context
from .labels import label
from .moments import moment_words, parse_moment
from .outcome import Change, Conflict, Denied, Gone, ServiceError, is_sentence, refuse
from .wishes import Wish
from .writing import Writer, require, writing

PROGRAM = "delayed"
"""How the audit names changes that waited for their time."""

LATE_SECONDS = 120.0
"""What is carried out later than this after its time says so."""

RECENT_SECONDS = 7 * 86_400.0
MOST = 500
_LONGEST = 300


class _Rehearsed(Exception):
    """All of it went well, and must not be kept."""


class _Taken(Exception):
    """It is not waiting any more: somebody else has carried it out, or cancelled it."""


def delay(context: Context, wish: Wish, after: str) -> Change:
    """Store a wish to be carried out later: ``after`` is a span ("2 h") or a time of day ("22:30").

    Raises ``Refused`` for a moment that cannot be read, and whatever the wish would raise if it were carried out now.
    """
    try:
        due_at = parse_moment(after, context.now())
    except ValueError as problem:
        raise refuse("after", str(problem)) from problem
    require(context, Role.OPERATOR)
    _rehearse(context, wish)
    with writing(context) as writer:
        actor = context.actor
        row = DelayedSave(
            id=many.next_id(writer.link, DelayedSave),
            operator=actor.operator,
            origin=actor.origin,
            role=actor.role.word,
            program=actor.program,
            reason=clean(context.reason)[:_LONGEST],
            created_at=writer.now,
            due_at=due_at,
            **wishes.kept(wish),
        )
        # Past the writer: nothing is different at the edges yet, so no generation is counted.
        many.insert(writer.link, DelayedSave, [row])
        when = moment_words(due_at, writer.now)
        told = {name: getattr(row, name) for name in ("role", "due_at", "typed")}
        writer.audit_many([("DELAY", row, {}, told, f"{label(row)}, due {when}")])
        return writer.change(_promise(wish, when), row)


def carry_out_due(context: Context) -> list[DelayedSave]:
    """Carry out everything whose time has come, oldest first, each in a transaction of its own; give what became of it.

    What another console takes first is not among it. Raises ``Denied`` for a viewer, and ``StoreError`` once all were
    tried where the database cannot be written; those stay waiting.
    """
    require(context, Role.OPERATOR)
    ended: list[DelayedSave] = []
    trouble: StoreError | None = None
    for row in due(context):
        try:
            after = _carry_out(context, row)
        except StoreError as problem:
            trouble = problem
            continue
        if after is not None:
            ended.append(after)
    if trouble is not None:
        raise trouble
    return ended


def due(context: Context) -> list[DelayedSave]:
    """What waits and should have been carried out by now, oldest first."""
    where = "state = ? AND due_at <= ? ORDER BY due_at, id"
    with context.database.reading() as link:
        return all_where(link, DelayedSave, where, (State.WAITING.value, context.now()))


def news(context: Context) -> list[DelayedSave]:
    """What became of the operator's own, each told to one console and once, never to a viewer's, which writes nothing.

    Whoever cancels one knows it already.
    """
    if not context.actor.may(Role.OPERATOR):
        return []
    ended = "operator = ? AND told = 0 AND state <> 'waiting'"
    with context.database.reading() as link:
        if not all_where(link, DelayedSave, f"{ended} LIMIT 1", (context.actor.operator,)):
            return []
    # Without the writer, whose half a second of imports this is not worth.
    with context.database.bulk() as link:
        told = link.execute(f"UPDATE delayed_save SET told = 1 WHERE {ended} RETURNING id", (context.actor.operator,))  # noqa: S608
        ids = sorted(key for (key,) in told.fetchall())
        return [row for key in ids if (row := by_id(link, DelayedSave, key)) is not None]


def cancel(context: Context, key: int, *, reason: str = "") -> Change:
    """Let a waiting one never be carried out. Raises ``Denied`` for somebody else's, which takes an admin, ``Gone``
    where there is none, and ``ServiceError`` where it is not waiting any more.
    """
    with writing(context, reason=reason) as writer:
        row = by_id(writer.link, DelayedSave, key)
        if row is None:
            raise Gone(f"There is no delayed save {key}.")
        own = row.operator == context.actor.operator
        if not own and not context.actor.may(Role.ADMIN):
            raise Denied(f"Access Denied: it is {row.operator}'s, and only an admin cancels what is not their own.")
        if not _ended(writer, row, State.CANCELLED, f"Cancelled by {context.actor.operator}.", told=own):
            raise ServiceError(f"It is {row.state} already: {row.outcome}")
        writer.note("CANCEL", row, label(row))
        return writer.change(f"Cancelled: {label(row)}.", replace(row, state=State.CANCELLED.value))


def listed(context: Context, *, everything: bool = False) -> list[DelayedSave]:
    """What waits, the next one first, then what ended within a week, or ever, the newest first; ``MOST`` of each."""
    since = 0.0 if everything else context.now() - RECENT_SECONDS
    with context.database.snapshot() as link:
        waiting = all_where(link, DelayedSave, "state = ? ORDER BY due_at, id LIMIT ?", (State.WAITING.value, MOST))
        where = "state <> ? AND finished_at >= ? ORDER BY finished_at DESC, id DESC LIMIT ?"
        ended = all_where(link, DelayedSave, where, (State.WAITING.value, since, MOST))
    return [*waiting, *ended]


def _rehearse(context: Context, wish: Wish) -> None:
    """Carry a wish out and take it back in the same transaction: what would refuse it now is raised."""

    @contextmanager
    def taken_back(writer: Writer) -> Iterator[None]:
        yield
        raise _Rehearsed

    try:
        wishes.save(replace(context, around=taken_back), wish)
    except _Rehearsed:
        return


def _promise(wish: Wish, when: str) -> str:
    """What will be done, and honestly by whom: nothing of ours runs by itself."""
    words = f"{wish.title[0].upper()}{wish.title[1:]} will be saved {when} by any console that is open then, or by"
    words += " cxtui later run; otherwise when the next one is opened."
    if wish.what == "sip_users" and wish.row is None:
        words += " It has no password then: set one afterwards."
    return words


def _carry_out(context: Context, row: DelayedSave) -> DelayedSave | None:
    actor = Actor(row.operator, row.origin, PROGRAM, Role.OPERATOR)
    reason = f"delayed save {row.id}{f': {row.reason}' if row.reason else ''}"
    theirs = replace(context, actor=actor, reason=reason)
    try:
        asked = replace(theirs, actor=replace(actor, role=Role[row.role.upper()]), around=partial(_claimed, row))
        wishes.save(asked, wishes.found_again(asked, row))
    except _Taken:
        return None
    except StoreError:
        raise
    except Exception as problem:
        # What nobody foresaw would come again at each try, and nobody would hear of it.
        return _refused(theirs, row, problem)
    return _stored(context, row)


@contextmanager
def _claimed(row: DelayedSave, writer: Writer) -> Iterator[None]:
    """Take a delayed save within the transaction that carries it out: both happen, once, or neither."""
    if not _ended(writer, row, State.DONE, ""):
        raise _Taken
    yield
    late = writer.now - row.due_at
    words = f" {ago(late)} late: nobody was there to do it." if late > LATE_SECONDS else ""
    outcome = clean(writer.sentence + words)[:_LONGEST]
    writer.link.execute("UPDATE delayed_save SET outcome = ? WHERE id = ?", (outcome, row.id))


def _refused(context: Context, row: DelayedSave, problem: Exception) -> DelayedSave | None:
    words = clean(_words(problem))[:_LONGEST]
    with writing(context) as writer:
        if not _ended(writer, row, State.REFUSED, words):
            return None
        writer.note("REFUSE", row, f"{label(row)}: {words}"[:_LONGEST])
    return _stored(context, row)


def _ended(writer: Writer, row: DelayedSave, state: State, outcome: str, *, told: bool = False) -> bool:
    """Give one that waits its end; False where it does not wait any more."""
    changed = writer.link.execute(
        "UPDATE delayed_save SET state = ?, outcome = ?, change_id = ?, finished_at = ?, told = ?,"
        " version = version + 1 WHERE id = ? AND state = ?",
        (state.value, outcome, writer.change_id, writer.now, told, row.id, State.WAITING.value),
    )
    return changed.rowcount == 1


def _stored(context: Context, row: DelayedSave) -> DelayedSave | None:
    with context.database.reading() as link:
        return by_id(link, DelayedSave, row.id)


def _words(problem: Exception) -> str:
    if isinstance(problem, Conflict):
        known: Any = specs(type(problem.base))
        fields = ", ".join(known[name].label for name in problem.fields)
        return f"{problem.by} changed {fields} in the meantime."
    return str(problem) if is_sentence(problem) else "Something unexpected stood against it."
