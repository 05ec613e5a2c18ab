"""What is known of a SIP user that gets no inbound calls, and what is said about it (S-132)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from cxtui.models.findings import Severity
from cxtui.models.sip_user import Ping

SHORTEST_BINDING = 120
"""Seconds that a NAT keeps an idle UDP binding at least (RFC 4787, REQ-5); many keep it for 30 only."""

UNBLOCK = "block"
"""The field of a ``Fix`` that is none of the SIP user's."""

Answered = tuple[Literal["answered"], int]
TimedOut = tuple[Literal["timeout"], int]


class Result(StrEnum):
    """How a test came out; a note is a circumstance that does no harm by itself."""

    OK = "ok"
    BAD = "bad"
    NOTE = "note"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One registered contact, its texts as they came from the network.

    ``contact`` is the URI as registered; ``received`` and ``received_port`` where the REGISTER came from, ``via`` and
    ``via_port`` what its topmost Via claims, ``sdp`` the address of the device's last SDP: "" or 0 where it is not
    known. ``transport`` is udp, tcp, tls, ws or wss, "" to take it from the URI. Times are epoch seconds,
    ``expires_at`` None for never. ``nat`` says that the edge marked it so. ``last_ping_at`` is when a ping was last
    answered, None for never. ``pings`` are (epoch seconds, round trip in µs or None for unanswered), newest last.
    """

    contact: str
    received: str = ""
    received_port: int = 0
    transport: str = ""
    via: str = ""
    via_port: int = 0
    user_agent: str = ""
    registered_at: float = 0.0
    expires_at: float | None = None
    nat: bool = False
    last_ping_at: float | None = None
    pings: tuple[tuple[float, int | None], ...] = ()
    sdp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """An address from which the switch answers nothing (S-011).

    ``why`` is the evidence, with words that came from the network; ``operator`` who blocked it by hand, "" where the
    edge did. ``held`` names the edges that hold it; ``lifting``
    says that it was unblocked and that they have not let go yet. Times are epoch seconds, ``expires_at`` is None for
    never.
    """

    address: str
    since: float
    why: str = ""
    operator: str = ""
    held: tuple[str, ...] = ()
    lifting: bool = False
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A SIP user, its contacts, the expired ones included, and the moment it is judged at.

    ``allow_list`` is the field as stored, networks separated by blanks. ``ping_interval`` counts seconds (S-101).
    ``options_now`` is the outcome of an OPTIONS just sent to the newest contact: ("answered", µs), ("timeout", tries)
    or None for not sent. ``no_edge``: none is attached; ``edge_silent``: the one that holds the registrations is not
    heard. ``blocked`` are addresses of its contacts and of its allow list, ``tried`` those that were blocked after they
    used its name, the last one first: whose they are nobody knows. ``company`` is the name of its company, with a
    status as stored.
    """

    username: str
    now: float
    company: str = ""
    company_status: str = "active"
    enabled: bool = True
    has_password: bool = True
    nat_ping: Ping = Ping.DISABLED
    allow_list: str = ""
    retain_did: bool = False
    contacts: tuple[Contact, ...] = ()
    ping_interval: int = 60
    options_now: Answered | TimedOut | None = None
    no_edge: bool = False
    edge_silent: bool = False
    blocked: tuple[Blocked, ...] = ()
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One test: its short name, how it came out, the sentence with the real values, the requirement it stands for."""

    test: str
    result: Result
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that is offered as a remedy, and why: of one field of the SIP user, or of what the firewall holds.

    With UNBLOCK as its field it lifts the block of the address ``value``.
    """

    field: str
    value: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict in one sentence, the tests behind it in their order, and what to do.

    ``severity`` is None where nothing was found wrong. ``next`` is the step for a person; it stands beside a fix too,
    for what a saved field cannot do.
    """

    verdict: str
    severity: Severity | None
    evidence: tuple[Evidence, ...]
    fix: Fix | None = None
    next: str = ""


def ok(test: str, text: str, code: str = "") -> Evidence:
    """A test that found nothing wrong."""
    return Evidence(test, Result.OK, text, code)


def bad(test: str, text: str, code: str = "") -> Evidence:
    """A test that found a cause."""
    return Evidence(test, Result.BAD, text, code)


def note(test: str, text: str, code: str = "") -> Evidence:
    """A test that found a circumstance worth knowing."""
    return Evidence(test, Result.NOTE, text, code)


def unknown(test: str, text: str, code: str = "") -> Evidence:
    """A test that could not be made."""
    return Evidence(test, Result.UNKNOWN, text, code)


def came_out_bad(evidence: Iterable[Evidence]) -> bool:
    """Whether any of the tests found a cause."""
    return any(one.result is Result.BAD for one in evidence)
