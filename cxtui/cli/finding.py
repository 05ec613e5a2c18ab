"""What a text may mean: an address and the networks that cover it, a user, a company."""

from __future__ import annotations

from cxtui.services import find as finding

from .call import Call
from .shapes import WORD_OF
from .tables import Column, table


def find(call: Call) -> int:
    """Write all that was found; exit code 1 where that is nothing."""
    hits = finding.find(call.context, call.given("text"))
    if call.output.as_json:
        call.output.records(
            {
                "kind": WORD_OF[hit.grid],
                "id": hit.id,
                "company_id": hit.company_id,
                "title": hit.title,
                "detail": hit.detail,
            }
            for hit in hits
        )
    elif hits:
        columns = [Column("Kind"), Column("ID", right=True), Column("What"), Column("Why")]
        rows = ([WORD_OF[hit.grid], str(hit.id), hit.title, hit.detail] for hit in hits)
        call.output.lines(table(columns, rows, call.output.room))
    else:
        call.output.note("Nothing like that was found.")
    return 0 if hits else 1
