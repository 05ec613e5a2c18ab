"""Who acts, on which database."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING

from cxtui.config import Settings
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role, role_of
from cxtui.store.database import Database

from .outcome import Denied

if TYPE_CHECKING:
    from .writing import Writer


@dataclass(frozen=True, slots=True)
class Actor:
    """The operator as the audit names them: who, from where, and with which program; and what they may do."""

    operator: str
    origin: str
    program: str
    role: Role = Role.ADMIN

    def may(self, needs: Role) -> bool:
        """Whether this operator may do what ``needs`` a role."""
        return self.role >= needs


@dataclass(frozen=True, slots=True)
class Context:
    """What every service needs: the database, the actor, the settings and the clock (seconds since the epoch).

    ``reason`` is why the operator acts, for the audit; a verb's own ``reason`` goes before it. ``around`` is entered
    within the transaction of each change, before anything is written, and left before it is committed: what it raises
    undoes all of it.
    """

    database: Database
    actor: Actor
    settings: Settings
    now: Callable[[], float] = time
    reason: str = ""
    around: Callable[[Writer], AbstractContextManager[object]] = nullcontext


def who(environ: Mapping[str, str], program: str, settings: Settings) -> Actor:
    """The actor of this process. Raises ``Denied`` where the settings give its groups no role.

    The user id of the process cannot be set by the environment; SUDO_USER and SSH_CONNECTION are added because a
    shared service account would hide the person.
    """
    login = _login_name()
    sudo = environ.get("SUDO_USER", "")
    operator = f"{sudo} as {login}" if sudo and sudo != login else login
    origin = environ.get("SSH_CONNECTION", "").split(" ")[0] or "local"
    return Actor(clean(operator)[:80], clean(origin)[:80], program, _role(settings, login))


def _role(settings: Settings, login: str) -> Role:
    # Root could change the file anyway; refusing would only hide that.
    role = Role.ADMIN if os.geteuid() == 0 or not settings.roles else role_of(_groups(), settings.roles)
    if role is None:
        wanted = ", ".join(settings.roles.values())
        raise Denied(f"Access Denied: {clean(login)} is in none of the groups that may use this console ({wanted}).")
    return Role.VIEWER if settings.readonly else role


def _groups() -> set[str]:
    import grp

    names = set()
    for number in {os.getegid(), *os.getgroups()}:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return names


def _login_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
