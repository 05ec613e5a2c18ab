"""What stands in the status line."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cxtui.models.company import Company
from cxtui.store.rows import by_id

from .channels import channels_in_use
from .context import Context
from .edge_states import EdgeState, states

MINUTES = 12
"""How far back the blocks per minute go."""


@dataclass(frozen=True, slots=True)
class Status:
    """The scope, the edges, and how many blocks began in each of the last minutes, the running one last.

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
    """Reads the status; minutes that are over are counted once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._minutes: dict[int, int] = {}

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
                blocks=self._blocks(link, int(now // 60)),
            )

    def _blocks(self, link: sqlite3.Connection, minute: int) -> tuple[int, ...]:
        wanted = range(minute - MINUTES + 1, minute + 1)
        # A late report can still add to the minute just over, so only older ones are kept.
        self._minutes = {key: count for key, count in self._minutes.items() if wanted.start <= key < minute - 1}
        for key in wanted:
            if key not in self._minutes:
                self._minutes[key] = link.execute(
                    "SELECT count(*) FROM block WHERE since >= ? AND since < ?", (key * 60, key * 60 + 60)
                ).fetchone()[0]
        return tuple(self._minutes[key] for key in wanted)


def _exists(link: sqlite3.Connection, table: str, company_id: int | None) -> bool:
    if company_id is None:
        return False
    statement = f"SELECT EXISTS (SELECT 1 FROM {table} WHERE company_id = ?)"  # noqa: S608
    return bool(link.execute(statement, (company_id,)).fetchone()[0])
