"""A voicemail message that was deleted and can be brought back."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, integer, moment, reference, text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedMessage(Entity):
    """What was deleted of a SIP user's voicemail (S-113); the message itself lies in the trash of the voicemail store.

    ``trash`` names its place there; ``deleted_at`` is when it was put there.
    """

    sip_user_id: int = reference("SIP user", "")
    username: str = text("Username", max_length=64)
    trash: str = text("Trash", max_length=64, indexed=True)
    caller_name: str = text("Name", max_length=255)
    caller_number: str = text("Number", max_length=255)
    created: float = moment("Created")
    duration: int = integer("Duration", maximum=2**31)
    deleted_at: float = moment("Deleted")
