"""The one way to write: a transaction that versions, audits and counts every row it touches."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from cxtui.models.audit import AuditEntry
from cxtui.models.company import Company
from cxtui.models.edge import Account
from cxtui.models.fields import Entity, specs, values
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule
from cxtui.rules.chain import link
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.store import many
from cxtui.store.names import table_of
from cxtui.store.rows import by_id

from .context import Context
from .labels import label
from .outcome import Change, Conflict, Denied, Gone

if TYPE_CHECKING:
    from sqlmodel import Session

E = TypeVar("E", bound=Entity)
_ADDRESSES: frozenset[type[Entity]] = frozenset({IpAuth, Company})
_REWRITES: frozenset[type[Entity]] = frozenset({RewriteRule, Company})
"""What an edge keeps in memory and has to reload; everything else it reads anew for each request."""

Audited: TypeAlias = tuple[str, Entity, Mapping[str, Any], Mapping[str, Any], str]
"""What the audit says of a row: action, row, fields before and after, and a message to say instead of its label."""


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
        self._wrote = False
        self._touched: set[type[Entity]] = set()
        self._head: str | None = None

    @property
    def link(self) -> sqlite3.Connection:
        """The bare connection of this transaction, for reads that see its own writes."""
        link: Any = self._session.connection().connection.driver_connection
        return link  # type: ignore[no-any-return]

    def add(self, row: E, *, audited: bool = True, action: str = "CREATE") -> E:
        """Store a new row (its id 0: the next one) and return it with its id."""
        self._wrote = True
        self._touched.add(type(row))
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
        self._wrote = True
        self._touched.add(type(row))
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
        self._wrote = True
        self._session.flush()
        self._session.expire_all()
        return self.link

    def audit_many(self, rows: Iterable[Audited]) -> None:
        """Add a row to the audit for each of ``rows``, chained in their order."""
        head = self._account.audit_head if self._head is None else self._head
        actor = self.context.actor
        entry = AuditEntry(
            change_id=self.change_id,
            at=self.now,
            operator=actor.operator,
            origin=actor.origin,
            program=actor.program,
            reason=self._reason,
            undoes=self._undoes,
        )
        named = {name: value for name, value in values(entry).items() if name != "chain"}

        def entries() -> Iterator[list[Any]]:
            nonlocal head
            for action, row, before, after, message in rows:
                self._touched.add(type(row))
                named.update(action=action, entity=table_of(type(row)), entity_id=row.id, label=message or label(row))
                named.update(before=image(before), after=image(after))
                head = link(head, named)
                yield [*named.values(), head]

        many.append(self.link, AuditEntry, [*named, "chain"], entries())
        self._head = head

    def finish(self) -> None:
        """Note where the audit ends now, and count the change if anything was written: every edge has to fetch it."""
        if self._head is not None:
            self._account.audit_head = self._head
        if not self._wrote:
            return
        account = self._account
        account.generation += 1
        account.changed_at = self.context.now()
        if self._touched & _ADDRESSES:
            account.addresses_at = account.generation
        if self._touched & _REWRITES:
            account.rewrites_at = account.generation

    @property
    def _account(self) -> Any:
        return self._session.get(self._tables[Account], 1)

    def change(self, sentence: str, *rows: Entity, **more: Any) -> Change:
        """This transaction as the outcome of its verb."""
        self.sentence = sentence
        generation = self._account.generation + 1 if self._wrote else 0
        return Change(self.change_id, sentence, rows, generation=generation, **more)


def require(context: Context, needs: Role) -> None:
    """Raise ``Denied`` unless the operator has the role."""
    role = context.actor.role
    if role < needs:
        raise Denied(f"Access Denied: this needs the role {needs.word}, and yours is {role.word}.")


def make_ready() -> None:
    """Load what only writes need, half a second's worth, before the first of them is asked for."""
    from cxtui.store import tables  # noqa: F401


def chained(previous: str, entry: AuditEntry) -> str:
    """The chain of an audit row that follows one with the chain ``previous``."""
    return link(previous, {name: value for name, value in values(entry).items() if name != "chain"})


@contextmanager
def writing(context: Context, *, reason: str = "", undoes: str = "", needs: Role = Role.OPERATOR) -> Iterator[Writer]:
    """A transaction of one change; it is all committed at the end, or nothing of it. Raises ``Denied``."""
    require(context, needs)
    with context.database.transaction() as session:
        writer = Writer(context, session, clean(reason or context.reason)[:300], undoes)
        with context.around(writer):
            yield writer
            writer.finish()


def image(named: Mapping[str, Any]) -> str:
    """Field values as JSON, as the audit keeps them; ``restore`` reads it."""
    plain = {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in named.items()}
    return json.dumps(plain) if plain else ""


def restore(entity: type[E], stored: str) -> dict[str, Any]:
    """The field values in an audit row's ``before`` or ``after``; fields this program no longer has are left out."""
    known = specs(entity)
    return {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for name, value in json.loads(stored or "{}").items()
        if name in known
    }
