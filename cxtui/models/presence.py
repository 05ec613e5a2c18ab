"""Who has a row open."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, boolean, moment, reference, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Entity):
    """One console that has a row open in a form; ``editing`` once something was typed.

    ``session`` names the console, ``since`` is when it opened the row or began to type, ``seen_at`` when it last said
    so: one that was killed stops saying it.
    """

    session: str = text("Session", required=True, unique=True, default="", max_length=32)
    operator: str = text("User", max_length=80)
    origin: str = text("From", max_length=80)
    entity: str = text("Table", max_length=40)
    entity_id: int = reference("Primary Key", "")
    editing: bool = boolean("Editing")
    since: float = moment("Since")
    seen_at: float = moment("Seen")
