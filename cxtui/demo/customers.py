"""The sample customers, made by the same verbs as any other, so that they keep every rule and stand in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from cxtui.models.ip_auth import Direction, IpAuth
from cxtui.models.rewrite import Parameter
from cxtui.models.sip_user import SipUser
from cxtui.rules.passwords import PROFILES, PasswordPolicy, generate
from cxtui.services import companies, credentials, edges, ip_auth, rewrites, sip_profiles, sip_users
from cxtui.services.context import Actor, Context
from cxtui.services.edges import Sighting
from cxtui.services.rewrite_tests import keep_tests
from cxtui.services.subjects import Subject
from cxtui.store.database import Database

from . import mailboxes, sample

if TYPE_CHECKING:
    from sqlmodel import Session

OPERATOR = "provisioning"
"""Nobody who could sit at the console, so that ``z`` never takes a sample customer away."""

PROGRAM = "demo"

_DAY = 86_400.0


class OneTransaction(Database):
    """A database in which many verbs can be one transaction; it may be used by one thread."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.path)
        self._session: Session | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written until the end is committed at the end, or not at all."""
        with super().transaction() as session:
            self._session = session
            try:
                yield
            finally:
                self._session = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The transaction of ``together``; outside of it, one of its own."""
        if self._session is not None:
            yield self._session
            return
        with super().transaction() as session:
            yield session


def add(context: Context) -> None:
    """Add every sample customer to an empty database; one new address of Acme and one office of a user are blocked.

    Raises ``ServiceError`` where a customer stands there already; each customer is added as a whole.
    """
    now = context.now()
    database = OneTransaction(context.database)
    edges.record(context, _blocked(now))
    try:
        with database.together():
            profiles = _profiles(_at(context, database, now - 40 * _DAY))
        acme = 0
        for place, customer in enumerate(sample.CUSTOMERS):
            with database.together():
                company_id = _customer(_at(context, database, now - (30 - 2 * place) * _DAY), customer, profiles)
            acme = acme or company_id
        ip_auth.add(_at(context, database, now - 120), acme, sample.NEW_ENTRY)
    finally:
        database.close()


def _at(context: Context, database: Database, moment: float) -> Context:
    return replace(context, database=database, actor=Actor(OPERATOR, "192.0.2.10", PROGRAM), now=lambda: moment)


def _profiles(context: Context) -> dict[str, str]:
    """The id of each profile, as it is typed, by name."""
    return {typed["name"]: str(sip_profiles.add(context, typed).rows[0].id) for typed in sample.PROFILES}


def _customer(context: Context, customer: sample.Customer, profiles: Mapping[str, str]) -> int:
    company_id = companies.add(context, customer.company).rows[0].id
    policy = PROFILES[context.settings.password_profile]
    for typed in customer.trunks:
        for entry in ip_auth.add(context, company_id, typed).rows:
            if isinstance(entry, IpAuth):
                _furnish(context, entry, customer, policy)
    for user in customer.users:
        chosen = {"profile_id": profiles[user.profile]} if user.profile else {}
        typed = {**user.fields, **chosen, **mailboxes.fields_of(user.fields["username"])}
        stored = sip_users.add(context, company_id, typed).rows[0]
        if isinstance(stored, SipUser) and user.password:
            credentials.set_password(context, stored, _forgotten(policy, stored.username))
    return company_id


def _furnish(context: Context, entry: IpAuth, customer: sample.Customer, policy: PasswordPolicy) -> None:
    """What belongs to an entry: our password at its switch, its rewriting."""
    if entry.uac_username:
        credentials.set_outbound_password(context, entry, _forgotten(policy))
    rewriting = customer.rewriting
    if rewriting is None or entry.address != rewriting.address or entry.direction != Direction.EGRESS:
        return
    subject = Subject("ip_auth", entry.id)
    for rule in rewriting.rules:
        rewrites.add(context, subject, rule)
    keep_tests(context, subject, Parameter.DESTINATION, rewriting.tests)


def _forgotten(policy: PasswordPolicy, username: str = "") -> str:
    """A password that nobody will ever know."""
    return generate(policy, secrets.choice, username)


def _blocked(now: float) -> list[Sighting]:
    """What the edges saw before the operator heard of it: S-011 and S-012 come true when the addresses are added."""
    switch = Sighting("203.0.113.77", now - 2400, 12, "INVITE not authorised", "", "Asterisk PBX 18", "table")
    office = Sighting(
        "198.51.100.107", now - 900, 9, "wrong password 1007", "1007", "Yealink SIP-T46U 108.86.0.20", "fail2ban"
    )
    return [
        switch,
        replace(switch, at=now - 125, hits=200),
        office,
        replace(office, at=now - 60, hits=31),
    ]
