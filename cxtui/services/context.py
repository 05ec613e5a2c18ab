"""Who acts, on which database."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import time

from cxtui.config import Settings
from cxtui.rules.printable import clean
from cxtui.store.database import Database


@dataclass(frozen=True, slots=True)
class Actor:
    """The operator as the audit names them: who, from where, and with which program."""

    operator: str
    origin: str
    program: str


@dataclass(frozen=True, slots=True)
class Context:
    """What every service needs: the database, the actor, the settings and the clock (seconds since the epoch).

    ``reason`` is why the operator acts, for the audit; a verb's own ``reason`` goes before it.
    """

    database: Database
    actor: Actor
    settings: Settings
    now: Callable[[], float] = time
    reason: str = ""


def who(environ: Mapping[str, str], program: str) -> Actor:
    """The actor of this process.

    The user id of the process cannot be set by the environment; SUDO_USER and SSH_CONNECTION are added because a
    shared service account would hide the person.
    """
    login = _login_name()
    sudo = environ.get("SUDO_USER", "")
    operator = f"{sudo} as {login}" if sudo and sudo != login else login
    origin = environ.get("SSH_CONNECTION", "").split(" ")[0] or "local"
    return Actor(clean(operator)[:80], clean(origin)[:80], program)


def _login_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
