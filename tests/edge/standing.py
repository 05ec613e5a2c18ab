"""Edges that stand for a whole module: for tests that do not get into each other's way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import Any

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, credentials, sip_users
from cxtui.services.context import Context
from cxtui.store.database import Database
from cxtui.store.rows import first
from tests.edge.bench import Bench
from tests.support import PASSWORD, operator


@contextmanager
def standing(template: Path, folder: Path, **site: Any) -> Iterator[Bench]:
    """A running edge on a copy of the template; its ``context`` is an operator's console by the real clock."""
    database = Database(Path(shutil.copy(template, folder / "cxtui.db")))
    bench = Bench(operator(database, "alice", time), folder, **site)
    try:
        yield bench.start()
    finally:
        bench.close()
        database.close()


def company(context: Context, name: str = "Beta Ltd") -> Company:
    """A company without limits and without a number block."""
    found = companies.find_by_name(context, name)
    assert found is not None
    return found


def admit(context: Context, username: str, password: str = PASSWORD, **typed: str) -> SipUser:
    """Add a SIP user of that company, with a password unless that is empty."""
    __tracebackhide__ = True
    (user,) = sip_users.add(context, company(context).id, {"username": username, **typed}).rows
    assert isinstance(user, SipUser)
    return proven(context, user, password) if password else user


def known(context: Context, username: str) -> SipUser:
    """The user of that name as it is stored now; it is added where there is none."""
    with context.database.reading() as link:
        found = first(link, SipUser, "username = ?", (username,))
    return found or admit(context, username)


def proven(context: Context, user: SipUser, password: str) -> SipUser:
    """Give a user a password."""
    __tracebackhide__ = True
    (stored,) = credentials.set_password(context, user, password).rows
    assert isinstance(stored, SipUser)
    return stored
