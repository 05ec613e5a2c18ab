"""The same fields of many rows as a plan (W-091)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxtui.models.fields import form_specs
from cxtui.models.findings import error
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.services.context import Context

from . import judging
from .columns import PASSWORD, heading
from .plan import KINDS, Batch, Column, Mode, Plan, Progress

OWN = ("address", "username", PASSWORD)
"""What every row has for itself."""


def plan_edit(
    context: Context,
    kind: str,
    rows: Sequence[IpAuth | SipUser],
    typed: Mapping[str, Any],
    progress: Progress | None = None,
) -> Plan:
    """What setting the ``typed`` fields of all ``rows`` would do; nothing is written.

    ``typed`` may not hold the address, the username or a password: those are one row's own. The port follows a new
    protocol where it was the usual one of the old (S-037), as it does in the form.
    """
    known = form_specs(KINDS[kind])
    fields = {name: "" if value is None else str(value) for name, value in typed.items()}
    faults = [error(name, "every row has its own; edit them one by one") for name in fields if name in OWN]
    faults += [error(name, f"there is no field {name}") for name in fields if name not in known and name not in OWN]
    if not fields:
        faults.append(error("fields", "name a field to change"))
    if not rows:
        faults.append(error("rows", "mark the rows to change"))
    columns = tuple(Column(name, heading(name)) for name in fields)
    same = tuple(fields.values())
    ids = tuple(dict.fromkeys(row.id for row in rows))
    asked = [(line, same) for line in range(1, len(ids) + 1)]
    batch = Batch(kind, Mode.EDIT, columns, asked, ids=ids)
    if faults:
        return judging.unplanned(batch, faults)
    with context.database.snapshot() as link:
        return judging.plan(context, link, batch, progress)
