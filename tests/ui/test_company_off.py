"""A company that may not call, as the operator sees it whose customer rings up."""

from __future__ import annotations

from cxtui.services import companies
from cxtui.services.company_states import company_off
from cxtui.services.context import Context
from cxtui.ui.columns import IP_AUTH, state_cell
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.screens.nat_doctor import NatDoctorScreen
from tests.services.test_registrations import attach, register
from tests.ui.console import NARROW, console, lines_with
from tests.ui.test_app import choose
from tests.ui.test_registrations import user

WHY = "Beta Ltd is Penalty: no edge takes its calls or sends it any.  c Company"


async def test_a_company_in_penalty_is_seen_on_its_rows_and_told_by_the_doctor(town_context: Context) -> None:
    """W-105, W-024, S-132: on the smallest terminal, on tabs IP, SIP and Auth, of a user that is registered."""
    edge = attach(town_context)
    register(town_context, user(town_context, "office"), edge, received="198.51.100.99:5060")
    beta = companies.find_by_name(town_context, "Beta Ltd")
    assert beta is not None
    companies.save(town_context, beta, {"status": "penalty"})
    attach(town_context)
    async with console(town_context, NARROW) as opened:
        await choose(opened, "Beta Ltd")
        await opened.open("2")
        await opened.sees("○ company off", WHY)
        await opened.open("3")
        await opened.sees("○ company off", WHY.partition("  ")[0])
        assert "office" in next(lines_with(opened.picture, "○ company off"))
        await opened.press("x")
        await opened.until(lambda: isinstance(opened.app.screen, NatDoctorScreen))
        await opened.sees(
            "Beta Ltd is Penalty, so the edge refuses the registrations of office, and calls from and to it.",
            "set its company's Status to Active",
        )
        await opened.misses("Unblock", "Set NAT/SIP Ping")
        await opened.press("escape")
        await opened.open("1")
        assert len(list(lines_with(opened.picture, "○ company off"))) == 2


def test_the_word_fits_its_column_with_either_set_of_signs() -> None:
    (column,) = (column for column in IP_AUTH.columns if column.key == "state")
    for glyphs in (UTF8, ASCII):
        assert len(state_cell(company_off("", "", None), glyphs).text) <= column.width
