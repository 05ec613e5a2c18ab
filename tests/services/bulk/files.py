"""Small files and looks at plans, for the tests of bulk changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cxtui.models.findings import errors
from cxtui.rules.csv_table import lines_of
from cxtui.services.bulk.apply import apply
from cxtui.services.bulk.importing import plan_import
from cxtui.services.bulk.plan import Action, Applied, Plan
from cxtui.services.context import Context


def table(heading: str, *rows: str) -> bytes:
    """A file of words separated by blanks, an underscore alone for an empty cell."""
    cells = ([cell if cell != "_" else "" for cell in row.split(" ")] for row in (heading, *rows))
    return csv(cells)


def csv(rows: Iterable[Sequence[str]]) -> bytes:
    """A file of rows."""
    return "".join(lines_of(rows)).encode()


def imported(context: Context, kind: str, data: bytes, company_id: int | None = None) -> Applied:
    """A file that must be applied without a complaint."""
    plan = plan_import(context, kind, data, company_id=company_id)
    assert plan.ok, wrong(plan)
    return apply(context, plan)


def wrong(plan: Plan) -> list[tuple[int, str, str]]:
    """Line, field and text of everything that stands against a plan; what is said of the whole has the line 0."""
    whole = [(0, finding.field, finding.text) for finding in errors(plan.faults)]
    return whole + [(row.line, found.field, found.text) for row in plan.rows for found in errors(row.findings)]


def counts(plan: Plan) -> tuple[int, int, int, int]:
    """How many are created, changed, left and refused."""
    return plan.create, plan.change, plan.unchanged, plan.wrong


def actions(plan: Plan) -> list[Action]:
    """What becomes of each row."""
    return [row.action for row in plan.rows]
