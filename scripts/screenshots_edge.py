"""The pictures with an edge: two switches with their agents on loopback, phones that register, and one behind a NAT."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cxtui.config import Settings
from cxtui.demo import customers
from cxtui.demo.phones import Phone
from cxtui.edge.foreground import Foreground
from cxtui.edge.sites import trial_site
from cxtui.edge.trial import unusable
from cxtui.models.sip_user import SipUser
from cxtui.rules.challenge import answer, choose, parse_challenges
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, generate
from cxtui.services import companies, credentials, edge_states, ip_auth, lookup, registrations, sip_users
from cxtui.services.context import Actor, Context
from cxtui.sip.message import parse
from cxtui.store.database import Database
from scripts.stage import PATIENCE, Hands, Scene

HOSTS = {"edge1": "127.0.0.1", "edge2": "127.0.0.2"}
PORTS = range(5060, 5160, 10)
USERS = ("1001", "1002", "1004", "2001", "reception")
"""Sample users with a phone that can be reached."""

NATTED = "1003"
INSIDE, OUTSIDE = "192.168.1.20:5060", "127.0.0.25"
"""What a phone behind a NAT says its address is, and where its packets come from."""

PINGS = 12
"""So many pings are seen of a phone before its picture is taken."""

SAVES = 9


async def edge(hands: Hands) -> None:
    """The channels of an entry are changed a few times, each once the change before is proven."""
    entry = hands.context
    (row,) = [row for row in ip_auth_of(entry, "203.0.113.10")]
    for number in range(SAVES):
        row = ip_auth.save(hands.context, row, {"channels": str(60 + number % 3)}).rows[0]
        await hands.until(lambda: proven(hands.context), "the change on every edge")
    await hands.press("8")
    await hands.sees("✔ active", f"last {SAVES}")
