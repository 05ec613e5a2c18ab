"""The pictures with edges: two switches with their agents on loopback, phones that register, and one behind a NAT."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from cxtui.config import Settings
from cxtui.demo import customers, mailboxes
from cxtui.demo.phones import Phone
from cxtui.edge.foreground import Foreground
from cxtui.edge.sites import trial_site
from cxtui.edge.trial import unusable
from cxtui.models.sip_user import SipUser
from cxtui.rules.challenge import answer, choose, parse_challenges
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, generate
from cxtui.services import credentials, edge_states, ip_auth, lookup, registrations, sip_users
from cxtui.services.context import Actor, Context
from cxtui.sip.message import parse
from cxtui.store.database import Database
from scripts.stage import PATIENCE, Hands, Scene

HOSTS = {"edge1": "127.0.0.1", "edge2": "127.0.0.2"}
PORTS = range(5060, 5160, 10)
USERS = ("1001", "1002", "1004", "1007", "2001", "reception")
"""Sample users with a phone that can be reached."""

NATTED = "1003"
INSIDE, OUTSIDE = "192.168.1.20:5060", "127.0.0.25"
"""What the phone behind a NAT says its address is, and where its packets come from."""

PINGS = 12
"""So many pings are seen of the phones before a picture is taken."""

SAVES = 12
PACE = 1.2
"""Seconds from a reload to the next save."""


async def edge(hands: Hands) -> None:
    """The channels of an entry are changed a few times, at the pace of somebody who types."""
    for number in range(SAVES):
        await hands.until(lambda: calm(hands.context), "a switch that may reload at once")
        entry = lookup.ip_entries(hands.context, "203.0.113.10")[0]
        ip_auth.save(hands.context, entry, {"channels": str(50 + number)})
        await hands.until(lambda: proven(hands.context), "the change on every edge")
    await hands.press("8")
    await hands.sees("✔ active")


async def registered(hands: Hands) -> None:
    """The users of a customer, the cursor on one that is pinged."""
    await hands.choose("Acme Telecom")
    await hands.press("3")
    await hands.sees("✔ online", "median")


async def nat_doctor(hands: Hands) -> None:
    """A user who registers and calls out, and gets no call."""
    await hands.press("slash")
    await hands.paste(NATTED)
    await hands.press("enter", "x")
    await hands.sees("The NAT binding has expired")


async def ladder(hands: Hands) -> None:
    """A login that is tried with what the database knows of the password."""
    await hands.press("slash")
    await hands.paste("1001")
    await hands.press("enter", "t", "p")
    await hands.sees("200 OK")


SCENES = (
    Scene("edge", "How the edges stand, and how soon each change was proven", edge, (120, 24)),
    Scene("registrations", "Who is registered, from where, and how its pings come back", registered, (120, 30)),
    Scene("nat-doctor", "Why a user gets no calls: verdict, evidence, fix", nat_doctor, (120, 40)),
    Scene("ladder", "A login, step by step", ladder, (120, 30)),
)


@contextmanager
def running() -> Iterator[Context]:
    """Alice before a database of her own with the demo's customers, two edges that serve it, and phones."""
    with tempfile.TemporaryDirectory(prefix="cxtui-screenshots-") as name, ExitStack() as stack:
        folder = Path(name)
        settings = mailboxes.served(Settings(db=folder / "cxtui.db"))
        database = Database(settings.db)
        database.create_or_upgrade(settings.realm)
        stack.callback(database.close)
        context = Context(database, Actor("alice", "198.51.100.20", "console"), settings, time.time)
        customers.add(context)
        mailboxes.add(context)
        places = [stack.enter_context(serving(context, folder / edge, edge)) for edge in HOSTS]
        until(lambda: proven(context), "edges that are proven to run")
        for number, user in enumerate(USERS, start=1):
            stack.enter_context(phone(context, folder / user, user, places[0], f"127.61.7.{number}"))
        register_behind_nat(context, stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)), places[0])
        until(lambda: all(pinged(context, user) for user in USERS), "phones that are registered and pinged")
        yield context


@contextmanager
def serving(context: Context, folder: Path, name: str) -> Iterator[str]:
    """An edge in a thread of its own; where it takes SIP, "address:port"."""
    place = next(place for port in PORTS if usable(place := f"{HOSTS[name]}:{port}"))
    site = trial_site(context, folder, name, (f"udp:{place}", f"tcp:{place}"), children=2, ping_interval=1)
    own = replace(context, database=Database(context.database.path))
    loop = asyncio.new_event_loop()
    running = Foreground(own, site, lambda line: None)
    thread = threading.Thread(target=lambda: loop.run_until_complete(running.run()), name=name)
    thread.start()
    try:
        yield place
    finally:
        loop.call_soon_threadsafe(running.stop)
        thread.join()
        loop.close()
        own.database.close()


def usable(place: str) -> bool:
    """Whether both kinds of traffic can be taken there."""
    return not any(unusable(f"{transport}:{place}") for transport in ("udp", "tcp"))


@contextmanager
def phone(context: Context, folder: Path, name: str, edge: str, address: str) -> Iterator[None]:
    """A phone of a user, whose password nobody else knows, and which the edge pings."""
    user, password = furnished(context, name, {"nat_ping": "enabled", "allow_list": ""})
    device = Phone(folder, user.username, password, realm=context.settings.realm, edge=edge, address=address)
    device.switch_on()
    try:
        yield
    finally:
        device.switch_off()


def furnished(context: Context, name: str, fields: dict[str, str]) -> tuple[SipUser, str]:
    """A sample user with fields and a password that were just set."""
    user = lookup.sip_user(context, name)
    assert user is not None
    sip_users.save(context, user, fields)
    user = lookup.sip_user(context, name)
    assert user is not None
    password = generate(PROFILES[context.settings.password_profile], secrets.choice, name)
    credentials.set_password(context, user, password)
    return user, password


def register_behind_nat(context: Context, link: socket.socket, edge: str) -> None:
    """Register a phone behind a NAT that forgets it at once: what is sent to it later, nobody reads."""
    user, password = furnished(context, NATTED, {"nat_ping": "disabled"})
    realm = context.settings.realm
    link.bind((OUTSIDE, 0))
    host, _, port = edge.rpartition(":")
    link.connect((host, int(port)))
    link.settimeout(PATIENCE)
    link.send(register(user.username, realm, 1, ""))
    challenge = choose(parse_challenges(parse(link.recv(8192)).every("WWW-Authenticate")))
    assert challenge is not None
    proof = answer(challenge, NATTED, ha1(NATTED, realm, password), "REGISTER", f"sip:{realm}", secrets.token_hex(8))
    link.send(register(user.username, realm, 2, proof.header()))
    assert parse(link.recv(8192)).status == 200


def register(user: str, realm: str, number: int, authorization: str) -> bytes:
    """A REGISTER as a phone behind a NAT writes it."""
    lines = [
        f"REGISTER sip:{realm} SIP/2.0",
        f"Via: SIP/2.0/UDP {INSIDE};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{realm}>;tag=5e1f",
        f"To: <sip:{user}@{realm}>",
        f"Call-ID: 7c2f91@{INSIDE}",
        f"CSeq: {number} REGISTER",
        f"Contact: <sip:{user}@{INSIDE}>;expires=3600",
        "User-Agent: Yealink SIP-T46U 108.86.0.20",
        *([f"Authorization: {authorization}"] if authorization else []),
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def proven(context: Context) -> bool:
    """Whether every edge was seen to run what was last saved."""
    with context.database.reading() as link:
        found = edge_states.states(link, context.now())
    return len(found) == len(HOSTS) and all(state.current for state in found)


def calm(context: Context) -> bool:
    """Whether no edge took a reload within the last second: none of its modules reloads more often."""
    with context.database.reading() as link:
        found = edge_states.states(link, context.now())
    return proven(context) and all(context.now() - (state.edge.reloaded_at or 0) > PACE for state in found)


def pinged(context: Context, name: str) -> bool:
    """Whether a user is registered and was pinged often enough for a picture."""
    user = lookup.sip_user(context, name)
    contacts = registrations.of_user(context, user) if user else ()
    return any(len(registrations.pings(contact)) >= PINGS for contact in contacts)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + 2 * PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.05)
