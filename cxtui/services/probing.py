"""Trying a SIP user's password through the edges, as its phone would (S-080…S-083)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.addresses import covering_firsts, parse_network
from cxtui.rules.digest import Ha1, ha1
from cxtui.rules.printable import clean
from cxtui.rules.roles import Role
from cxtui.sip.ladder import Proof, Trace
from cxtui.sip.probe import Result
from cxtui.sip.probe import probe as log_in
from cxtui.sip.verdicts import Outcome
from cxtui.sip.wire import Target, own_address
from cxtui.store.probes import covers
from cxtui.store.rows import by_id

from .context import Context
from .credentials import active, realm_of
from .edge_states import EdgeState, span, states
from .edges import blocks_of
from .labels import label
from .ladders import Exchange, places
from .outcome import Gone, ServiceError, refuse
from .writing import require, writing

PROBE_USER = "cxtui-probe"
"""Who is called: nobody. An edge answers such a call itself once the password was right."""

SECONDS = 4.0
"""How long each edge is waited for."""

_AT_ONCE = 8
_STORED = "Tried with the stored HA1: it shows whether edge and database agree, not what the phone has."
_GIVEN = "Tried with the password itself, as the phone would."
_AFTER_PASSWORD = {
    "ip not authorised": "the allow list of {user} does not have this console's address {own}",
    "user disabled": "{user} or its company is disabled",
    "tls required": "{user} may only come over TLS, which the probe does not speak",
}
"""What an edge refuses by 403 only after it has found the password right, by its reason in lower case."""

_REFUSED = {
    Proof.DIFFERS: ": another password is stored for {user}",
    Proof.UNKNOWN: ": no password is stored for {user}",
    Proof.MATCH: " although it is stored: the edge goes by another database, or by older data",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How an edge can be reached by SIP from here: ``target``, or in a sentence what stands against it."""

    edge: str
    target: Target | None
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """All that the attempts at all edges have in common."""

    user: str
    realm: str
    secret: Ha1 = field(repr=False)
    stored: Ha1 | None = field(repr=False)
    basis: str
    seconds: float

    def known(self, username: str, realm: str) -> Ha1 | None:
        """The HA1 that the edges should go by."""
        return self.stored if (username, realm) == (self.user, self.realm) else None


def targets(context: Context) -> tuple[Reach, ...]:
    """Where each edge that speaks takes SIP, UDP before TCP."""
    with context.database.reading() as link:
        return tuple(_reach(state) for state in states(link, context.now()) if state.well)


def probe(
    context: Context, user: SipUser, password: str | None = None, *, edge: str = "", seconds: float = SECONDS
) -> tuple[Exchange, ...]:
    """Log in as a SIP user at every edge that speaks, or at the one named, and call nobody.

    Without ``password`` the stored HA1 is used. Raises ``Denied``, ``Gone``, ``Refused`` where there is no password,
    and ``ServiceError`` where no edge speaks; whatever the edges do is in the answer. It is audited, without the
    password.
    """
    require(context, Role.OPERATOR)
    reaches = _wanted(targets(context), edge)
    attempt = _attempt(context, user, password, seconds)
    tried = [reach for reach in reaches if reach.target]
    if tried:
        with writing(context) as writer:
            where = ", ".join(reach.edge for reach in tried)
            writer.note("PROBE", writer.fresh(user), f"password of {label(user)} tried at {where}")
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="cxtui-probe") as pool:
        return tuple(pool.map(partial(_try, context, attempt), reaches))


def _reach(state: EdgeState) -> Reach:
    name, found = clean(state.edge.name), places(state.edge.listens)
    spoken = sorted((place for place in found if place[0] in ("udp", "tcp")), key=lambda place: place[0] != "udp")
    for transport, host, port in spoken:
        if not ip_address(host).is_unspecified:
            return Reach(name, Target(host, port, transport))
    if spoken:
        return Reach(name, None, f"{name} listens on every address of its machine: which to try cannot be known here.")
    if found:
        return Reach(name, None, f"{name} takes TLS alone, which the probe does not speak.")
    return Reach(name, None, f"{name} does not say where it listens.")


def _wanted(reaches: Sequence[Reach], edge: str) -> list[Reach]:
    found = [reach for reach in reaches if edge in ("", reach.edge)]
    if not found and edge and reaches:
        raise ServiceError(f"No edge {edge} reports and reaches its switch; {', '.join(r.edge for r in reaches)} do.")
    if not found:
        raise ServiceError("No edge reports and reaches its switch: nothing can be tried.")
    return found


def _attempt(context: Context, user: SipUser, password: str | None, seconds: float) -> _Attempt:
    realm = realm_of(context)
    with context.database.reading() as link:
        now = by_id(link, SipUser, user.id)
        stored = _stored(link, now, realm) if now else None
    if now is None:
        raise Gone(f"{label(user)} was deleted in the meantime.")
    try:
        secret = stored if password is None else ha1(now.username, realm, password)
    except ValueError as problem:
        raise refuse("password", str(problem), "C-05") from None
    if secret is None:
        raise ServiceError(f"{now.username} has no password for the realm {realm}: set one first.")
    basis = _STORED if password is None else _GIVEN
    return _Attempt(user=now.username, realm=realm, secret=secret, stored=stored, basis=basis, seconds=seconds)


def _stored(link: sqlite3.Connection, user: SipUser, realm: str) -> Ha1 | None:
    kept = active(link, "sip_user", user.id)
    return Ha1(kept.ha1_md5, kept.ha1_sha256) if kept is not None and kept.realm == realm else None


def _try(context: Context, attempt: _Attempt, reach: Reach) -> Exchange:
    if reach.target is None:
        return Exchange(edge=reach.edge, username=attempt.user, sentence=reach.obstacle)
    own = own_address(reach.target)
    with context.database.reading() as link:
        authorised, blocked = (_is_authorised(link, own), bool(blocks_of(link, [own]))) if own else (False, False)
    result = log_in(
        reach.target,
        attempt.user,
        attempt.realm,
        attempt.secret,
        # A call from an authorised address would not be asked for a password, but sent on.
        "REGISTER" if authorised else "INVITE",
        timeout=attempt.seconds,
        to_user=PROBE_USER,
        known=attempt.known,
    )
    why = (
        f" This console's address {own} is authorised by IP: tried with REGISTER in place of a call."
        if authorised
        else ""
    )
    names = {}
    if result.messages:
        names = {result.messages[0].source: "this console", result.messages[0].destination: reach.edge}
    return Exchange(
        edge=reach.edge,
        username=attempt.user,
        sentence=_sentence(result, reach.edge, attempt.user, own, blocked),
        right=_is_right(result),
        basis=attempt.basis + why,
        trace=Trace(result.messages),
        names=names,
    )


def _is_authorised(link: sqlite3.Connection, address: str) -> bool:
    network = parse_network(address)
    where = "enabled AND direction = 'egress'"
    return bool(covers(link, IpAuth, network.last, covering_firsts(network), where))


def _is_right(result: Result) -> bool | None:
    if result.outcome is Outcome.ACCEPTED or (result.outcome is Outcome.FORBIDDEN and _beyond_password(result)):
        return True
    return False if result.outcome is Outcome.REFUSED else None


def _beyond_password(result: Result) -> str:
    """What stood in the way after the password was found right, empty where that is not known."""
    return _AFTER_PASSWORD.get(result.reason.strip().lower(), "") if len(result.statuses) > 1 else ""


def _sentence(result: Result, edge: str, user: str, own: str, blocked: bool) -> str:
    way = f"{' → '.join(map(str, result.statuses))} in {span(result.seconds)}"
    proof = next((message.proof for message in reversed(result.messages) if message.proof), Proof.NONE)
    if result.outcome is Outcome.ACCEPTED and result.status < 300:
        return f"{edge} accepts it ({way})."
    if result.outcome is Outcome.FORBIDDEN and (beyond := _beyond_password(result)):
        return f"{edge} found the password right ({way}), but {beyond.format(user=user, own=own)}."
    if result.outcome is Outcome.REFUSED and proof in _REFUSED:
        return f"{edge} refuses it ({way}){_REFUSED[proof].format(user=user)}."
    if result.outcome is Outcome.NO_ANSWER and blocked:
        return f"{edge}: {result.verdict} This console's address {own} is blocked."
    return f"{edge}: {result.verdict}"
