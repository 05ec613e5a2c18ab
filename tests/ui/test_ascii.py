"""A terminal that knows ASCII alone is sent nothing else."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color

from cxtui.services import companies
from cxtui.services.context import Context
from cxtui.ui.ascii import AsciiOnly
from cxtui.ui.glyphs import ASCII
from tests.ui.console import NARROW, console


def test_a_line_keeps_its_width() -> None:
    line = [Segment("Müller – 日本 …│"), Segment("plain")]
    assert [segment.text for segment in AsciiOnly().apply(line, Color(0, 0, 0))] == ["M?ller - ???? ~|", "plain"]


async def test_lists_dialogs_and_forms_are_ascii_throughout(town_context: Context) -> None:
    companies.add(town_context, {"name": "Müller – Söhne"})
    async with console(town_context, NARROW, glyphs=ASCII) as opened:
        await opened.open("c")
        await opened.sees("M?ller - S?hne")
        assert opened.picture.isascii()
        await opened.press("d")
        await opened.sees("Delete customer")
        assert opened.picture.isascii()
        await opened.press("escape")
        await opened.open("2")
        await opened.press("a")
        await opened.fill(address="11.0.0.300\n11.0.0.0/25")
        await opened.sees("x 11.0.0.300: 300 is not an octet (0-255)", "[x] they send")
        assert opened.picture.isascii()
