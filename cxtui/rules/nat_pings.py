"""What pings prove about the way to a device: how many came back, how fast, how long ago (S-099…S-102, W-020)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from statistics import fmean, median

from cxtui.models.sip_user import Ping
from cxtui.rules.nat_facts import SHORTEST_BINDING, Contact, Evidence, Situation, bad, note, ok, unknown
from cxtui.rules.nat_paths import Path, since, span

MOST_PINGS = 60
"""The pings that count, the newest ones."""

LOST_IN_A_ROW = 2
"""Unanswered pings after which the way is taken for closed; a single one may just be lost."""

_INTERVALS = 2.5
_LONGEST_ROUND_TRIP = 3_600_000_000


class Proof(StrEnum):
    """What is known about the way to the device."""

    OPEN = "open"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """The newest pings counted: ``lost`` of ``sent``, ``in_a_row`` of them at the end; times in µs, None without any.

    ``jitter`` is the mean difference between one round trip and the next. Moments are epoch seconds: of the last one
    answered, the last one sent, and the first of those ``in_a_row``.
    """

    sent: int
    lost: int
    in_a_row: int
    shortest: int | None
    middle: float | None
    longest: int | None
    jitter: float | None
    answered_at: float | None
    sent_at: float | None
    lost_since: float | None


def round_trips(pings: tuple[tuple[float, int | None], ...]) -> RoundTrips:
    """Count the last MOST_PINGS of ``pings``, newest last; those with impossible times are left out."""
    counted = [one for one in pings[-MOST_PINGS:] if isfinite(one[0]) and _possible(one[1])]
    times = [took for _, took in counted if took is not None]
    in_a_row = 0
    while in_a_row < len(counted) and counted[-1 - in_a_row][1] is None:
        in_a_row += 1
    steps = [abs(later - earlier) for earlier, later in pairwise(times)]
    return RoundTrips(
        len(counted),
        len(counted) - len(times),
        in_a_row,
        min(times, default=None),
        median(times) if times else None,
        max(times, default=None),
        fmean(steps) if steps else None,
        max((at for at, took in counted if took is not None), default=None),
        counted[-1][0] if counted else None,
        counted[-in_a_row][0] if in_a_row else None,
    )


def milliseconds(microseconds: float) -> str:
    """``0.3``, ``42.1`` or ``1240``: a round trip in milliseconds, without the unit."""
    value = microseconds / 1000
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def last_answered(contact: Contact) -> float | None:
    """When a ping of the contact was last answered, in epoch seconds; None for never.

    A ``last_ping_at`` that lies among pings recorded as lost is when one was sent, and does not count.
    """
    trips, stated = round_trips(contact.pings), contact.last_ping_at
    if stated is not None and trips.lost_since is not None and stated >= trips.lost_since:
        stated = None
    return max((at for at in (stated, trips.answered_at) if at is not None and isfinite(at)), default=None)


def used_at(contact: Contact) -> float | None:
    """When the way to the contact was last known to carry a packet: its REGISTER or an answered ping."""
    answered = last_answered(contact)
    registered = contact.registered_at if isfinite(contact.registered_at) and contact.registered_at > 0 else None
    return max((at for at in (answered, registered) if at is not None), default=None)


def proof(situation: Situation, contact: Contact) -> Proof:
    """What the OPTIONS just sent says, else the pings as long as they are recent."""
    if situation.options_now is not None:
        return Proof.OPEN if situation.options_now[0] == "answered" else Proof.CLOSED
    trips = round_trips(contact.pings)
    pinged = situation.nat_ping != Ping.DISABLED
    if trips.in_a_row >= LOST_IN_A_ROW and (pinged or _recent(situation, trips.sent_at)):
        return Proof.CLOSED
    if _recent(situation, last_answered(contact)):
        return Proof.OPEN
    overdue = used_at(contact) is not None and not _recent(situation, used_at(contact))
    return Proof.CLOSED if pinged and overdue else Proof.NONE


def keep_alive_test(situation: Situation, path: Path, behind_nat: bool) -> Evidence:
    """Whether something keeps the way in open, given the NAT/SIP Ping setting (S-137)."""
    test, contact = "keep-alive", path.contact
    last = f"last ping {since(last_answered(contact), situation.now)}"
    if situation.nat_ping != Ping.DISABLED:
        return _pinged(test, situation, contact, last)
    if path.stream:
        return ok(test, f"NAT/SIP Ping is Disabled; {path.name} keeps its connection itself", "S-135")
    if not behind_nat:
        return note(test, f"NAT/SIP Ping is Disabled, {last}; nothing shows a NAT, a firewall may still close", "S-137")
    words = f"NAT/SIP Ping is Disabled, {last}"
    every = refreshed_every(contact)
    if every is not None:
        return note(
            test, f"{words}; the device registers every {span(every)} at least, which most NATs wait for", "S-137"
        )
    return bad(test, f"{words}: nothing is sent, and the NAT forgets the way in", "S-137")


def ping_test(contact: Contact) -> Evidence:
    """How many of the last pings came back and how fast (W-020)."""
    test, code = "pings", "W-020"
    trips = round_trips(contact.pings)
    if not trips.sent:
        return unknown(test, "no pings are recorded of this contact", code)
    words = f"lost {trips.lost} of {trips.sent}"
    if trips.shortest is not None and trips.middle is not None and trips.longest is not None:
        spread = "/".join(milliseconds(value) for value in (trips.shortest, trips.middle, trips.longest))
        words += f"; round trip min/median/max {spread} ms"
    if trips.jitter is not None:
        words += f", jitter {milliseconds(trips.jitter)} ms"
    if trips.in_a_row >= LOST_IN_A_ROW:
        return bad(test, f"{words}; the last {trips.in_a_row} were not answered", code)
    return note(test, words, code) if trips.lost else ok(test, words, code)


def options_test(situation: Situation) -> Evidence:
    """What an OPTIONS sent this moment got (W-019)."""
    test, code = "OPTIONS now", "W-019"
    if situation.options_now is None:
        return unknown(test, "not sent", code)
    outcome, count = situation.options_now
    if outcome == "answered":
        return ok(test, f"answered in {milliseconds(count)} ms" if _possible(count) else "answered", code)
    return bad(test, lost_options(situation), code)


def lost_options(situation: Situation) -> str:
    """``lost 3/3``, "" unless an OPTIONS just sent was not answered."""
    if situation.options_now is None or situation.options_now[0] != "timeout":
        return ""
    tries = min(max(1, situation.options_now[1]), 999)
    return f"lost {tries}/{tries}"


def refreshed_every(contact: Contact) -> float | None:
    """Seconds after which the device registers again at the latest, None where a NAT may forget it sooner."""
    if contact.expires_at is None or contact.registered_at <= 0:
        return None
    every = contact.expires_at - contact.registered_at
    return every if 0 < every <= SHORTEST_BINDING else None


def _pinged(test: str, situation: Situation, contact: Contact, last: str) -> Evidence:
    words = f"pinged every {max(1, situation.ping_interval)} s, {last}"
    if _recent(situation, last_answered(contact)):
        return ok(test, words, "S-101")
    if _recent(situation, used_at(contact)) and not round_trips(contact.pings).sent:
        words += f"; registered {since(contact.registered_at, situation.now)}, the first is due"
        return note(test, words, "S-101")
    return bad(test, f"{words}: pings do not come back", "S-102" if situation.nat_ping == Ping.TIMEOUT else "S-101")


def _recent(situation: Situation, at: float | None) -> bool:
    return at is not None and situation.now - at <= _INTERVALS * max(1, situation.ping_interval)


def _possible(took: int | None) -> bool:
    return took is None or 0 <= took <= _LONGEST_ROUND_TRIP
