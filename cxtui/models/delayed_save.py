"""A save that waits for its time: Delay and Save (W-025)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import Entity, boolean, moment, multiline, reference, text


class State(StrEnum):
    """What became of a delayed save."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedSave(Entity):
    """One form as it was saved for later: who wants it, what stood in it, when it is due, and what became of it.

    ``operator``, ``origin`` and ``role`` are those of whoever asked, at that time; ``program`` is where they did.
    ``what`` is the kind of form. ``entity_id`` is 0 for a new row; ``base`` is the row as it was seen then, ``typed``
    what is to be written over it, and ``more`` what else was agreed to in the form: JSON objects, and none holds a
    secret. ``owner`` and ``owner_id`` name the subject of a rewrite rule, ``title`` is what the row is called.
    ``told`` once a console of the operator has said how it ended.
    """

    operator: str = text("User", max_length=80)
    origin: str = text("From", max_length=80)
    role: str = text("Role", max_length=16)
    program: str = text("Program", max_length=40)
    reason: str = text("Reason", max_length=300)
    what: str = text("Form", max_length=40)
    company_id: int = reference("Company", "")
    owner: str = text("Owner", max_length=16)
    owner_id: int = reference("Owner id", "")
    entity_id: int = reference("Primary Key", "")
    title: str = text("What", max_length=300)
    base: str = multiline("Seen", max_length=100_000)
    typed: str = multiline("Typed", max_length=100_000)
    more: str = multiline("Agreed", max_length=100_000)
    created_at: float = moment("Asked")
    due_at: float = moment("Due")
    state: str = text("State", default=State.WAITING.value, max_length=16)
    finished_at: float | None = moment("Finished", nullable=True)
    outcome: str = text("Outcome", max_length=300)
    change_id: str = text("Change", max_length=32)
    told: bool = boolean("Told")
