"""The codecs and those restricted, side by side: as an operator meets them, with keys and with the mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.pilot import Pilot

from cxtui.models.fields import Choice, FieldSpec, Kind
from cxtui.models.findings import warning
from cxtui.rules.codecs import CODECS, codecs_of
from cxtui.services.context import Context
from cxtui.ui.forms.field import FieldRow
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.glyphs import ASCII, UTF8
from cxtui.ui.widgets.choices import Choices
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.transfer import Transfer
from cxtui.ui.widgets.transfer_lists import ALL, RESTRICTED, TransferLists
from tests.support import query
from tests.ui.console import NARROW, console

PANEL, SLIM = (76, 16), (50, 14)
BANNER = "All Codecs are enabled when the Restricted list is empty."
EVERY = ",".join(codec.value for codec in CODECS)
SPEC = FieldSpec("Restricted Codecs", Kind.CODECS, name="restricted_codecs", help="What the field is for.")


class WatchedTransfer(Transfer):
    """Writes down which lines were painted."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.painted: set[int] = set()

    def render_line(self, y):
        self.painted.add(y)
        return super().render_line(y)


class Page(Vertical):
    """Gives the keys the way they have in a form."""

    on_key = FormPanel.on_key


class Lists(App):
    """A form with a field before the codecs and one after them."""

    CSS = "Transfer { height: 1fr; max-height: 100%; } Page > Entry { display: none; }"

    def __init__(self, value: str = "", *, options=CODECS, between: bool = False, **more):
        super().__init__()
        self.transfer = WatchedTransfer(options, value, **more)
        self.between = between
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        with Page():
            yield Entry(id="before")
            yield self.transfer
            yield Entry(id="after")

    def on_mount(self) -> None:
        if self.between:
            self.query(Entry).set(display=True)
        self.transfer.focus()

    def on_transfer_changed(self, message: Transfer.Changed) -> None:
        assert message.control is self.transfer
        self.heard.append(message)

    def on_choices_pointed(self, message: Choices.Pointed) -> None:
        self.heard.append(message)

    @property
    def picture(self) -> list[str]:
        """The lines on the screen."""
        return [line.text.rstrip() for line in self.screen._compositor.render_strips(self.screen.size)]

    def column(self, side: int) -> list[str]:
        """What the codecs' lines say on one side, signs and notes left out."""
        divided = [line for line in self.picture if any(sign in line for sign in "│|→←")]
        half = (self.transfer.size.width - 3) // 2
        parts = [line[: half - 1] if side == 0 else line[half + 3 :].ljust(half)[: half - 1] for line in divided[2:]]
        return [part[2:].split()[0] for part in parts if part.strip()]

    @property
    def cursor(self) -> tuple[int, str]:
        """The side of the one cursor and the codec it is on."""
        found = []
        half = (self.transfer.size.width - 3) // 2
        for line in self.picture:
            for side, x in ((0, 0), (1, half + 3)):
                if line[x : x + 1] in ("▸", ">"):
                    found.append((side, line[x + 2 :].split()[0]))
        (one,) = found
        return one


@asynccontextmanager
async def opened(
    value: str = "", size: tuple[int, int] = PANEL, **options
) -> AsyncIterator[tuple[Lists, Transfer, Pilot]]:
    app = Lists(value, **options)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, app.transfer, pilot


async def test_a_new_entry_has_every_codec_enabled_and_says_so() -> None:
    """S-050, S-051, W-051."""
    async with opened() as (app, transfer, _):
        assert transfer.value == ""
        assert app.picture[0] == BANNER
        assert app.picture[1].split("│") == ["All Codecs 19/19".ljust(37), " Restricted 0/19"]
        assert app.column(0)[:3] == ["AMR", "AMR-WB", "G718"]
        assert app.column(1) == ["none"]
        assert app.cursor == (0, "AMR")


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_a_key_restricts_the_codec_under_the_cursor_and_enables_it_again(key: str) -> None:
    """W-050, W-051: 17 and 2 after restricting two."""
    async with opened() as (app, transfer, pilot):
        await pilot.press("down", key, key)
        assert transfer.value == "AMR-WB,G718"
        assert app.cursor == (0, "G722")
        assert "All Codecs 17/19" in app.picture[1]
        assert "Restricted 2/19" in app.picture[1]
        await pilot.press("right")
        assert app.cursor == (1, "G718")
        await pilot.press(key)
        assert transfer.value == "AMR-WB"
        assert app.cursor == (1, "AMR-WB")
        await pilot.press("left")
        assert app.cursor == (0, "G718")


async def test_both_lists_keep_the_order_of_the_codecs() -> None:
    async with opened("speex,AMR,opus") as (app, transfer, pilot):
        assert transfer.value == "AMR,opus,speex"
        assert app.column(1) == ["AMR", "opus", "speex"]
        await pilot.press("right", "down", "enter", "end", "enter")
        assert transfer.value == "AMR"
        assert app.cursor == (1, "AMR")
        await pilot.press("enter", "enter")
        assert transfer.value == ""


async def test_the_cursor_stays_in_view_and_shows_that_there_is_more() -> None:
    async with opened() as (app, _, pilot):
        assert any("↓" in line for line in app.picture)
        for codec in CODECS[1:]:
            await pilot.press("down")
            assert app.cursor == (0, codec.value)
        await pilot.press("down", "up")
        assert app.cursor == (0, "SILK")
        assert any("↑" in line for line in app.picture)
        await pilot.press("home")
        assert app.cursor == (0, "AMR")


async def test_typing_narrows_the_list_that_has_the_cursor_and_only_that() -> None:
    """W-051."""
    async with opened("G729,opus") as (app, transfer, pilot):
        await pilot.press("end", *"G72")
        assert app.column(0) == ["G722", "G723", "G726", "G728"]
        assert app.column(1) == ["G729", "opus"]
        assert app.cursor == (0, "G722")
        assert app.picture[2].startswith("Search G72")
        assert "All Codecs 17/19" in app.picture[1]
        await pilot.press("backspace", "backspace", "s", "m")
        assert app.column(0) == ["GSM", "GSM-EFR", "GSM-HR-08"]
        await pilot.press("right", "o", "p")
        assert app.column(1) == ["opus"]
        await pilot.press("enter")
        assert transfer.value == "G729"


async def test_what_no_codec_is_called_is_searched_in_the_notes() -> None:
    async with opened() as (app, transfer, pilot):
        await pilot.press(*"g711")
        assert app.column(0) == ["PCMA", "PCMU"]
        await pilot.press(*"zz")
        assert "none has g711zz" in "\n".join(app.picture)
        await pilot.press("enter", "down", "up")
        assert (transfer.value, transfer.help) == ("", "")


async def test_a_search_that_has_found_its_last_codec_begins_anew() -> None:
    async with opened() as (app, transfer, pilot):
        await pilot.press(*"opus", "enter")
        assert app.cursor == (0, "PCMA")
        await pilot.press(*"silk", "enter")
        assert transfer.value == "opus,SILK"
        assert app.cursor == (0, "speex")


async def test_letters_that_move_are_letters_once_something_is_searched() -> None:
    async with opened() as (app, transfer, pilot):
        await pilot.press(*"PCMA")
        assert app.column(0) == ["PCMA"]
        assert transfer.value == ""
        await pilot.press("escape", *"SILK")
        assert app.cursor == (0, "SILK")


async def test_escape_clears_the_search_first_and_then_belongs_to_the_form() -> None:
    async with opened() as (app, _, pilot):
        heard: list[str] = []
        app.screen._bindings.bind("escape", "app.hear")
        app.action_hear = lambda: heard.append("escape")  # type: ignore[attr-defined]
        await pilot.press(*"pcm", "down", "escape")
        assert app.cursor == (0, "PCMU")
        assert len(app.column(0)) > 2
        assert heard == []
        await pilot.press("escape")
        assert heard == ["escape"]


async def test_keys_of_the_console_are_not_typed() -> None:
    async with opened() as (app, _, pilot):
        await pilot.press("slash", "question_mark", "pagedown", "f6", "backspace")
        assert app.picture[2].split("│")[0].strip() == "type to search"


async def test_a_paste_is_searched() -> None:
    async with opened() as (app, _, pilot):
        app.post_message(events.Paste("gsm-\x1b[31m\nhr"))
        await pilot.pause()
        assert app.picture[2].startswith("Search gsm-31mhr")
        app.post_message(events.Paste("x" * 500))
        await pilot.pause()
        assert app.transfer._lists.sought == "gsm-31mhr" + "x" * 23


async def test_f2_restricts_all_and_takes_just_that_back() -> None:
    async with opened("G729") as (app, transfer, pilot):
        await pilot.press("f2")
        assert transfer.value == EVERY
        assert app.column(0) == ["none"]
        assert "F2 takes that back" in transfer.help
        await pilot.press("f2")
        assert transfer.value == "G729"
        await pilot.press("right", "f2")
        assert transfer.value == ""
        await pilot.press("left", "enter", "right", "f2", "left", "enter")
        assert transfer.value == "AMR"


async def test_f2_in_an_empty_list_does_nothing() -> None:
    async with opened() as (_, transfer, pilot):
        await pilot.press("right", "f2", "enter")
        assert (transfer.value, transfer.help) == ("", "")


async def test_tab_and_arrows_go_from_list_to_list_and_tab_on_to_the_next_field() -> None:
    async with opened("AMR", between=True) as (app, _, pilot):
        await pilot.press("tab")
        assert app.cursor == (1, "AMR")
        await pilot.press("right", "left", "left", "right")
        assert app.cursor == (1, "AMR")
        await pilot.press("shift+tab")
        assert app.cursor == (0, "AMR-WB")
        await pilot.press("tab", "tab")
        assert app.focused is app.query_one("#after")
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        assert app.focused is app.query_one("#before")


async def test_up_and_down_leave_at_the_ends_and_enter_never_does() -> None:
    async with opened(between=True) as (app, transfer, pilot):
        await pilot.press("enter", "up")
        assert app.focused is app.query_one("#before")
        await pilot.press("down", "down", "end", "up", "down", "enter")
        assert transfer.value == "AMR,speex"
        assert app.focused is transfer
        await pilot.press("down")
        assert app.focused is app.query_one("#after")


async def test_only_lists_with_the_focus_show_a_cursor() -> None:
    async with opened("opus", between=True) as (app, transfer, pilot):
        assert app.cursor == (0, "AMR")
        app.query_one("#after").focus()
        await pilot.pause()
        assert not any("▸" in line or "→" in line or "type to search" in line for line in app.picture)
        transfer.focus()
        await pilot.pause()
        assert app.cursor == (0, "AMR")


async def test_changes_are_told_once_each_and_moves_of_the_cursor_apart() -> None:
    async with opened() as (app, transfer, pilot):
        await pilot.press("down", "enter", "right", "up")
        assert [type(message) for message in app.heard] == [Choices.Pointed, Transfer.Changed, Choices.Pointed]
        app.heard.clear()
        transfer.choose("opus,PCMA")
        await pilot.pause()
        assert app.heard == []
        assert app.column(1) == ["opus", "PCMA"]


async def test_the_help_is_that_of_the_codec_under_the_cursor() -> None:
    async with opened("PCMA") as (_, transfer, pilot):
        assert transfer.help.startswith("AMR: 3GPP, 4.75-12.2 kbit/s. Enter restricts it")
        await pilot.press("right")
        assert transfer.help == "PCMA: G.711 A-law, 64 kbit/s. Enter enables it, F2 all of them."


async def test_the_mouse_points_and_a_double_click_or_the_arrow_moves() -> None:
    async with opened("opus,PCMA") as (app, transfer, pilot):
        await pilot.click(transfer, offset=(5, 5))
        assert app.cursor == (0, "G718")
        assert transfer.value == "opus,PCMA"
        await pilot.click(transfer, offset=(37, 5))
        assert transfer.value == "G718,opus,PCMA"
        await pilot.click(transfer, offset=(45, 4), times=2)
        assert transfer.value == "G718,PCMA"
        assert app.cursor == (1, "PCMA")
        await pilot.click(transfer, offset=(37, 4))
        assert transfer.value == "G718"
        await pilot.click(transfer, offset=(45, 12), times=2)
        await pilot.click(transfer, offset=(5, 0), times=2)
        assert transfer.value == "G718"


async def test_the_wheel_moves_the_list_under_the_pointer_with_its_cursor() -> None:
    async with opened() as (app, transfer, pilot):
        await pilot._post_mouse_events([events.MouseScrollDown], widget=transfer, offset=(5, 5))
        await pilot.pause()
        assert app.cursor == (0, "G722")
        assert app.column(0)[0] == "G722"
        await pilot._post_mouse_events([events.MouseScrollUp], widget=transfer, offset=(5, 5))
        await pilot._post_mouse_events([events.MouseScrollUp], widget=transfer, offset=(45, 5))
        await pilot.pause()
        assert app.column(0)[0] == "AMR"


async def test_a_move_of_the_cursor_paints_two_lines() -> None:
    async with opened() as (app, _, pilot):
        app.transfer.painted.clear()
        await pilot.press("down")
        assert app.transfer.painted == {3, 4}
        app.transfer.painted.clear()
        await pilot.press("right")
        assert app.transfer.painted <= {1, 2, 3, 4}


async def test_the_notes_stand_beside_the_names_or_not_at_all() -> None:
    """No squeezing: at 50 columns the notes are in the help line only."""
    async with opened("G729", PANEL) as (app, _, _):
        assert "▸ AMR        3GPP, 4.75-12.2 kbit/s  →   G729       8 kbit/s, all annexes" in app.picture
    async with opened("G729", SLIM) as (app, _, _):
        assert " ".join(app.picture[:2]) == BANNER
        assert app.picture[4] == "▸ AMR                   →   G729"
        assert not any("…" in line for line in app.picture)


@pytest.mark.parametrize("size", [PANEL, SLIM])
async def test_ascii_draws_nothing_else(size: tuple[int, int]) -> None:
    async with opened("G729", size, ascii=True) as (app, _, pilot):
        await pilot.press("end", "p")
        assert all(line.isascii() for line in app.picture)
        await pilot.press("escape", "end")
        assert all(line.isascii() for line in app.picture)
        assert app.cursor == (0, "speex")
        assert any(line.rstrip().endswith(" >") for line in app.picture)


async def test_names_of_a_setting_are_never_markup() -> None:
    options = (Choice("[/foo]", "[/foo]", "[b]x"), Choice("a\x1b[31m", "a\x1b[31m"), *codecs_of(["G7221"]))
    async with opened("[/foo]", options=options) as (app, _, _):
        assert app.column(1) == ["[/foo]"]
        assert app.column(0) == ["a␛[31m", "G7221"]


async def test_a_restricted_codec_that_the_list_has_lost_is_shown_and_can_be_enabled() -> None:
    async with opened("EVS,PCMA") as (app, transfer, pilot):
        assert transfer.value == "PCMA,EVS"
        assert "Restricted 2/20" in app.picture[1]
        await pilot.press("right", "end")
        assert "not in the list of codecs any more" in transfer.help
        await pilot.press("enter")
        assert transfer.value == "PCMA"


ACTS = {
    "step": lambda lists, number: lists.step(number),
    "side": lambda lists, number: setattr(lists, "side", number % 2),
    "search": lambda lists, number: setattr(lists, "sought", lists.sought + "g72mopk-"[number % 8]),
    "clear": lambda lists, number: setattr(lists, "sought", ""),
    "move": lambda lists, number: lists.move(),
    "move all": lambda lists, number: lists.move_all(),
    "point": lambda lists, number: lists.point(number % 2, number),
    "scroll": lambda lists, number: lists.scroll(number % 2, number),
    "show": lambda lists, number: lists.show(number),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(-20, 20)), max_size=30))
def test_whatever_is_done_every_codec_is_in_one_list_and_the_cursor_in_view(acts: list[tuple[str, int]]) -> None:
    lists = TransferLists(CODECS, "G729")
    rows = 1
    for act, number in acts:
        rows = max(1, number) if act == "show" else rows
        ACTS[act](lists, number)
        assert {*lists.members(ALL)} | {*lists.members(RESTRICTED)} == {*CODECS}
        assert not {*lists.members(ALL)} & {*lists.members(RESTRICTED)}
        found = lists.found(lists.side)
        assert (lists.current is None) == (not found)
        assert lists.top(lists.side) <= lists.at < lists.top(lists.side) + rows
        assert all(0 <= lists.top(side) <= max(0, len(lists.found(side)) - rows) for side in (ALL, RESTRICTED))


class Form(App):
    """The field as a form makes it."""

    def __init__(self, value: str, glyphs=UTF8, **options):
        super().__init__()
        self.row = FieldRow(SPEC, value, glyphs, **options)
        self.changes: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.row

    def on_field_row_changed(self, message: FieldRow.Changed) -> None:
        self.changes.append(message.row.value)


async def test_a_form_shows_the_field_without_its_label_and_says_what_changed() -> None:
    """S-005, W-051."""
    app = Form("G729")
    async with app.run_test(size=(76, 24)) as pilot:
        await pilot.press("enter")
        assert app.changes == ["AMR,G729"]
        app.row.set_value("opus")
        await pilot.pause()
        assert (app.row.value, app.changes[1:]) == ("opus", ["opus"])
        assert app.row.help.startswith("AMR: ")
        app.row.show([warning("restricted_codecs", "no codec is left: every call ends with 488")])
        await pilot.pause()
        picture = [line.text.rstrip() for line in app.screen._compositor.render_strips(app.screen.size)]
        assert picture[0] == BANNER
        assert not any("Restricted Codecs" in line for line in picture)
        assert any(line.startswith("! no codec is left") for line in picture)
        assert app.row.widget.size == (76, 15)


async def test_a_form_shows_the_codecs_of_the_account_and_the_signs_of_the_terminal() -> None:
    """C-08."""
    app = Form("", ASCII, choices=codecs_of(["PCMA", "G7221"]))
    async with app.run_test(size=(76, 24)) as pilot:
        await pilot.press("down", "enter")
        assert app.row.value == "G7221"
        picture = [line.text.rstrip() for line in app.screen._compositor.render_strips(app.screen.size)]
        assert all(line.isascii() for line in picture)
        assert app.row.widget.size.height == 8


async def test_codecs_are_restricted_in_the_form_and_stored_as_the_edge_reads_them(town_context: Context) -> None:
    """S-050: at 80x24, with the keys alone."""
    async with console(town_context, NARROW) as opened_console:
        await opened_console.open("2")
        await opened_console.press("home", "e")
        await opened_console.until(lambda: opened_console.form.typed)
        await opened_console.press("f6", "f6")
        await opened_console.sees(BANNER, "All Codecs 19/19")
        await opened_console.until(lambda: isinstance(opened_console.app.focused, Transfer))
        await opened_console.press(*"opus", "enter", *"g729", "enter")
        await opened_console.sees("All Codecs 17/19", "Restricted 2/19")
        await opened_console.press("ctrl+s")
        await opened_console.quiet()
    stored = query(town_context.database, "SELECT restricted_codecs FROM ip_auth WHERE restricted_codecs <> ''")
    assert stored == [("G729,opus",)]


async def test_the_names_can_be_typed_as_they_are_printed() -> None:
    """W-051: AMR begins with a letter like any other."""
    async with opened() as (_, transfer, pilot):
        await pilot.press("A", "M", "R", "enter")
        assert transfer.value == "AMR"
