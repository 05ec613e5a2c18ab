"""The subject: the IP entry or SIP user whose codecs, rewrites or voicemail are shown."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.store.rows import by_id

from .context import Context
from .labels import label
from .outcome import Gone

_ENTITIES: dict[str, type[IpAuth] | type[SipUser]] = {"ip_auth": IpAuth, "sip_user": SipUser}
_OF_GRID = {"ip_auth": "ip_auth", "sip_users": "sip_user"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject by its table (``ip_auth`` or ``sip_user``) and id."""

    owner: str
    owner_id: int

    @classmethod
    def of(cls, row: Entity | None) -> Subject | None:
        """The subject that a row is, None where it is none."""
        owner = next((owner for owner, entity in _ENTITIES.items() if type(row) is entity), "")
        return cls(owner, row.id) if row is not None and owner else None

    @classmethod
    def of_hit(cls, grid: str, key: int) -> Subject | None:
        """The subject that a row of a list is, None where the list holds none."""
        return cls(_OF_GRID[grid], key) if grid in _OF_GRID else None

    @property
    def grid(self) -> str:
        """The list that it stands in."""
        return next(grid for grid, owner in _OF_GRID.items() if owner == self.owner)


@dataclass(frozen=True, slots=True)
class Described:
    """A subject as it is stored now: its row, what it is called, and the name of its company."""

    row: IpAuth | SipUser
    title: str
    company: str


def find(link: sqlite3.Connection, subject: Subject) -> IpAuth | SipUser:
    """The row of a subject. Raises ``Gone``."""
    row = by_id(link, _ENTITIES[subject.owner], subject.owner_id)
    if row is None:
        raise Gone("It was deleted in the meantime.")
    return row


def describe(context: Context, subject: Subject) -> Described:
    """What to say of a subject. Raises ``Gone``."""
    with context.database.reading() as link:
        row = find(link, subject)
        found = link.execute("SELECT name FROM company WHERE id = ?", (row.company_id,)).fetchone()
    return Described(row, label(row), str(found[0]) if found else "")
