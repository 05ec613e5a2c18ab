"""An edge: one SIP switch with its firewall, as the agent beside it reports."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Entity, integer, moment, reference, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Entity):
    """One edge and what its agent last said. ``generation`` is the configuration it was last proven to run.

    ``up_since`` is when its switch started; ``trouble`` is why the switch cannot be reached, empty while it can.
    ``refusal`` is what the switch said to the last reload, empty once one was taken; ``retry_at`` is when the agent
    tries again. ``round_trip`` is that of a bare RPC in µs.
    """

    name: str = text("Edge", required=True, unique=True, default="", max_length=40)
    heartbeat_at: float = moment("Heartbeat")
    generation: int = integer("Generation", maximum=2**62)
    listens: str = text("Listens on", max_length=300)
    software: str = text("Switch", max_length=80)
    up_since: float | None = moment("Up since", nullable=True)
    trouble: str = text("Trouble", max_length=300)
    reloaded_at: float | None = moment("Last reload", nullable=True)
    refusal: str = text("Refusal", max_length=500)
    retry_at: float | None = moment("Retry", nullable=True)
    calls: int = integer("Calls", maximum=2**31)
    registered: int = integer("Registered", maximum=2**31)
    round_trip: int = integer("RPC", maximum=2**31, unit="µs")
    checked_at: float | None = moment("Compared", nullable=True)
    ping_interval: int = integer("Ping interval", default=60, maximum=86_400, unit="s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Propagation(Entity):
    """One generation on its way to one edge: when it was committed, and when the edge was seen to run it (W-034)."""

    edge_id: int = reference("Edge", "edge")
    generation: int = integer("Generation", maximum=2**62)
    committed_at: float = moment("Committed")
    verified_at: float = moment("Verified")


SIDES = {"edge": "only on the edge", "database": "only in the database"}
"""The sides of a ``Drift``, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift(Entity):
    """Something that an edge holds and the database does not (``side`` edge), or the reverse (``side`` database).

    ``part`` is what it is: ``address``, ``rewrite``, ``block`` or ``realm``; ``key`` names it, ``detail`` explains.
    """

    edge_id: int = reference("Edge", "edge")
    part: str = text("Part", max_length=20)
    key: str = text("What", max_length=200)
    side: str = text("Side", max_length=10)
    detail: str = text("Detail", max_length=300)
    seen_at: float = moment("Seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Entity):
    """The one row of settings that every console and edge must agree on.

    ``generation`` counts the committed changes, the last at ``changed_at``; ``addresses_at`` and ``rewrites_at`` are
    the generations that last changed what an edge has to reload. HA1s are bound to ``realm``. ``audit_head`` is the
    chain of the newest row of the audit log, so that rows missing at its end are noticed.
    """

    realm: str = text("Realm", max_length=128)
    generation: int = integer("Generation", maximum=2**62)
    number_range_start: int = integer("Internal Number Range Start", default=1000, maximum=999_999_999)
    number_block_size: int = integer("Block Size", default=1000, maximum=1_000_000)
    audit_head: str = text("Audit head", max_length=64)
    changed_at: float = moment("Changed")
    addresses_at: int = integer("Addresses", maximum=2**62)
    rewrites_at: int = integer("Rewrites", maximum=2**62)
