"""The NAT doctor from the shell: why calls do not reach a SIP user, and the remedy (S-132)."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic, sleep
from typing import Any

from cxtui.models.findings import Severity
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, edge_jobs, nat_doctor, nat_report, registrations
from cxtui.services.nat_doctor import Examination
from cxtui.services.outcome import Change

from . import shapes
from .call import Call
from .entities import reason_option, which_options
from .grammar import Parser, whole_number
from .nouns import SIP

_WAIT_SECONDS = 10
_LOOK_EVERY = 0.1


def options(parser: Parser) -> None:
    """Whose calls do not arrive."""
    which_options(parser, SIP)
    parser.add_argument("--fix", action="store_true", help="save the change that is offered, and examine again")
    words = f"seconds to wait for the answer to an OPTIONS (usually {_WAIT_SECONDS})"
    parser.add_argument("--wait", metavar="N", type=whole_number, default=_WAIT_SECONDS, help=words)
    reason_option(parser)
    parser.set_defaults(act=_examined)


def _examined(call: Call) -> int:
    user: SipUser = SIP.pick(call, call.given("which"))
    found, change = _waited(call, nat_doctor.examine(call.context, user)), None
    remedy = found.diagnosis.fix
    if call.given("fix") and remedy is not None:
        change = nat_doctor.fix(replace(call.context, reason=call.reason), found.user, remedy)
        found = _waited(call, nat_doctor.examine(call.context, user))
    _tell(call, found, change)
    return 1 if change is None and found.diagnosis.severity is Severity.ERROR else 0


def _waited(call: Call, examination: Examination) -> Examination:
    """The examination as it stands once the OPTIONS has an outcome, or after the time that was given."""
    until = monotonic() + call.given("wait")
    while examination.pending and monotonic() < until:
        sleep(_LOOK_EVERY)
        examination = nat_doctor.again(call.context, examination)
    return examination


def _tell(call: Call, found: Examination, change: Change | None) -> None:
    company = companies.names(call.context, [found.user.company_id]).get(found.user.company_id, "")
    if call.output.as_json:
        done = {"change": change.id, "done": change.sentence} if change is not None else {}
        call.output.record(_record(found, company) | done)
        return
    if change is not None:
        call.output.warn(change.warnings)
        call.output.line(change.sentence)
    elif call.given("fix"):
        call.output.note("No fix is offered; nothing was changed.")
    call.output.lines(nat_report.lines(found, company))


def _record(found: Examination, company: str) -> dict[str, Any]:
    """An examination for a program; the round trip is in µs, null where no answer came."""
    diagnosis = found.diagnosis
    return {
        "username": found.user.username,
        "company": company,
        "at": shapes.moment(found.at),
        "verdict": diagnosis.verdict,
        "severity": str(diagnosis.severity) if diagnosis.severity is not None else None,
        "evidence": [
            {"test": one.test, "result": str(one.result), "text": one.text, "code": one.code}
            for one in diagnosis.evidence
        ],
        "fix": _fix(found),
        "next": diagnosis.next,
        "contact": found.contact.contact if found.contact is not None else None,
        "received": registrations.source(found.contact) if found.contact is not None else None,
        "edge": found.edge.edge.name if found.edge is not None else None,
        "options": _options(found),
        "pings_from_next_register": found.due,
    }


def _fix(found: Examination) -> dict[str, str] | None:
    remedy = found.diagnosis.fix
    if remedy is None:
        return None
    change = nat_doctor.difference(found.user, remedy)
    named = {"field": remedy.field, "value": remedy.value, "label": change.label}
    return {**named, "before": change.before, "after": change.after, "reason": remedy.reason}


def _options(found: Examination) -> dict[str, Any] | None:
    job = found.options
    if job is None:
        return None
    return {
        "state": job.state,
        "status": job.status or None,
        "round_trip": job.round_trip,
        "result": edge_jobs.outcome_words(job),
    }
