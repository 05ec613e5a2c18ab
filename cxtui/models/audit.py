"""The audit log: who did what, from where, when, and what it was before and after."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, integer, moment, multiline, text


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry(Entity):
    """One row changed by one change (W-027).

    ``change_id`` groups the rows of one transaction. ``before`` and ``after`` are JSON objects of the fields,
    empty where the row did not exist; secrets are never in them. ``undoes`` is the change this one took back.
    ``chain`` is the hash over this row and the chain of the row before it, so that no row can be altered or taken out
    without a trace.
    """

    change_id: str = text("Change", max_length=32, indexed=True)
    at: float = moment("Date/Time", indexed=True)
    operator: str = text("User", max_length=80, indexed=True)
    origin: str = text("From", max_length=80)
    program: str = text("Program", max_length=40)
    action: str = text("Action", max_length=16)
    entity: str = text("Table", max_length=40)
    entity_id: int = integer("Primary Key", maximum=2**62)
    label: str = text("Message", max_length=300)
    before: str = multiline("Before", max_length=100_000)
    after: str = multiline("After", max_length=100_000)
    reason: str = text("Reason", max_length=300)
    undoes: str = text("Undoes", max_length=32, indexed=True)
    chain: str = text("Chain", max_length=64)
