"""The line on top of the tabs about one IP entry or SIP user."""

from __future__ import annotations

from cxtui.services.context import Context
from tests.ui.console import NARROW, WIDE, console


async def test_what_is_to_be_known_of_a_subject_is_read_on_80_columns_too(town_context: Context) -> None:
    """S-060: the rules of an entry that only receives run never, and it is said where they are."""
    words = "IP entry pbx.acme.example (they receive) · Acme Telecom 0 rules; no calls come in from it, so none are run"
    async with console(town_context, NARROW) as opened:
        await opened.open("2")
        await opened.sees("pbx.acme.example")
        await opened.press("end", "5")
        await opened.until(lambda: words in opened.flow.replace("\n ", " "))
        await opened.pilot.resize_terminal(*WIDE)
        await opened.until(lambda: words in " ".join(opened.picture.split("\n")[2].split()))
