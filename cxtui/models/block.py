"""A block: an address the firewall drops, with the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import BASIC, Entity, address, integer, moment, multiline, raw, reference, text

BY_HAND = "blocked by hand"
"""The reason of a block that an operator made; its source is the operator then."""


class Wanted(StrEnum):
    """What the database wants the edges to do with the address."""

    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Entity):
    """One blocked address (S-011…S-015, W-030…W-032).

    ``ours`` is 1 where the address belongs to a company, else 0; with ``since`` it is the order of the list.
    ``lifted_at`` is set once no edge holds the address any more.
    """

    address: str = address("IP", tab=BASIC, required=True, help="One address; networks are not blocked.")
    notes: str = multiline("Notes", tab=BASIC, max_length=1000)
    expires_at: float | None = moment("Expires", nullable=True)
    packed: bytes = raw("Packed address")
    company_id: int | None = reference("Company", "company", nullable=True)
    ours: int = integer("Ours", maximum=1)
    since: float = moment("Since")
    last_seen: float = moment("Last seen")
    hits: int = integer("Hits", maximum=2**62)
    reason: str = text("Why", max_length=200)
    usernames: str = text("User names tried", max_length=500)
    user_agent: str = text("User-Agent", max_length=300)
    source: str = text("Source", max_length=40)
    wanted: str = text("Wanted", default=Wanted.BLOCKED.value, max_length=16)
    lifted_at: float | None = moment("Lifted", nullable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Entity):
    """One layer of one edge that holds a block, as its agent read it back.

    ``layer`` is where it is held: ``table`` (the switch's htable), ``nftables`` or ``fail2ban``.
    """

    block_id: int = reference("Block", "block")
    edge_id: int = reference("Edge", "edge")
    layer: str = text("Layer", max_length=40)
    seen_at: float = moment("Seen")
    expires_at: float | None = moment("Expires", nullable=True)
