"""A SIP profile: what SIP users have in common."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import BASIC, Entity, integer, text


@dataclass(frozen=True, slots=True, kw_only=True)
class SipProfile(Entity):
    """A named group of SIP users with its capacity (S-090, W-071, C-07)."""

    name: str = text(
        "Name",
        tab=BASIC,
        required=True,
        unique=True,
        default="",
        max_length=40,
        help="Lower-case letters, digits and _.",
    )
    capacity: int = integer("Profile Capacity", tab=BASIC, default=10, maximum=100_000, unit="calls")
    flags: str = text("Flags", tab=BASIC, help="Flags handed to the switch, separated by commas.")
    barge_group: str = text("Barge Group", tab=BASIC, max_length=40)
