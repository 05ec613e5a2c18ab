"""The messages of a watched user, as the ladder keeps them."""

from __future__ import annotations

import sqlite3
from math import isfinite
from typing import Any

from cxtui.models.sip_user import SipUser
from cxtui.rules.digest import Ha1
from cxtui.services import credentials
from cxtui.sip.ladder import Message
from cxtui.sip.trace import LATEST
from cxtui.store.rows import first

from .control import Event


def secret_of(link: sqlite3.Connection, username: str, realm: str) -> Ha1 | None:
    """The HA1 that the database keeps of a user, for a realm (S-083)."""
    user = first(link, SipUser, "username = ?", (username,))
    kept = credentials.active(link, "sip_user", user.id) if user else None
    return Ha1(kept.ha1_md5, kept.ha1_sha256) if kept and kept.realm == realm else None


def message_of(event: Event) -> Message:
    """The message that a switch tells of, whole."""
    return Message(_moment(event), place_of(event, "source"), place_of(event, "destination"), text_of(event))


def place_of(event: Event, name: str) -> str:
    """Address and port of one end, as ``ip:port``; IPv6 comes without its brackets."""
    host, colon, port = str(event.get(name, "")).rpartition(":")
    return f"[{host}]:{port}" if ":" in host.strip("[]") and not host.startswith("[") else f"{host}{colon}{port}"


def text_of(event: Event) -> str:
    """The text of the message."""
    return str(event.get("text", ""))


def _moment(event: dict[str, Any]) -> float:
    try:
        at = float(event.get("at", 0))
    except (TypeError, ValueError):
        return 0.0
    return at if isfinite(at) and 0 <= at <= LATEST else 0.0
