"""What the status of a company makes of its own state and of that of its rows (W-105)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from cxtui.models.company import MAY_CALL, Company
from cxtui.models.fields import Entity, form_specs, values
from cxtui.models.ip_auth import IpAuth
from cxtui.models.registration import Registration
from cxtui.models.sip_user import SipUser

from .usual_state import State

_NO_CALLS = "no edge takes its calls or sends it any."
_TURNED_OFF = (
    "SELECT id, name, status FROM company WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
    f" AND status NOT IN ({', '.join('?' * len(MAY_CALL))})"
)


def turned_off_among(link: sqlite3.Connection, rows: Sequence[Entity]) -> Mapping[int, str]:
    """The companies of ``rows`` whose status lets them neither call nor be called, by id: why, as a sentence."""
    ids = {row.company_id for row in rows if isinstance(row, IpAuth | SipUser | Registration)}
    if not ids:
        return {}
    found = link.execute(_TURNED_OFF, (json.dumps([*ids]), *MAY_CALL)).fetchall()
    return {key: _why(name, status) for key, name, status in found}


def company_off(why: str, doubt: str, blocked: State | None) -> State:
    """The state of a row whose company is turned off.

    ``doubt`` says why an edge may not have followed yet, ``blocked`` that there is a block besides, which mending the
    status leaves in force.
    """
    parts = (why, doubt, blocked.why if blocked else "")
    return State("company off", "offline", "warning", " ".join(filter(None, parts)), "company")


def company_state(company: Company) -> State:
    """The status of a company in its own words, and whether it may call with it."""
    if company.status == "active":
        return State("active", "ok", "success")
    from cxtui.rules.values import show

    label = show(form_specs(Company)["status"], company.status)
    if company.status in MAY_CALL:
        return State(label.lower(), "ok", "success", f"Its status is {label}: it may call.")
    return State(label.lower(), "offline", "muted", f"Its status is {label}: {_NO_CALLS}", "edit")


def block_range(company: Company) -> str:
    """The company's number block in words, empty where it has none."""
    from cxtui.rules.companies import block_of

    block = block_of(values(company))
    return str(block) if block else ""


def _why(name: str, status: str) -> str:
    from cxtui.rules.companies import turned_off

    return f"{turned_off(str(name), str(status))}: {_NO_CALLS}"
