"""A customer or a carrier."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import BASIC, CLI, Choice, Entity, choice, clis, integer, multiline, text

KINDS = (
    Choice("customer", "Customer", "Sends calls to us and is charged for them."),
    Choice("carrier", "Carrier", "Takes calls from us."),
)
STATUSES = (
    Choice("active", "Active"),
    Choice("dialing", "Dialing"),
    Choice("inactive", "Inactive"),
    Choice("pending", "Pending"),
    Choice("pending_approval", "Pending Approval"),
    Choice("penalty", "Penalty"),
)
MAY_CALL = ("active", "dialing")
"""The statuses whose calls an edge takes, and to whose entries and users it sends any (W-105)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company(Entity):
    """A customer or carrier with the limits of its account (S-003, W-011, W-070, W-105)."""

    name: str = text("Name", tab=BASIC, required=True, unique=True, max_length=80, default="")
    kind: str = choice("Kind", KINDS, tab=BASIC)
    status: str = choice("Status", STATUSES, tab=BASIC)
    channels: int = integer(
        "Channels",
        tab=BASIC,
        maximum=100_000,
        unit="calls",
        help="Concurrent calls of the whole account; the SIP users' channels must fit into it. 0 = unlimited.",
    )
    flow_speed: int = integer(
        "Flow Speed",
        tab=BASIC,
        maximum=10_000,
        unit="CPS",
        help="Calls per second of the whole account. 0 = unlimited.",
    )
    number_block_start: int = integer(
        "Internal Number Block",
        tab=BASIC,
        maximum=999_999_999,
        unit="first extension",
        help="SIP usernames are only taken from this block. 0 = no block: any username.",
    )
    number_block_size: int = integer(
        "Block Size", tab=BASIC, maximum=1_000_000, unit="extensions", help="How many extensions the block holds."
    )
    notes: str = multiline("Notes", tab=BASIC)
    cli_allow_list: str = clis(
        "CLI allow list",
        tab=CLI,
        help="The callers' numbers, or regexes, one a line. Empty = every CLI; the first line bars all others.",
    )
