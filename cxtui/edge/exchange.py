"""The messages of a watched user, as the ladder keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import Any

from cxtui.models.sip_user import SipUser
from cxtui.rules.digest import Ha1
from cxtui.services import credentials
from cxtui.services.context import Context
from cxtui.sip import ladder
from cxtui.sip.conversations import is_told, newest
from cxtui.sip.judging import Secrets, judged
from cxtui.sip.ladder import Message
from cxtui.sip.trace import LATEST
from cxtui.store.rows import first

from .control import Event


def ladder_by(context: Context, events: Sequence[Event]) -> str:
    """What ``ladder_of`` gives, judged by the passwords in the database."""
    with context.database.reading() as link:
        return ladder_of(events, partial(_secret, link))


def ladder_of(events: Sequence[Event], known: Secrets | None = None) -> str:
    """The conversation that tells most, as text that ``sip.ladder`` reads again (S-083, W-101).

    What ``known``, the HA1s of the database, say of credentials is found here and kept, because what is kept of the
    credentials themselves is too little to find it later.
    """
    return ladder.dump(newest(judged(_message(event), known) for event in events))


def is_verdict(events: Sequence[Event]) -> bool:
    """Whether the last message says what came of credentials in one before it."""
    return is_told([_text(event) for event in events])


def _secret(link: sqlite3.Connection, username: str, realm: str) -> Ha1 | None:
    user = first(link, SipUser, "username = ?", (username,))
    kept = credentials.active(link, "sip_user", user.id) if user else None
    return Ha1(kept.ha1_md5, kept.ha1_sha256) if kept and kept.realm == realm else None


def _message(event: Event) -> Message:
    return Message(_moment(event), _place(event, "source"), _place(event, "destination"), _text(event))


def _text(event: Event) -> str:
    return str(event.get("text", ""))


def _place(event: Event, name: str) -> str:
    """Address and port; IPv6 comes without its brackets."""
    host, colon, port = str(event.get(name, "")).rpartition(":")
    return f"[{host}]:{port}" if ":" in host.strip("[]") and not host.startswith("[") else f"{host}{colon}{port}"


def _moment(event: dict[str, Any]) -> float:
    try:
        at = float(event.get("at", 0))
    except (TypeError, ValueError):
        return 0.0
    return at if isfinite(at) and 0 <= at <= LATEST else 0.0
