"""What stands in the status line."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from math import inf

from cxtui.models.company import Company
from cxtui.store.rows import by_id

from .channels import channels_in_use
from .context import Context
from .edge_states import EdgeState, states

MINUTES = 8
"""How far back the blocks per minute go."""

_WITHIN = "SELECT count(*) FROM block WHERE since > ? AND since <= ?"


@dataclass(frozen=True, slots=True)
class Status:
    """The scope, the edges, and how many blocks began in each of the last minutes, which end now, the latest last.

    ``company`` is None for all. ``channels`` are those of its SIP users together.
    """

    company: Company | None
    channels: int
    has_ip: bool
    has_sip: bool
    generation: int
    edges: tuple[EdgeState, ...]
    blocks: tuple[int, ...]


class StatusReader:
    """Reads the status, as often as somebody commits."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def read(self, company_id: int | None) -> Status:
        """The status for a company, or for all."""
        now = self._context.now()
        with self._context.database.snapshot() as link:
            company = by_id(link, Company, company_id) if company_id else None
            generation = link.execute("SELECT generation FROM account WHERE id = 1").fetchone()[0]
            return Status(
                company=company,
                channels=channels_in_use(link, company.id) if company else 0,
                has_ip=_exists(link, "ip_auth", company_id),
                has_sip=_exists(link, "sip_user", company_id),
                generation=generation,
                edges=tuple(states(link, now)),
                blocks=_blocks(link, now),
            )


def _blocks(link: sqlite3.Connection, now: float) -> tuple[int, ...]:
    # Minutes of the clock would begin at none again and again, in the midst of an attack. The latest one has no end:
    # what an edge whose clock is ahead has seen must not wait to be counted.
    ends = (now - 60 * minute for minute in reversed(range(MINUTES)))
    spans = ((end - 60, end if end < now else inf) for end in ends)
    return tuple(link.execute(_WITHIN, span).fetchone()[0] for span in spans)


def _exists(link: sqlite3.Connection, table: str, company_id: int | None) -> bool:
    if company_id is None:
        return False
    statement = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE company_id = ?)"  # noqa: S608
    return bool(link.execute(statement, (company_id,)).fetchone()[0])
