"""From a batch to its plan: the same decisions when it is looked at and when it is applied."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from cxtui.models.findings import Finding, error
from cxtui.services.context import Context

from . import ip_judging, sip_judging
from .columns import COMPANY
from .drafts import Draft
from .facts import Names
from .plan import Batch, Plan, PlannedRow, Progress


def plan(
    context: Context,
    link: sqlite3.Connection,
    batch: Batch,
    progress: Progress | None = None,
    faults: Sequence[Finding] = (),
) -> Plan:
    """What a batch would do to what ``link`` reads. ``faults`` are those that are known already."""
    names = Names(link)
    if batch.company_id is not None and batch.company_id not in names.owners:
        return unplanned(batch, [*faults, error(COMPANY, "was deleted in the meantime")])
    drafts: Sequence[Draft[Any]]
    if batch.kind == "ip_auth":
        drafts, found = ip_judging.judge(context, link, batch, names, progress)
    else:
        drafts, found = sip_judging.judge(context, link, batch, names, progress)
    rows: tuple[PlannedRow, ...] = tuple(draft.planned(names.words) for draft in drafts)
    return Plan(batch.kind, rows, batch.columns, (*faults, *found), batch)


def unplanned(batch: Batch, faults: Sequence[Finding]) -> Plan:
    """A plan without rows, for the ``faults`` it has."""
    return Plan(batch.kind, (), batch.columns, tuple(faults), batch)
