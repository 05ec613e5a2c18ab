"""A rule from examples: pasted, understood, taken, saved with its tests (C-15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cxtui.models.rewrite import Parameter
from cxtui.services import rewrites
from cxtui.services.context import Context
from cxtui.services.subjects import Subject
from cxtui.ui.panes.rewrite import RewritePane
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.screens.examples import ExamplesScreen
from tests.support import query
from tests.ui.console import NARROW, WIDE, Console, console

ENTRY = Subject("ip_auth", 1)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE])
SMALL = pytest.mark.parametrize("size", [NARROW])
PAIRS = "01782 550 100 → 441782550100\n01783550101 -> 441783550101\n"
TESTS = "SELECT parameter, number, expected FROM rewrite_test ORDER BY id"
RULES = "SELECT parameter, mode, current, new FROM rewrite_rule ORDER BY position"


@asynccontextmanager
async def examples(context: Context, size: tuple[int, int] = WIDE) -> AsyncIterator[Console]:
    """The console with the window for examples open."""
    async with console(context, size) as opened:
        opened.app.show_tab("rewrite", ENTRY)
        await opened.until(lambda: isinstance(opened.app.pane, RewritePane) and opened.app.pane.about is not None)
        await opened.quiet()
        await opened.press("x")
        await opened.until(lambda: window(opened)._lines.has_focus)
        yield opened


def window(opened: Console) -> ExamplesScreen:
    """The window, which has to be open."""
    assert isinstance(opened.app.screen, ExamplesScreen)
    return opened.app.screen


async def in_the_form(opened: Console) -> None:
    """Wait until a rule stands in the form."""
    await opened.until(lambda: opened.form.typed)
    await opened.judged()


@SIZES
async def test_a_new_rule_takes_six_keys_from_the_list_of_entries(town_context: Context, size: tuple[int, int]) -> None:
    """C-15, S-065: the workflow of the operators' handbook, the pasted pairs not counted."""
    pressed: list[str] = []

    async def press(key: str) -> None:
        pressed.append(key)
        await opened.press(key)

    async with console(town_context, size) as opened:
        await opened.open("2")
        await opened.sees("203.0.113.77")
        await opened.press("home")
        while opened.pane.shown is None or "203.0.113.77" not in str(opened.pane.shown.row):
            await opened.press("j")
            await opened.quiet()
        await press("5")
        await opened.sees("IP entry 203.0.113.77 (they send)")
        await press("x")
        await opened.until(lambda: window(opened)._lines.has_focus)
        await opened.type(PAIRS)
        await press("ctrl+s")
        await in_the_form(opened)
        assert {name: opened.form.typed[name] for name in ("parameter", "mode", "current", "new")} == {
            "parameter": "destination",
            "mode": "prefix",
            "current": "0",
            "new": "44",
        }
        await opened.sees("01782550100", "441782550100", "✔ GB")
        await press("ctrl+s")
        await opened.hears("Added rewrite rule 0 → 44.")
        await opened.sees("1 rule", "Tester  2 tests ✔")
    assert query(town_context.database, RULES) == [("destination", "prefix", "0", "44")]
    assert query(town_context.database, TESTS) == [
        ("destination", "01782550100", "441782550100"),
        ("destination", "01783550101", "441783550101"),
    ]
    assert len(pressed) <= 6


@SMALL
async def test_rules_are_offered_while_pairs_are_typed_and_another_can_be_taken(
    town_context: Context, size: tuple[int, int]
) -> None:
    """C-15"""
    async with examples(town_context, size) as opened:
        await opened.type(PAIRS)
        await opened.sees("prefix  0", "regex")
        await opened.press("tab", "end")
        await opened.until(lambda: window(opened)._table.has_focus)
        await opened.press("enter")
        await in_the_form(opened)
        assert opened.form.typed["mode"] == "regex"
        await opened.press("ctrl+s")
        await opened.hears("Added rewrite rule ")
    ((_, mode, _, _),) = query(town_context.database, RULES)
    assert mode == "regex"
    assert len(query(town_context.database, TESTS)) == 2


async def test_examples_for_the_cli_make_a_rule_for_the_cli(town_context: Context) -> None:
    """S-061, S-063: also when the kind is changed at the last moment."""
    async with examples(town_context) as opened:
        await opened.type(PAIRS)
        await opened.sees("prefix  0")
        await opened.press("shift+tab", "right", "ctrl+s")
        await in_the_form(opened)
        assert opened.form.typed["parameter"] == "cli"
        await opened.press("ctrl+s")
        await opened.hears("Added rewrite rule 0 → 44.")
    assert {parameter for parameter, _, _ in query(town_context.database, TESTS)} == {"cli"}


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("01782 -> 441782\n01782 -> 331782", "contradict each other"),
        ("1 -> 1\n2 -> 2", "nothing has to change in these pairs"),
        ("nonsense", "write what came in, an arrow and what it should be"),
        (" -> 44", "no number stands before the arrow"),
        ("0178 -> 441\n555 -> 999\n12 -> 7", "no single rule"),
    ],
)
@SMALL
async def test_where_there_is_no_rule_the_window_says_why_and_stays(
    town_context: Context, size: tuple[int, int], pairs: str, words: str
) -> None:
    """C-15"""
    async with examples(town_context, size) as opened:
        await opened.type(pairs)
        await opened.sees(*words.split("\n"))
        await opened.press("ctrl+s")
        await opened.quiet()
        assert window(opened)._lines.text == pairs
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, ExamplesScreen))
        assert not opened.app.query("FormPanel")
    assert query(town_context.database, RULES) == []


async def test_a_rule_that_was_taken_is_left_without_a_trace(town_context: Context) -> None:
    async with examples(town_context) as opened:
        await opened.type(PAIRS)
        await opened.press("ctrl+s")
        await in_the_form(opened)
        await opened.press("escape")
        await opened.quiet()
        if isinstance(opened.app.screen, Confirm):
            await opened.press("y")
        await opened.misses("01782550100")
    assert query(town_context.database, TESTS) == []


async def test_an_example_that_other_rules_spoil_is_said_before_it_is_saved(town_context: Context) -> None:
    """The rule does its examples alone, and yet not behind the others."""
    rewrites.add(town_context, ENTRY, {"current": "01", "new": "9"})
    async with examples(town_context) as opened:
        await opened.type(PAIRS)
        await opened.press("ctrl+s")
        await in_the_form(opened)
        await opened.sees("✖ test fails")
        await opened.press("ctrl+s")
        await opened.sees("With the other rules an example does not come out: 01782550100 becomes 9782550100")
        await opened.press("enter")
        await opened.until(lambda: opened.has_focus_in(opened.form))
    assert len(query(town_context.database, RULES)) == 1


async def test_a_test_that_was_kept_before_is_not_kept_twice(town_context: Context) -> None:
    from cxtui.services import rewrite_tests

    rewrite_tests.keep_tests(town_context, ENTRY, Parameter.DESTINATION, {"01782550100": "441782550100"})
    async with examples(town_context) as opened:
        await opened.type(PAIRS)
        await opened.press("ctrl+s")
        await in_the_form(opened)
        await opened.press("ctrl+s")
        await opened.hears("Added rewrite rule 0 → 44.")
    assert len(query(town_context.database, TESTS)) == 2


@SMALL
async def test_hostile_examples_are_shown_and_obeyed_by_nothing(town_context: Context, size: tuple[int, int]) -> None:
    async with examples(town_context, size) as opened:
        await opened.type("\x1b]52;c;eA==\x07[/b]\u202e\n[red] -> [/red]\x9b2J\n0[b] → 44[b]")
        await opened.sees("␛]52")
        await opened.quiet()
        assert all(letter.isprintable() for letter in opened.picture.replace("\n", ""))
        await opened.press("ctrl+s")
        await opened.quiet()
        assert all(letter.isprintable() for letter in opened.picture.replace("\n", ""))
