"""The verdict over the tests of a SIP user without inbound calls: the first cause that explains it, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cxtui.models.findings import Severity
from cxtui.models.sip_user import Ping
from cxtui.rules.addresses import split_many
from cxtui.rules.nat_claims import excluded
from cxtui.rules.nat_endpoints import shown
from cxtui.rules.nat_facts import SHORTEST_BINDING, Diagnosis, Evidence, Fix, Result, Situation
from cxtui.rules.nat_far_end import SIP_ALG
from cxtui.rules.nat_firewall import Barred, barred, before_unblocking, reason, unblocking
from cxtui.rules.nat_paths import Path, since, span
from cxtui.rules.nat_pings import (
    Proof,
    last_answered,
    lost_options,
    milliseconds,
    refreshed_every,
    round_trips,
    used_at,
)
from cxtui.rules.nat_registration import company_off, last_seen

ASK = "Send an OPTIONS now to see whether the device can be reached."
ROUTING = "Look at the routing: does the DID lead to this user, and do the INVITEs reach this contact?"
COMPANY_ON = "Once it may call again, set its company's Status to Active (tab Companies); then let the device register."
REGISTER_AGAIN = (
    "Then let the device register again (restart it, or wait for it): its REGISTER opens the way, pings keep it open."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the tests found; ``path`` is that of the newest live contact, None where none is registered."""

    situation: Situation
    evidence: tuple[Evidence, ...]
    path: Path | None = None
    behind_nat: bool = False
    proof: Proof = Proof.NONE
    left_over: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """The username, printable."""
        return shown(self.situation.username, 64) or "the user"

    @property
    def pinged(self) -> bool:
        """Whether NAT/SIP Ping is on in either form."""
        return self.situation.nat_ping != Ping.DISABLED


def conclude(findings: Findings) -> Diagnosis:
    """The diagnosis; pings are offered as a fix only while NAT/SIP Ping is Disabled, and only where they help."""
    diagnosis = replace(_diagnosis(findings), evidence=findings.evidence)
    if not findings.situation.edge_silent or findings.situation.no_edge:
        return diagnosis
    verdict = f"{diagnosis.verdict.removesuffix('.')}; but the edge is silent and these facts are old."
    return replace(diagnosis, verdict=verdict, severity=diagnosis.severity or Severity.WARNING)


def _diagnosis(findings: Findings) -> Diagnosis:
    refused = _refused(findings)
    if refused:
        return refused
    path = findings.path
    block = barred(findings.situation)
    if block is not None:
        return _shut_out(findings, block)
    if path is None:
        return _not_registered(findings)
    if excluded(split_many(findings.situation.allow_list), path.contact.received):
        words = f"The IP Allow list of {findings.name} excludes {path.source}, the address it is registered from"
        step = "Add that address to the IP Allow list, or ask the customer why the device is there."
        return _error(f"{words}: its calls and its next registration are refused.", step)
    judge = {Proof.OPEN: _open, Proof.CLOSED: _closed, Proof.NONE: _unproved}[findings.proof]
    return judge(findings, path)


def _refused(findings: Findings) -> Diagnosis | None:
    """The user may not register, whatever the network does."""
    off = company_off(findings.situation)
    if not findings.situation.enabled:
        words = f"{findings.name} is disabled: the edge refuses its registrations and its calls."
        return _error(words, f"Enable the user. {off}: that status must change too." if off else "Enable the user.")
    if off:
        words = f"{off}, so the edge refuses the registrations of {findings.name}, and calls from and to it."
        return _error(words, COMPANY_ON)
    if not findings.situation.has_password:
        words = f"{findings.name} has no password: the edge refuses its registrations."
        return _error(words, "Set a password and hand it over to the customer.")
    return None


def _shut_out(findings: Findings, found: Barred) -> Diagnosis:
    """The switch hears nothing of the device: answers come in, no request does (S-011)."""
    block, name, path = found.block, findings.name, findings.path
    if block.lifting:
        words = f"{block.address} is being unblocked: {name} is heard again once every edge has let go of it."
        return _warning(words, "Then let the device register again.")
    told = f"{block.address}, {found.whose}, is blocked{reason(block)}"
    step = f"{before_unblocking(block)} Then let the device register again."
    if path is None:
        words = f"{name} is not registered now: {told}, so no REGISTER from there is answered."
        return _error(words, step, unblocking(block))
    until = path.contact.expires_at
    left = "" if until is None else f", in {span(until - findings.situation.now)} at the latest"
    words = f"The switch answers nothing from {name}: {told}. Calls to it end with its registration{left}."
    return _error(words, step, unblocking(block))


def _not_registered(findings: Findings) -> Diagnosis:
    if findings.situation.no_edge:
        words = f"No edge is attached, so nobody knows whether {findings.name} is registered."
        return _warning(words, "Attach an edge, or look at the switch itself.")
    words = f"{findings.name} is not registered now, so calls have nowhere to go: {last_seen(findings.situation)}."
    step = "Check that the device is on, and that its registrar, username and password are right."
    if findings.situation.allow_list.split():
        step += " The IP Allow list must hold the address that it registers from."
    return _error(words, step)


def _open(findings: Findings, path: Path) -> Diagnosis:
    """The device was reached: what may still go wrong is elsewhere."""
    proved = _proved(findings, path)
    if not findings.pinged and findings.behind_nat and not path.stream and refreshed_every(path.contact) is None:
        words = (
            f"The way in is open now ({proved}) but will close when it is idle: {path.where} by {path.name}, no pings."
        )
        return _warning(words, REGISTER_AGAIN, _fix(findings, path))
    if findings.left_over:
        words = f"The newest contact can be reached ({proved}), but calls may go to {_left(findings)}."
        return _warning(words, "Remove the contacts that are left over, or wait until they expire.")
    trips = round_trips(path.contact.pings)
    if findings.pinged and trips.in_a_row:
        words = f"The device answers ({proved}), but the last {_pings(trips.in_a_row)} before got lost: {path.where}."
        return _warning(words, "Watch the next pings: the way in opens with each REGISTER and may close again.")
    step = ROUTING
    if findings.situation.retain_did:
        step += " Retain DID is on: does the device take calls for the DID?"
    return Diagnosis(f"The path is open: {path.where}, {proved}.", None, (), None, step)


def _proved(findings: Findings, path: Path) -> str:
    now = findings.situation.options_now
    if now is not None:
        return f"OPTIONS answered in {milliseconds(now[1])} ms" if 0 <= now[1] < 10**10 else "OPTIONS answered"
    return f"a ping answered {since(last_answered(path.contact), findings.situation.now)}"


def _closed(findings: Findings, path: Path) -> Diagnosis:
    """Packets to the device get no answer."""
    lost = _lost(findings, path)
    if path.stream:
        words = f"The {path.name} connection of {findings.name} seems gone: {path.where}, {lost}."
        step = "Let the device register again; if that recurs, look at its keep-alive and the firewall's idle time."
        return _error(words, step)
    if not findings.pinged:
        cause = "The NAT binding has expired" if findings.behind_nat else "A firewall or the device drops what we send"
        words = f"{cause}: {path.where}, {_last_ping(findings, path)}, {lost}."
        return _error(words, REGISTER_AGAIN, _fix(findings, path))
    words = f"Pings do not come back: {path.where}, {_last_ping(findings, path)}, {lost}"
    if findings.situation.nat_ping == Ping.TIMEOUT:
        words += ", and its registration will be terminated"
    return _error(f"{words}; the firewall closes the way in, or the device does not answer OPTIONS.", _try(findings))


def _try(findings: Findings) -> str:
    steps = ["let the device register every 60 s or by TCP", "allow the edge's address in the customer's firewall"]
    if any(one.test == SIP_ALG and one.result is Result.NOTE for one in findings.evidence):
        steps.insert(0, "switch SIP ALG off in the customer's gateway")
    steps.append("check in a trace whether the OPTIONS arrive")
    return f"Try in this order: {'; '.join(steps)}."


def _unproved(findings: Findings, path: Path) -> Diagnosis:
    """Nothing was sent to the device lately, so only its registration speaks."""
    if findings.pinged:
        words = f"Too early to say: {path.where}, {_last_ping(findings, path)}, a ping goes out every"
        return _warning(f"{words} {max(1, findings.situation.ping_interval)} s.", ASK)
    if path.stream:
        words = f"{path.name} keeps the way in open by itself, but nothing proves that the connection still stands"
        return _warning(f"{words}: {path.where}.", ASK)
    if findings.behind_nat:
        return _binding(findings, path)
    if path.target is None or path.source is None:
        return _warning(f"Whether {findings.name} is behind a NAT cannot be told: {path.where}.", ASK)
    return _warning(f"No sign of a NAT, and nothing proves that the device answers: {path.where}, no pings.", ASK)


def _binding(findings: Findings, path: Path) -> Diagnosis:
    """Behind a NAT, by UDP, without pings: how long ago the binding was used says how sure its end is."""
    fix = _fix(findings, path)
    words = f"{path.where}, {_last_ping(findings, path)}, NAT/SIP Ping is Disabled."
    every = refreshed_every(path.contact)
    if every is not None:
        return _warning(f"Only its own REGISTER, each {span(every)}, keeps the NAT binding: {words}", ASK, fix)
    used = used_at(path.contact)
    if used is not None and findings.situation.now - used <= SHORTEST_BINDING:
        return _warning(f"The NAT binding will expire: {words}", REGISTER_AGAIN, fix)
    return _error(f"The NAT binding has expired or soon will: {words}", REGISTER_AGAIN, fix)


def _lost(findings: Findings, path: Path) -> str:
    options = lost_options(findings.situation)
    if options:
        return f"OPTIONS {options}"
    trips = round_trips(path.contact.pings)
    return f"pings lost {trips.lost} of {trips.sent}" if trips.sent else "no ping answered since it registered"


def _left(findings: Findings) -> str:
    count = len(findings.left_over)
    return "one that is left over" if count == 1 else f"{count} that are left over"


def _pings(count: int) -> str:
    return "ping" if count == 1 else f"{count} pings"


def _last_ping(findings: Findings, path: Path) -> str:
    return f"last ping {since(last_answered(path.contact), findings.situation.now)}"


def _fix(findings: Findings, path: Path) -> Fix:
    every = max(1, findings.situation.ping_interval)
    where = f"port {path.source_port} open" if path.source_port else "the way in open"
    reason = f"An OPTIONS every {every} s shows the NAT or firewall that the path is in use and keeps {where}"
    return Fix("nat_ping", Ping.ENABLED.value, "Set NAT/SIP Ping to Enabled", reason)


def _error(verdict: str, step: str, fix: Fix | None = None) -> Diagnosis:
    return Diagnosis(verdict, Severity.ERROR, (), fix, step)


def _warning(verdict: str, step: str, fix: Fix | None = None) -> Diagnosis:
    return Diagnosis(verdict, Severity.WARNING, (), fix, step)
