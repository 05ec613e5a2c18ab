"""The Audit tab: what was changed, the history of a row, and taking a change back (W-027)."""

from __future__ import annotations

from cxtui.models.company import Company
from cxtui.services import companies
from cxtui.services.context import Context
from tests.support import execute
from tests.ui.console import NARROW, WIDE, console


def changed(context: Context) -> Company:
    """A company after a change that stands on top of the log."""
    company = companies.find_by_name(context, "Acme Telecom")
    assert company is not None
    change = companies.save(context, company, {"status": "penalty"}, reason="ticket 4711")
    assert isinstance(change.rows[0], Company)
    return change.rows[0]


async def test_the_newest_change_stands_on_top_and_is_told_field_by_field(town_context: Context) -> None:
    """W-027"""
    changed(town_context)
    for size in (WIDE, NARROW):
        async with console(town_context, size) as opened:
            await opened.press("9")
            await opened.sees("update of customer Acme Telecom", "ticket 4711", "Active → Penalty")


async def test_a_change_is_taken_back_after_a_question_whose_default_is_no(town_context: Context) -> None:
    company = changed(town_context)
    async with console(town_context, WIDE) as opened:
        await opened.press("9")
        await opened.sees("update of customer Acme Telecom")
        await opened.press("v", "enter")
        await opened.misses("Take back: update of customer Acme Telecom?")
        stored = companies.find_by_name(town_context, company.name)
        assert stored is not None
        assert stored.status == "penalty"
        await opened.press("v", "y")
        await opened.hears("Undone: update of customer Acme Telecom.")
        await opened.sees("Penalty → Active")


async def test_h_on_a_row_shows_its_history_alone(town_context: Context) -> None:
    """W-027"""
    changed(town_context)
    async with console(town_context, WIDE) as opened:
        await opened.open("c")
        await opened.sees("Acme Telecom")
        await opened.press("h")
        await opened.sees("2 matches #company/", "update of customer Acme Telecom")
        await opened.press("escape")
        await opened.misses("matches #company/")


async def test_tampering_is_told(town_context: Context) -> None:
    changed(town_context)
    async with console(town_context, WIDE) as opened:
        await opened.press("9")
        await opened.sees("update of customer")
        await opened.press("V")
        await opened.hears("The audit log is whole")
        execute(town_context.database, "UPDATE audit SET operator = 'eve' WHERE id = 1")
        await opened.press("V")
        await opened.hears("Row 1 of the audit log was altered")
