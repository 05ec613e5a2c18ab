"""The one way to write: a transaction that versions, audits and counts every row it touches."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from cxtui.models.audit import AuditEntry
from cxtui.models.edge import Account
from cxtui.models.fields import Entity, values
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.store.names import table_of
from cxtui.store.rows import by_id

from .audit_trail import Audited, append
from .context import Context
from .generations import Touched
from .labels import label
from .outcome import Change, Conflict, Denied, Gone

if TYPE_CHECKING:
    from sqlmodel import Session

E = TypeVar("E", bound=Entity)


class Writer:
    """Writes rows within one transaction. Rows of credentials and derived ranges are kept out of the audit."""

    def __init__(self, context: Context, session: Session, reason: str, undoes: str) -> None:
        from cxtui.store.tables import TABLES

        self.context = context
        self.change_id = uuid.uuid4().hex
        self.now = context.now()
        self.sentence = ""
        self._session = session
        self._tables = TABLES
        self._reason = reason
        self._undoes = undoes
        self._touched = Touched()
        self._head: str | None = None

    @property
    def link(self) -> sqlite3.Connection:
        """The bare connection of this transaction, for reads that see its own writes."""
        link: Any = self._session.connection().connection.driver_connection
        return link  # type: ignore[no-any-return]

    def add(self, row: E, *, audited: bool = True, action: str = "CREATE") -> E:
        """Store a new row (its id 0: the next one) and return it with its id."""
        self._touched.write(type(row))
        record = self._tables[type(row)](**values(row), id=row.id or None, version=row.version)
        self._session.add(record)
        self._session.flush()
        stored = replace(row, id=getattr(record, "id"))  # noqa: B009
        if audited:
            self._audit(action, stored, {}, values(stored))
        return stored

    def update(self, row: E, wanted: Mapping[str, Any], *, audited: bool = True, action: str = "UPDATE") -> E:
        """Store ``wanted`` over ``row``, which must be as it is stored, and return the row as it is then."""
        changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        if not changed:
            return row
        record = self._record(row)
        for name, value in (*changed.items(), ("version", row.version + 1)):
            setattr(record, name, value)
        self._session.flush()
        if audited:
            self._audit(action, row, {name: getattr(row, name) for name in changed}, changed)
        return replace(row, version=row.version + 1, **changed)

    def delete(self, row: Entity, *, audited: bool = True) -> None:
        """Delete ``row``."""
        self._session.delete(self._record(row))
        self._session.flush()
        if audited:
            self._audit("DELETE", row, values(row), {})

    def note(self, action: str, row: Entity, message: str) -> None:
        """Audit something that is no field: a password set, a message sent."""
        self._audit(action, row, {}, {}, message)

    def fresh(self, row: E) -> E:
        """``row`` as it is stored now. Raises ``Gone``."""
        stored = by_id(self.link, type(row), row.id)
        if stored is None:
            raise Gone(f"{label(row)} was deleted in the meantime.")
        return stored

    def unchanged(self, row: E) -> E:
        """``row``, if it still is as the operator saw it. Raises ``Gone``."""
        stored = self.fresh(row)
        if stored.version != row.version:
            raise Gone(f"{label(row)} was changed in the meantime: look at it again.")
        return stored

    def merge(self, base: E, mine: Mapping[str, Any]) -> tuple[E, dict[str, Any]]:
        """The stored row and those of ``mine`` to write over it.

        Fields that only one side changed are merged; raises ``Conflict`` when both changed one differently.
        """
        theirs = self.fresh(base)
        wanted = {name: value for name, value in mine.items() if getattr(base, name) != value}
        clash = tuple(
            name for name, value in wanted.items() if getattr(theirs, name) not in (getattr(base, name), value)
        )
        if clash:
            raise Conflict(base, theirs, dict(wanted), clash, self._last_operator(theirs))
        return theirs, wanted

    def _record(self, row: Entity) -> Any:
        self._touched.write(type(row))
        record: Any = self._session.get(self._tables[type(row)], row.id)
        if record is None or record.version != row.version:
            raise Gone(f"{label(row)} was changed in the meantime; nothing was written.")
        return record

    def _last_operator(self, row: Entity) -> str:
        found = self.link.execute(
            "SELECT operator FROM audit WHERE entity = ? AND entity_id = ? ORDER BY id DESC LIMIT 1",
            (table_of(type(row)), row.id),
        ).fetchone()
        return str(found[0]) if found else "somebody"

    def _audit(
        self, action: str, row: Entity, before: Mapping[str, Any], after: Mapping[str, Any], message: str = ""
    ) -> None:
        self.audit_many([(action, row, before, after, message)])

    def past_the_orm(self) -> sqlite3.Connection:
        """The bare connection, to write many rows through; nothing that the session keeps of rows stands beside them.

        Whoever uses it versions and audits the rows itself (``services.many``).
        """
        self._touched.write()
        self._session.flush()
        self._session.expire_all()
        return self.link

    def audit_many(self, rows: Iterable[Audited]) -> None:
        """Add a row to the audit for each of ``rows``, chained in their order."""
        head = self._account.audit_head if self._head is None else self._head
        self._head = append(self.link, self._entry(), self._noted(rows), head)

    def _noted(self, rows: Iterable[Audited]) -> Iterator[Audited]:
        for audited in rows:
            self._touched.note(type(audited[1]))
            yield audited

    def _entry(self) -> AuditEntry:
        """What the audit says of each row of this transaction."""
        actor = self.context.actor
        return AuditEntry(
            change_id=self.change_id,
            at=self.now,
            operator=actor.operator,
            origin=actor.origin,
            program=actor.program,
            reason=self._reason,
            undoes=self._undoes,
        )

    def finish(self) -> None:
        """Note where the audit ends now, and count the change if anything was written: every edge has to fetch it."""
        if self._head is not None:
            self._account.audit_head = self._head
        if self._touched.written:
            self._touched.count(self._account, self.context.now())

    @property
    def _account(self) -> Any:
        return self._session.get(self._tables[Account], 1)

    def change(self, sentence: str, *rows: Entity, **more: Any) -> Change:
        """This transaction as the outcome of its verb."""
        self.sentence = sentence
        generation = self._account.generation + 1 if self._touched.written else 0
        return Change(self.change_id, sentence, rows, generation=generation, **more)


def require(context: Context, needs: Role) -> None:
    """Raise ``Denied`` unless the operator has the role."""
    role = context.actor.role
    if role < needs:
        raise Denied(f"Access Denied: this needs the role {needs.word}, and yours is {role.word}.")


def make_ready() -> None:
    """Load what only writes need, half a second's worth, before the first of them is asked for."""
    from cxtui.store import tables  # noqa: F401


@contextmanager
def writing(context: Context, *, reason: str = "", undoes: str = "", needs: Role = Role.OPERATOR) -> Iterator[Writer]:
    """A transaction of one change; it is all committed at the end, or nothing of it. Raises ``Denied``."""
    require(context, needs)
    with context.database.transaction() as session:
        writer = Writer(context, session, clean(reason or context.reason)[:300], undoes)
        with context.around(writer):
            yield writer
            writer.finish()
