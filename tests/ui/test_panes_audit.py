"""The Audit tab: what was changed, the history of a row, and taking a change back (W-027)."""

from __future__ import annotations

from cxtui.models.company import Company
from cxtui.services import companies, credentials, lookup
from cxtui.services.context import Context
from tests.support import OTHER_PASSWORD, execute, query
from tests.ui.console import NARROW, WIDE, console

ACTIVE = "SELECT owner_id, ha1_md5 FROM credential WHERE owner = 'sip_user' AND retired_by = '' ORDER BY owner_id"


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
        await opened.sees("This change was taken back.")
        await opened.press("up")
        await opened.sees("Penalty → Active")


async def test_a_password_is_taken_back_only_after_a_question_that_says_what_stops_working(
    town_context: Context,
) -> None:
    """S-126: `z` on any tab and `v` on the audit ask the same, once; No is what Enter says."""
    user = lookup.sip_user(town_context, "1003")
    assert user is not None
    before = query(town_context.database, ACTIVE)
    credentials.set_password(town_context, user, OTHER_PASSWORD)
    later = query(town_context.database, ACTIVE)
    async with console(town_context, WIDE) as opened:
        await opened.press("9")
        await opened.sees("password of SIP user 1003 set")
        for key in ("z", "v"):
            await opened.press(key)
            await opened.sees(
                "Put back the earlier password of SIP user 1003? The one set at ", "stops working at once."
            )
            await opened.press("enter")
            await opened.misses("Put back the earlier password")
        assert query(town_context.database, ACTIVE) == later
        await opened.press("z")
        await opened.sees("Put back the earlier password")
        await opened.press("y")
        await opened.hears("Undone: the earlier password of SIP user 1003 is in use again.")
    assert query(town_context.database, ACTIVE) == before


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
