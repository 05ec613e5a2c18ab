"""Why a SIP user gets no inbound calls: its live contact judged, an OPTIONS sent now, the remedy (S-132, W-100)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cxtui.models.company import MAY_CALL, Company
from cxtui.models.edge_job import EdgeJob
from cxtui.models.fields import form_specs
from cxtui.models.registration import Registration
from cxtui.models.sip_user import Ping, SipUser
from cxtui.rules.nat import Diagnosis, Evidence, Fix, Result, Situation, contact_of, diagnose
from cxtui.rules.nat_due import diagnose_due
from cxtui.rules.nat_facts import UNBLOCK
from cxtui.rules.roles import Role
from cxtui.rules.values import show
from cxtui.store.rows import by_id

from . import blocks, edge_jobs, nat_options, sip_users
from .audit import Difference
from .context import Context
from .edge_states import EdgeState, states
from .labels import label
from .nat_blocks import blocked, tried
from .outcome import Change, Gone, ServiceError
from .registrations import live, of_users

REASON = "NAT doctor"
"""What the audit says of a fix, before the reason that the operator gave."""

_MOST_OPTIONS = 9
_USUAL_INTERVAL = 60
_MOST_ROWS = 100
_OPTIONS_TEST = "OPTIONS now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A diagnosis with what it stands on; ``user`` is the row that was judged, at ``at`` in epoch seconds.

    ``contact`` is the newest live contact and ``edge`` the one that holds it, None without one. ``jobs`` are the ids of
    the OPTIONS sent to it since its last REGISTER, oldest first; ``options`` is how the newest stands and ``unsent``
    why there is none. ``pending`` says that one is still waited for. ``due``: NAT/SIP Ping was switched on after the
    last REGISTER, so the switch pings this contact from its next one on.
    """

    user: SipUser
    at: float
    situation: Situation
    diagnosis: Diagnosis
    contact: Registration | None = None
    edge: EdgeState | None = None
    jobs: tuple[int, ...] = ()
    options: EdgeJob | None = None
    unsent: str = ""
    due: bool = False

    @property
    def pending(self) -> bool:
        """Whether the outcome of an OPTIONS is still waited for."""
        return nat_options.pending(self.options, self.at)

    @property
    def unasked(self) -> bool:
        """Whether nothing was sent yet to the contact as it is registered now, though that can be done."""
        return self.contact is not None and not self.jobs and not self.unsent


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the database holds of one user at one moment."""

    user: SipUser
    situation: Situation
    contact: Registration | None
    edge: EdgeState | None
    due: bool


def situation(context: Context, user: SipUser) -> Situation:
    """What is known of a user and all of its contacts at every edge, without any OPTIONS. Raises ``Gone``."""
    return _facts(context, user).situation


def examine(context: Context, user: SipUser) -> Examination:
    """Judge a user, and ask for an OPTIONS to its newest live contact where that can be done. Raises ``Gone``."""
    return ask(context, _examination(context, _facts(context, user), ()))


def ask(context: Context, examination: Examination) -> Examination:
    """Ask for one more OPTIONS to the contact unless one is on its way; where none can be sent, say why (W-020)."""
    if examination.contact is None or examination.pending:
        return examination
    unsent = _hindrance(context, examination.edge)
    jobs = examination.jobs
    if not unsent:
        try:
            jobs += tuple(job.id for job in edge_jobs.ping(context, [examination.contact]))
        except ServiceError as problem:
            unsent = str(problem)
    return _examination(context, _facts(context, examination.user), jobs[-_MOST_OPTIONS:], unsent)


def again(context: Context, examination: Examination) -> Examination:
    """Judge anew, with the outcome of what was asked for. Raises ``Gone``.

    A REGISTER opens the way again, so what an OPTIONS before it came to counts no more.
    """
    facts = _facts(context, examination.user)
    same = _same(facts.contact, examination.contact)
    unsent = examination.unsent if same and _hindrance(context, facts.edge) else ""
    return _examination(context, facts, examination.jobs if same else (), unsent)


def fix(context: Context, user: SipUser, remedy: Fix) -> Change:
    """Save the change that a diagnosis offers; it is audited as the doctor's. Raises ``ServiceError``."""
    reason = f"{REASON}: {context.reason}" if context.reason else REASON
    if remedy.field == UNBLOCK:
        block = blocks.find_live(context, remedy.value)
        if block is None:
            raise ServiceError(f"{remedy.value} is not blocked any more.")
        return blocks.unblock(context, [block], reason=reason)
    return sip_users.save(context, user, {remedy.field: remedy.value}, reason=reason)


def difference(user: SipUser, remedy: Fix) -> Difference:
    """What a fix would change, in the operator's words."""
    if remedy.field == UNBLOCK:
        return Difference(f"Block of {remedy.value}", "in force", "lifted")
    spec = form_specs(SipUser)[remedy.field]
    return Difference(spec.label, show(spec, getattr(user, remedy.field)), show(spec, remedy.value))


def _facts(context: Context, user: SipUser) -> _Facts:
    now = context.now()
    with context.database.snapshot() as link:
        stored = by_id(link, SipUser, user.id)
        if stored is None:
            raise Gone(f"{label(user)} was deleted in the meantime.")
        company = by_id(link, Company, stored.company_id)
        rows = of_users(link, [user.id]).get(user.id, ())[:_MOST_ROWS]
        edges = {state.edge.id: state for state in states(link, now)}
        contact = next((row for row in rows if live(row, now)), None)
        edge = edges.get(contact.edge_id) if contact is not None else None
        unheard = not any(state.well for state in edges.values()) if edge is None else not edge.well
        known = Situation(
            username=stored.username,
            now=now,
            company=company.name if company is not None else "",
            company_status=company.status if company is not None else MAY_CALL[0],
            enabled=stored.enabled,
            has_password=stored.password_set_at is not None,
            nat_ping=Ping(stored.nat_ping),
            allow_list=stored.allow_list,
            retain_did=stored.retain_did,
            contacts=tuple(map(contact_of, rows)),
            blocked=blocked(link, stored, rows, now),
            tried=tried(link, stored) if contact is None else (),
            ping_interval=edge.edge.ping_interval if edge is not None else _USUAL_INTERVAL,
            no_edge=not edges,
            edge_silent=bool(edges) and unheard,
        )
        due = contact is not None and _pings_since(link, stored) > contact.registered_at
    return _Facts(stored, known, contact, edge, due)


def _pings_since(link: sqlite3.Connection, user: SipUser) -> float:
    """When NAT/SIP Ping was last switched on, in epoch seconds; 0 where it is off, or always was on."""
    if user.nat_ping == Ping.DISABLED:
        return 0.0
    statement = (
        "SELECT max(at) FROM audit WHERE entity = 'sip_user' AND entity_id = ?"
        " AND json_valid(before) AND json_valid(after)"
        " AND json_extract(before, '$.nat_ping') = ? AND json_extract(after, '$.nat_ping') <> ?"
    )
    off = Ping.DISABLED.value
    return float(link.execute(statement, (user.id, off, off)).fetchone()[0] or 0.0)


def _examination(context: Context, facts: _Facts, ids: Sequence[int], unsent: str = "") -> Examination:
    jobs = edge_jobs.outcomes(context, ids) if ids else ()
    last = jobs[-1] if jobs else None
    known = replace(facts.situation, options_now=nat_options.outcome(jobs))
    sent = nat_options.told(last, nat_options.pending(last, known.now), unsent)
    return Examination(
        user=facts.user,
        at=known.now,
        situation=known,
        diagnosis=_diagnosis(known, facts.due, sent),
        contact=facts.contact,
        edge=facts.edge,
        jobs=tuple(ids),
        options=last,
        unsent=unsent,
        due=facts.due,
    )


def _diagnosis(known: Situation, due: bool, sent: str) -> Diagnosis:
    """The verdict of the rules; what is not known of an OPTIONS yet stands beside its test."""
    found = diagnose_due(known) if due else diagnose(known)
    if known.options_now is not None or not sent:
        return found
    told = Evidence(_OPTIONS_TEST, Result.UNKNOWN, sent, "W-019")
    return replace(found, evidence=tuple(told if one.test == _OPTIONS_TEST else one for one in found.evidence))


def _hindrance(context: Context, edge: EdgeState | None) -> str:
    """Why no OPTIONS can be sent to a contact at an edge, as a sentence; "" where it can."""
    if not context.actor.may(Role.OPERATOR):
        return "Only an operator can send one."
    if edge is None:
        return "The edge that holds the registration is gone."
    if edge.silent:
        return f"{edge.edge.name} is silent."
    return f"{edge.edge.name} does not reach its switch." if edge.down else ""


def _same(contact: Registration | None, other: Registration | None) -> bool:
    """Whether both are one contact after the same REGISTER; the switch tells its time in whole seconds only."""
    if contact is None or other is None:
        return False
    return contact.ruid == other.ruid and abs(contact.registered_at - other.registered_at) < 1
