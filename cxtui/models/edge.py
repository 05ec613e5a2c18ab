"""An edge: one SIP switch with its firewall, as the agent beside it reports."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, integer, moment, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Entity):
    """One edge and what its agent last said. ``generation`` is the configuration it was last proven to run."""

    name: str = text("Edge", required=True, unique=True, default="", max_length=40)
    heartbeat_at: float = moment("Heartbeat")
    generation: int = integer("Generation", maximum=2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Entity):
    """The one row of settings that every console and edge must agree on.

    ``generation`` counts the committed changes; HA1s are bound to ``realm``. ``audit_head`` is the chain of the newest
    row of the audit log, so that rows missing at its end are noticed.
    """

    realm: str = text("Realm", max_length=128)
    generation: int = integer("Generation", maximum=2**62)
    number_range_start: int = integer("Internal Number Range Start", default=1000, maximum=999_999_999)
    number_block_size: int = integer("Block Size", default=1000, maximum=1_000_000)
    audit_head: str = text("Audit head", max_length=64)
