"""A SIP user whose NAT/SIP Ping was switched on after its last REGISTER: no switch pings that contact yet (W-018)."""

from __future__ import annotations

from dataclasses import replace

from cxtui.models.findings import Severity
from cxtui.models.sip_user import PINGS, Ping
from cxtui.rules.nat import diagnose
from cxtui.rules.nat_endpoints import shown
from cxtui.rules.nat_facts import Contact, Diagnosis, Evidence, Situation, note
from cxtui.rules.nat_paths import live, read_path, span
from cxtui.rules.nat_pings import lost_options, milliseconds

KEEP_ALIVE = "keep-alive"
"""The test that knows the setting alone."""

NEXT = "Let the device register again (restart it, or wait for it): its REGISTER opens the way, pings keep it open."


def diagnose_due(situation: Situation) -> Diagnosis:
    """Judge a contact that the switch pings from its next REGISTER on, until which it is as good as not pinged.

    What is wrong besides, or that nothing is, stands as it is; pings are not offered as a fix, for that was made.
    """
    current = live(situation.contacts, situation.now)
    if not current or situation.nat_ping == Ping.DISABLED:
        return diagnose(situation)
    without = diagnose(replace(situation, nat_ping=Ping.DISABLED))
    waiting = _waiting(situation, current[0])
    evidence = tuple(waiting if one.test == KEEP_ALIVE else one for one in without.evidence)
    if without.fix is None or without.fix.field != "nat_ping":
        return replace(without, evidence=evidence)
    where = read_path(current[0]).where
    verdict = f"{where[:1].upper()}{where[1:]}: {_begins(situation, current[0])}. {_until_then(situation)}"
    if situation.edge_silent:
        verdict = f"{verdict.removesuffix('.')}; but the edge is silent and these facts are old."
    closed = situation.options_now is not None and situation.options_now[0] == "timeout"
    return Diagnosis(verdict, Severity.ERROR if closed else Severity.WARNING, evidence, None, NEXT)


def _waiting(situation: Situation, contact: Contact) -> Evidence:
    label = next((choice.label for choice in PINGS if choice.value == situation.nat_ping), situation.nat_ping)
    return note(KEEP_ALIVE, f"NAT/SIP Ping is {label} since its last REGISTER; {_begins(situation, contact)}", "S-137")


def _begins(situation: Situation, contact: Contact) -> str:
    name = shown(situation.username, 64) or "the user"
    words = f"the switch pings {name} from its next REGISTER on"
    if contact.expires_at is None:
        return words
    return f"{words}, in {span(max(1.0, contact.expires_at - situation.now))} at the latest"


def _until_then(situation: Situation) -> str:
    if situation.options_now is None:
        return "Until then nothing keeps the way in open."
    outcome, count = situation.options_now
    if outcome == "answered":
        return f"The way in is open now (OPTIONS answered in {milliseconds(count)} ms), but closes when it is idle."
    return f"Until then the way in is closed (OPTIONS {lost_options(situation)})."
