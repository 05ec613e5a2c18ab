"""A range of new SIP users as a plan (W-092)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cxtui.models.findings import Finding, error
from cxtui.rules.printable import clean
from cxtui.rules.usernames import LONGEST
from cxtui.services.context import Context

from . import judging
from .columns import PASSWORD, heading
from .plan import Batch, Column, Mode, Plan, Progress

SPAN = "span"
"""The field of findings about the span itself."""

MOST = 100_000
"""Users that are added at once."""

_SEPARATORS = re.compile(r"[\s,;]+")
_AROUND_DASH = re.compile(r"\s*[-–]\s*")
_PART = re.compile(r"([0-9]+)(?:-([0-9]+))?\Z")
_QUOTED = 40


def plan_range(
    context: Context, company_id: int, span: str, typed: Mapping[str, Any], progress: Progress | None = None
) -> Plan:
    """What adding the users of a span, such as "1000-1199, 1300", would do; nothing is written.

    ``typed`` are the form's fields for all of them, without the username. Leading zeros are kept ("0001-0020"). A span
    that cannot be understood is a plan without rows whose ``faults`` say why.
    """
    names, faults = usernames(span)
    fields = {name: "" if value is None else str(value) for name, value in typed.items()}
    faults += [error(name, "each user has one of its own") for name in ("username", PASSWORD) if name in fields]
    columns = tuple(Column(name, heading(name)) for name in ("username", *fields))
    batch = Batch("sip_users", Mode.CREATE, columns, [], company_id)
    if faults:
        return judging.unplanned(batch, faults)
    same = tuple(fields.values())
    batch.rows.extend((line, (name, *same)) for line, name in enumerate(names, start=1))
    with context.database.snapshot() as link:
        return judging.plan(context, link, batch, progress)


def usernames(span: str) -> tuple[list[str], list[Finding]]:
    """The usernames of a span in its order, and what is wrong with it; a username that stands in it twice is."""
    names: dict[str, None] = {}
    parts = [part for part in _SEPARATORS.split(_AROUND_DASH.sub("-", span)) if part]
    faults = [] if parts else [error(SPAN, "write the usernames as a range, such as 1000-1199, 1300")]
    for part in parts:
        found = _part(part)
        if isinstance(found, str):
            faults.append(error(SPAN, f"{clean(part[:_QUOTED])}: {found}"))
            continue
        repeated = next((name for name in found if name in names), "")
        if repeated:
            faults.append(error(SPAN, f"{repeated} stands in it twice"))
        names.update(dict.fromkeys(found))
        if len(names) > MOST:
            return [], [error(SPAN, f"at most {MOST:,} users at once")]
    return [*names], faults


def _part(part: str) -> list[str] | str:
    """The usernames of one part, or what is wrong with it."""
    match = _PART.match(part)
    if not match:
        return "write numbers, such as 1000-1199"
    low, high = match[1], match[2] or match[1]
    if len(low) > LONGEST or len(high) > LONGEST:
        return f"a username has at most {LONGEST} characters"
    if len(low) != len(high) and any(end[0] == "0" and len(end) > 1 for end in (low, high)):
        return "with leading zeros both ends have as many digits"
    if int(low) > int(high):
        return f"begins after its end: {high}-{low}?"
    if int(high) - int(low) >= MOST:
        return f"at most {MOST:,} users at once"
    return [f"{number:0{len(low)}}" for number in range(int(low), int(high) + 1)]
