"""The Rewrite tab: whose rules, the rules in their order, and the tester beside them and beside one being typed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import Parameter, RewriteRule
from cxtui.rules.roles import Role
from cxtui.services import ip_auth, rewrite_tests, rewrites, sip_profiles, trying
from cxtui.services.context import Context
from cxtui.services.subjects import Subject
from cxtui.store.rows import by_id
from cxtui.ui.panes.rewrite import RewritePane
from cxtui.ui.screens.confirm import Confirm
from cxtui.ui.widgets.fixed import Fixed
from tests.support import audit, execute, operator, query
from tests.ui.console import NARROW, WIDE, Console, console

ENTRY = Subject("ip_auth", 1)
USER = Subject("sip_user", 2)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE])
SMALL = pytest.mark.parametrize("size", [NARROW])
HOSTILE = "0\x1b]52;c;eA==\x07[/b]\u202e[red]\x9b2J"


def add(context: Context, subject: Subject = ENTRY, /, **rules: str) -> None:
    """Rules in their order, Current written with a p in front: keywords do not begin with a digit."""
    for current, new in rules.items():
        rewrites.add(context, subject, {"current": current[1:], "new": new}, confirmed=rewrites.BROKEN)


def keep(context: Context, numbers: Mapping[str, str | None], subject: Subject = ENTRY) -> None:
    rewrite_tests.keep_tests(context, subject, Parameter.DESTINATION, numbers)


def currents(context: Context) -> list[str]:
    """Current of each rule, in the order in which they run."""
    wanted = "SELECT current FROM rewrite_rule WHERE owner = 'ip_auth' AND owner_id = 1 ORDER BY position"
    return [current for (current,) in query(context.database, wanted)]


def kept(context: Context) -> list[tuple[str, ...]]:
    """The saved tests."""
    return query(context.database, "SELECT parameter, number, expected FROM rewrite_test ORDER BY id")


def pane(opened: Console) -> RewritePane:
    """The tab, which has to be shown."""
    found = opened.app.pane
    assert isinstance(found, RewritePane)
    return found


def rule(opened: Console) -> RewriteRule:
    """The rule under the cursor."""
    found = pane(opened).list.rule
    assert found is not None
    return found


@asynccontextmanager
async def rules(context: Context, size: tuple[int, int] = WIDE, subject: Subject = ENTRY) -> AsyncIterator[Console]:
    """The console on the rules of a subject, with what there is read and run."""
    async with console(context, size) as opened:
        opened.app.show_tab("rewrite", subject)
        await settled(opened)
        yield opened


async def settled(opened: Console) -> None:
    """Wait until rules and numbers are there."""
    await opened.until(lambda: pane(opened).about is not None and pane(opened).settled)
    await opened.quiet()
    await opened.until(lambda: pane(opened).tester.table.settled)
    await opened.quiet()


async def edited(opened: Console, key: str) -> None:
    """Open a form with a key."""
    await opened.press(key)
    await opened.until(lambda: opened.form.typed)
    await opened.judged()


async def asked(opened: Console, *words: str) -> None:
    """Wait for a question whose default is no."""
    await opened.until(lambda: isinstance(opened.app.screen, Confirm))
    await opened.sees(*words)
    await opened.until(lambda: opened.app.focused is not None and opened.app.focused.id == "no")


# Whose rules


@pytest.mark.parametrize(
    ("tab", "word", "key", "title"),
    [
        ("2", "203.0.113.64/29", "5", "IP entry 203.0.113.64/29 (they send) · Acme Telecom"),
        ("2", "pbx.acme.example", "4", "IP entry pbx.acme.example (they receive) · Acme Telecom"),
        ("3", "1002", "5", "SIP user 1002 · Acme Telecom"),
        ("3", "office", "4", "SIP user office · Beta Ltd"),
        ("1", "192.0.2.8", "5", "IP entry 192.0.2.8 (they send) · Gamma Carrier"),
    ],
)
@SMALL
async def test_the_subject_is_the_row_under_the_cursor(
    town_context: Context, size: tuple[int, int], tab: str, word: str, key: str, title: str
) -> None:
    """S-060, S-062"""
    async with console(town_context, size) as opened:
        await opened.open(tab)
        await opened.sees(word)
        await opened.press("home")
        while opened.pane.shown is None or word not in str(opened.pane.shown.row):
            await opened.press("j")
            await opened.quiet()
        await opened.press(key)
        await opened.sees(title)
        await opened.press("5" if key == "4" else "4")
        await opened.sees(title)


async def test_on_the_auth_tab_it_is_the_row_of_the_list_that_is_used(town_context: Context) -> None:
    async with console(town_context, WIDE) as opened:
        await opened.sees("1002")
        await opened.press("tab", "home", "j")
        await opened.until(lambda: opened.pane.shown and "1002" in str(opened.pane.shown.row))
        await opened.press("5")
        await opened.sees("SIP user 1002 · Acme Telecom")


@SIZES
async def test_s_searches_for_another_subject_and_stays_on_the_tab(
    town_context: Context, size: tuple[int, int]
) -> None:
    add(town_context, USER, p00="")
    async with rules(town_context, size) as opened:
        await opened.press("s")
        await opened.until(lambda: opened.app._host.searching)
        await opened.type("1002")
        await opened.sees("SIP user of Acme Telecom")
        await opened.press("enter")
        await opened.sees("SIP user 1002 · Acme Telecom   1 rule")
        assert pane(opened).subject == USER
        await opened.press("s")
        await opened.until(lambda: opened.app._host.searching)
        await opened.press("escape")
        await opened.sees("SIP user 1002 · Acme Telecom   1 rule")


async def test_the_search_from_anywhere_still_goes_to_the_list(town_context: Context) -> None:
    async with rules(town_context) as opened:
        await opened.press("s")
        await opened.until(lambda: opened.app._host.searching)
        await opened.press("escape")
        await settled(opened)
        await opened.press("slash")
        await opened.until(lambda: opened.app._host.searching)
        await opened.type("1002")
        await opened.sees("SIP user of Acme Telecom")
        await opened.press("enter")
        await opened.until(lambda: opened.pane.shown and "1002" in str(opened.pane.shown.row))


@pytest.mark.parametrize(("key", "words"), [("4", ""), ("5", "Tester")])
@SMALL
async def test_without_a_subject_the_tab_says_how_to_choose_one(
    town_context: Context, size: tuple[int, int], key: str, words: str
) -> None:
    async with console(town_context, size) as opened:
        await opened.open("9")
        opened.app._host._subject = None
        await opened.press(key)
        await opened.sees("Choose an IP entry or a SIP user: s.", words)
        await opened.quiet()
        assert "a adds one" not in opened.picture
        before = len(audit(town_context.database))
        await opened.press("a", "e", "d", "x", "t", "J", "h")
        await opened.quiet()
        assert not opened.app.query("FormPanel")
        assert len(audit(town_context.database)) == before


@SMALL
async def test_an_empty_list_names_the_keys_that_fill_it(town_context: Context, size: tuple[int, int]) -> None:
    async with rules(town_context, size) as opened:
        await opened.sees("No rules. a adds one, x makes one from examples.", "Type or paste numbers above.", "0 rules")


async def test_a_subject_that_somebody_deletes_is_said_to_be_gone(town_context: Context) -> None:
    add(town_context, p00="")
    bob = operator(town_context.database, "bob", town_context.now)
    async with rules(town_context) as opened:
        await opened.sees("1 rule")
        delete_entry(bob)
        await opened.sees("It was deleted in the meantime. Choose an IP entry or a SIP user: s.")
        await opened.misses("prefix  00")
        assert "a adds one" not in opened.picture
        await opened.press("a", "x")
        await opened.quiet()
        assert not opened.app.query("FormPanel")


async def test_a_rule_typed_for_a_subject_that_is_gone_is_refused_and_kept_in_the_form(town_context: Context) -> None:
    bob = operator(town_context.database, "bob", town_context.now)
    async with rules(town_context) as opened:
        await edited(opened, "a")
        await opened.fill(current="0044", new="44")
        delete_entry(bob)
        await opened.press("ctrl+s")
        await opened.hears("It was deleted in the meantime.")
        assert (opened.form.typed["current"], opened.form.typed["new"]) == ("0044", "44")


def delete_entry(context: Context) -> None:
    with context.database.reading() as link:
        row = by_id(link, IpAuth, ENTRY.owner_id)
    assert row is not None
    ip_auth.delete(context, [row])


# The tester


@SMALL
async def test_numbers_are_run_while_they_are_typed(town_context: Context, size: tuple[int, int]) -> None:
    """S-067, S-069, S-070, C-10: result, E.164 and every step."""
    add(town_context, **{"p00": "", "p0": "44", "p+": ""})
    async with rules(town_context, size) as opened:
        await opened.press("t")
        await opened.type("0044 1782 550 100")
        await opened.sees("00441782550100", "441782550100", "✔ GB", "rule 1   00441782550100 → 441782550100")
        await opened.press("backspace")
        await opened.sees("rule 1   0044178255010 → 44178255010", "! ")
        await opened.type("\n+441782550101; 01782550102")
        await opened.sees("+441782550101", " 441782550101")
        assert pane(opened).tester.table.total == 3
        await opened.press("escape")
        await opened.until(lambda: pane(opened).list.table.has_focus)


@SMALL
async def test_the_number_that_is_typed_is_shown_however_many_there_are(
    town_context: Context, size: tuple[int, int]
) -> None:
    """S-067"""
    add(town_context, p0="44")
    async with rules(town_context, size) as opened:
        await opened.press("t")
        await opened.type("\n".join(f"01782{place:06}" for place in range(500)))
        await opened.sees("rule 1   01782000499 → 441782000499")
        await opened.press("comma", "0", "7")
        await opened.sees("rule 1   07 → 447")
        await opened.press("backspace", "backspace", "backspace", "up")
        await opened.sees("rule 1   01782000498 → 441782000498")
        assert pane(opened).tester.table.cursor == 498


@SMALL
async def test_the_tester_follows_a_rule_while_it_is_typed(town_context: Context, size: tuple[int, int]) -> None:
    """S-067, W-044: the tester of the rule's dialog."""
    add(town_context, p00="")
    keep(town_context, {"00441782550100": None})
    async with rules(town_context, size) as opened:
        await opened.press("t")
        await opened.type("01782550102")
        await opened.sees("! begins with 0")
        await opened.press("escape")
        await edited(opened, "a")
        await opened.fill(current="0", new="44")
        await opened.sees("441782550102", "✔ GB", "01782550102 → 441782550102")
        await opened.fill(current="00441")
        await opened.misses("01782550102 → ")
        await opened.fill(current="")
        await opened.misses("01782550102 → ")
        await opened.fill(current="0", new="5")
        await opened.sees("51782550102")
        await opened.press("escape", "y")
        await opened.misses("51782550102")
        assert currents(town_context) == ["00"]


async def test_an_edited_rule_is_tried_in_its_own_place(town_context: Context) -> None:
    add(town_context, p0="44", p44="33")
    async with rules(town_context) as opened:
        await opened.press("t")
        await opened.type("01")
        await opened.sees("rule 1   01 → 441", "rule 2   441 → 331")
        await opened.press("escape", "home")
        await edited(opened, "e")
        await opened.fill(new="55")
        await opened.sees("rule 1   01 → 551", "rule 2   no match")


async def test_a_failing_test_is_counted_and_told(town_context: Context) -> None:
    add(town_context, p0="44")
    keep(town_context, {"01782550100": None, "999": "112"})
    async with rules(town_context) as opened:
        await opened.sees("Tester  1 of 2 tests fail ✖", "✖ test fails")
        await opened.press("t", "tab")
        await opened.until(lambda: pane(opened).tester.table.has_focus)
        await opened.press("end")
        await opened.sees("has to become 112")


@SIZES
async def test_what_many_rules_do_leaves_room_for_the_numbers(town_context: Context, size: tuple[int, int]) -> None:
    """The steps must not push what they explain off the screen."""
    add(town_context, **{f"p{digit}": f"{digit}0" for digit in range(9)})
    keep(town_context, {"00441782550100": "1"})
    async with rules(town_context, size) as opened:
        for key in ("", "e"):
            if key:
                await edited(opened, key)
            await opened.sees("✖ test fails", "rule 1   00441782550100 → 000441782550100", "has to become 1")
            assert opened.picture.count("no match") in (0, 8)


async def test_long_ladders_count_what_they_leave_out(town_context: Context) -> None:
    add(town_context, **{f"p{digit}": f"{digit + 1}" for digit in range(9)})
    add(town_context, px="", py="")
    async with rules(town_context) as opened:
        await opened.press("t")
        await opened.type("0")
        await opened.sees("rule 7   6 → 7", "2 more did, 2 other rules did not change it")


@SIZES
async def test_a_long_list_is_run_only_as_far_as_it_is_shown(
    town_context: Context, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key stroke costs what is on the screen, whatever was pasted."""
    store_many_rules(town_context)
    asked_for: list[int] = []

    def counted(rules: Any, trials: Any) -> Any:
        asked_for.append(len(trials))
        return trying.run(rules, trials)

    for part in ("trial_table", "tally"):
        monkeypatch.setattr(f"cxtui.ui.widgets.{part}.run", counted)
    numbers = [f"0{place % 200:03}17825{place:04}" for place in range(1000)]
    async with rules(town_context, size) as opened:
        await opened.sees("200 rules")
        table = pane(opened).tester.table
        await opened.press("t")
        await opened.type("\n".join(numbers))
        await opened.until(lambda: table.settled and table.total == 1000)
        screen = size[1]
        deeds: dict[str, tuple[str, ...]] = {
            "type": ("9", "9", "backspace"),
            "go to the numbers": ("tab",),
            "step": ("down", "down", "up"),
            "page": ("pagedown", "pagedown"),
            "end": ("end",),
            "home": ("home",),
        }
        for keys in deeds.values():
            asked_for.clear()
            await opened.press(*keys)
            await opened.quiet()
            await opened.until(lambda: table.settled)
            assert sum(asked_for) <= 4 * screen * len(keys)
        assert pane(opened).tester.table.current is not None
        await opened.press("escape")
        asked_for.clear()
        await edited(opened, "a")
        await opened.fill(current="0", new="1")
        assert sum(asked_for) <= 8 * screen


def store_many_rules(context: Context) -> None:
    """200 rules as they are stored, without 200 changes."""
    with context.database.bulk() as link:
        rows = [
            (place + 1, f"0{place:03}", str(place), f"^0{place:03}", f"^0{place:03}(.*)", f"{place}\\1")
            for place in range(200)
        ]
        link.executemany(
            "INSERT INTO rewrite_rule (version, owner, owner_id, parameter, mode, stop, position, current, new,"
            " match_exp, subst_exp, repl_exp) VALUES (1, 'ip_auth', 1, 'destination', 'prefix', 0, ?, ?, ?, ?, ?, ?)",
            rows,
        )


async def test_what_others_commit_elsewhere_runs_nothing_again(
    town_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attack commits several times a second."""
    add(town_context, p0="44")
    keep(town_context, {"01": None})
    ran: list[str] = []
    bob = operator(town_context.database, "bob", town_context.now)
    async with rules(town_context) as opened:
        for part in ("trial_table", "tally"):
            monkeypatch.setattr(f"cxtui.ui.widgets.{part}.run", told(ran, "numbers", trying.run))
        monkeypatch.setattr("cxtui.services.rewrites.run", told(ran, "tests", rewrite_tests.run))
        monkeypatch.setattr("cxtui.services.rewrites.lint", told(ran, "remarks", rewrites.lint))
        sip_profiles.add(bob, {"name": "other"})
        await opened.press("ctrl+r")
        await opened.quiet()
        assert ran == []
        add(bob, p7="8")
        await opened.sees("2 rules")
        await opened.until(lambda: {*ran} == {"numbers", "tests", "remarks"})


def told(ran: list[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*given: Any, **more: Any) -> Any:
        ran.append(name)
        return function(*given, **more)

    return wrapped


@SMALL
async def test_f2_keeps_numbers_f8_forgets_one_and_escape_goes_back(
    town_context: Context, size: tuple[int, int]
) -> None:
    """S-067: what comes out now has to come out from then on."""
    add(town_context, p0="44")
    async with rules(town_context, size) as opened:
        await opened.press("t")
        await opened.type("01782 550 100, 0999")
        await opened.sees("44999")
        await opened.press("f2")
        await opened.hears("Kept 2 test numbers.")
        await opened.sees("Tester  2 tests ✔", "test")
        assert kept(town_context) == [
            ("destination", "01782550100", "441782550100"),
            ("destination", "0999", "44999"),
        ]
        assert pane(opened).tester.lines.text == ""
        await opened.press("f2")
        await opened.hears("nothing to keep")
        await opened.press("tab")
        await opened.until(lambda: pane(opened).tester.table.has_focus)
        await opened.press("end", "f8")
        await opened.hears("Deleted test number 0999.")
        await opened.sees("Tester  1 test ✔")
        await opened.press("escape")
        await opened.until(lambda: pane(opened).list.table.has_focus)
        await opened.press("z")
        await opened.hears("Undone: delete of test number 0999.")
        await opened.sees("Tester  2 tests ✔")


async def test_numbers_of_callers_are_tested_and_kept_apart(town_context: Context) -> None:
    """S-061, W-041"""
    add(town_context, p0="44")
    rewrites.add(town_context, ENTRY, {"current": "0", "new": "33", "parameter": "cli"})
    async with rules(town_context) as opened:
        await opened.press("t")
        await opened.type("01782550100")
        await opened.sees("rule 1   01782550100 → 441782550100")
        await opened.press("shift+tab", "right")
        await opened.sees("rule 2   01782550100 → 331782550100")
        await opened.press("f2")
        await opened.hears("Kept test number 01782550100.")
    assert kept(town_context) == [("cli", "01782550100", "331782550100")]


async def test_what_comes_out_of_an_unsaved_rule_cannot_be_kept(town_context: Context) -> None:
    """It would be a test of a rule that may never be saved."""
    async with rules(town_context) as opened:
        await opened.press("t")
        await opened.type("01")
        await opened.press("escape")
        await edited(opened, "a")
        await opened.fill(current="0", new="44")
        await opened.sees("441")
        pane(opened).tester.lines.focus()
        await opened.until(lambda: "Back" in opened.footer)
        assert "Keep" not in opened.footer
        await opened.press("f2", "escape")
        await opened.until(lambda: opened.has_focus_in(opened.form))
        assert kept(town_context) == []
        await opened.press("ctrl+s")
        await opened.hears("Added rewrite rule 0 → 44.")
        await settled(opened)
        await opened.press("t", "f2")
        await opened.hears("Kept test number 01.")
    assert kept(town_context) == [("destination", "01", "441")]


# The rules


@SMALL
async def test_a_rule_is_typed_saved_and_taken_back(town_context: Context, size: tuple[int, int]) -> None:
    """S-062…S-064, S-066, S-068, C-09: digits make a prefix, anything else a regex."""
    async with rules(town_context, size) as opened:
        await edited(opened, "a")
        await opened.press("0", "0")
        await opened.judged()
        assert opened.form.typed["mode"] == "prefix"
        await opened.press("home", "circumflex_accent")
        await opened.judged()
        assert opened.form.typed["mode"] == "regex"
        await opened.press("backspace")
        await opened.judged()
        assert opened.form.typed["mode"] == "prefix"
        await opened.press("ctrl+s")
        await opened.hears("Added rewrite rule 00 → nothing.")
        await opened.sees("1 rule", "prefix  00")
        await settled(opened)
        await opened.press("z")
        await opened.sees("0 rules")


@SMALL
async def test_a_refused_rule_keeps_what_was_typed(town_context: Context, size: tuple[int, int]) -> None:
    async with rules(town_context, size) as opened:
        await edited(opened, "a")
        await opened.fill(current="^(0", new="$7", parameter="cli")
        await opened.sees("✖ character", "never closed")
        await opened.press("ctrl+s")
        await opened.quiet()
        assert {name: opened.form.typed[name] for name in ("current", "new", "parameter", "mode")} == {
            "current": "^(0",
            "new": "$7",
            "parameter": "cli",
            "mode": "regex",
        }
        await opened.fill(current="^(0)")
        await opened.sees("✖ $7: Current has 1 group")
        await opened.fill(new="$1")
        await opened.press("ctrl+s")
        await opened.hears(r"Added rewrite rule ^(0) → \1.")
    assert currents(town_context) == ["^(0)"]


async def test_a_catastrophic_regex_is_refused_beside_its_field_while_keys_still_work(town_context: Context) -> None:
    async with rules(town_context) as opened:
        await opened.press("t")
        await opened.type("a" * 40 + "!")
        await opened.press("escape")
        await edited(opened, "a")
        for key in ("left_parenthesis", "a", "plus", "right_parenthesis", "plus", "dollar_sign"):
            await opened.press(key)
        assert opened.form.typed["current"] == "(a+)+$"
        await opened.sees("✖ too slow: a number such as aaaa")
        await opened.press("backspace")
        assert opened.form.typed["current"] == "(a+)+"
        await opened.press("dollar_sign", "ctrl+s")
        await opened.quiet()
        assert opened.form.typed["current"] == "(a+)+$"
    assert currents(town_context) == []


@SMALL
async def test_a_rule_is_moved_and_the_cursor_goes_with_it(town_context: Context, size: tuple[int, int]) -> None:
    """C-10"""
    add(town_context, **{"p00": "", "p0": "44", "p+": ""})
    async with rules(town_context, size) as opened:
        await opened.press("home", "J")
        await opened.hears("Moved rewrite rule 00 → nothing to place 2.")
        await opened.until(lambda: rule(opened).position == 2)
        assert rule(opened).current == "00"
        await opened.press("J", "K", "K", "K")
        await opened.hears("Nothing was moved: rewrite rule 00 → nothing is the first one.")
        await opened.until(lambda: rule(opened).position == 1)
        assert rule(opened).current == "00"
        assert currents(town_context) == ["00", "0", "+"]
        await opened.press("z")
        await opened.hears("Undone: ")


@SMALL
async def test_a_move_that_breaks_a_test_asks_first_and_no_changes_nothing(
    town_context: Context, size: tuple[int, int]
) -> None:
    """S-067, C-10"""
    add(town_context, p00="", p0="44")
    keep(town_context, {"0044": "44"})
    before = len(audit(town_context.database))
    async with rules(town_context, size) as opened:
        await opened.press("home", "J")
        await asked(opened, "This breaks a test: 0044 becomes 44044, not 44.")
        await opened.press("enter")
        await settled(opened)
        assert (rule(opened).current, rule(opened).position) == ("00", 1)
        await opened.press("J")
        await asked(opened)
        await opened.press("escape")
        await settled(opened)
        assert currents(town_context) == ["00", "0"]
        assert len(audit(town_context.database)) == before
        await opened.press("J")
        await asked(opened)
        await opened.press("y")
        await opened.hears("Moved rewrite rule 00 → nothing to place 2.")
        await opened.sees("1 of 1 tests fail ✖")
        assert rule(opened).current == "00"


async def test_a_rule_that_breaks_a_test_is_saved_only_on_demand(town_context: Context) -> None:
    """S-067"""
    add(town_context, p00="")
    keep(town_context, {"0044": "44"})
    async with rules(town_context) as opened:
        await opened.press("home")
        await edited(opened, "e")
        await opened.fill(current="004")
        await opened.sees("! breaks a test: 0044 becomes 4, not 44")
        await opened.press("ctrl+s")
        await asked(opened, "This breaks a test")
        await opened.press("enter")
        await opened.until(lambda: opened.has_focus_in(opened.form))
        assert opened.form.typed["current"] == "004"
        assert currents(town_context) == ["00"]
        await opened.press("ctrl+s")
        await asked(opened)
        await opened.press("y")
        await opened.hears("Saved rewrite rule 004 → nothing.")
    assert currents(town_context) == ["004"]


async def test_marked_rules_are_deleted_after_a_question_and_once_more_where_a_test_breaks(
    town_context: Context,
) -> None:
    add(town_context, **{"p00": "", "p0": "44", "p+": ""})
    keep(town_context, {"0044": "44"})
    async with rules(town_context) as opened:
        await opened.press("home", "space", "space", "d")
        await asked(opened, "Delete 2 rewrite rules?", "rewrite rule 00 → nothing", "rewrite rule 0 → 44")
        await opened.press("enter")
        await settled(opened)
        assert len(currents(town_context)) == 3
        await opened.press("d")
        await asked(opened, "Delete 2 rewrite rules?")
        await opened.press("y")
        await asked(opened, "This breaks a test: 0044 becomes 0044, not 44.")
        await opened.press("y")
        await opened.hears("Deleted 2 rewrite rules.")
        await opened.sees("1 rule")
        assert not pane(opened).list.table.marked
        await opened.press("z")
        await opened.sees("3 rules")


async def test_the_reason_is_asked_for_once(town_context: Context) -> None:
    add(town_context, p00="", p0="44")
    keep(town_context, {"0044": "44"})
    settings = replace(town_context.settings, ask_reason=True)
    async with rules(replace(town_context, settings=settings)) as opened:
        await opened.press("home", "J")
        await opened.until(lambda: type(opened.app.screen).__name__ == "ReasonScreen")
        await opened.type("ticket 7")
        await opened.press("enter")
        await asked(opened, "This breaks a test")
        await opened.press("y")
        await opened.hears("Moved rewrite rule 00 → nothing to place 2.")
    assert audit(town_context.database)[-1].reason == "ticket 7"


async def test_two_operators_on_one_rule_choose_field_by_field(town_context: Context) -> None:
    add(town_context, p00="")
    bob = operator(town_context.database, "bob", town_context.now)
    async with rules(town_context) as opened:
        await opened.press("home")
        await edited(opened, "e")
        rewrites.save(bob, rule(opened), {"new": "7", "stop": "yes"})
        await opened.fill(new="8")
        await opened.press("ctrl+s")
        await opened.sees("bob changed this row while you were editing", "theirs: 7", "yours: 8")
        await opened.press("right", "ctrl+s")
        await opened.hears("Saved rewrite rule 00 → 8.")
    assert query(town_context.database, "SELECT new, stop FROM rewrite_rule") == [("8", 1)]


async def test_remarks_stand_under_the_rules(town_context: Context) -> None:
    add(town_context, p00="", p0044="44")
    async with rules(town_context, NARROW) as opened:
        await opened.sees("! rule 2 never runs for numbers that rule 1 changed")


@SMALL
async def test_hostile_text_in_rules_numbers_and_fields_is_shown_and_obeyed_by_nothing(
    town_context: Context, size: tuple[int, int]
) -> None:
    add(town_context, **{"p[/b]": "", "p^[^0]$": "", r"p[\]red]": "#"})
    execute(town_context.database, "UPDATE rewrite_rule SET current = ?, new = ? WHERE id = 1", (HOSTILE, HOSTILE))
    execute(
        town_context.database,
        "INSERT INTO rewrite_test (version, owner, owner_id, parameter, number, expected)"
        " VALUES (1, 'ip_auth', 1, 'destination', ?, ?)",
        (HOSTILE, HOSTILE),
    )
    async with rules(town_context, size) as opened:
        await opened.sees("[/b]", "^[^0]$", r"[\]red]", "✖ test fails" if size == WIDE else "")
        await opened.press("t")
        await opened.type(HOSTILE)
        await opened.sees("␛]52")
        await settled(opened)
        harmless(opened)
        await opened.press("f2")
        await opened.quiet()
        await opened.press("escape", "home")
        await edited(opened, "e")
        await opened.fill(current=HOSTILE, new="[/b]\x1b[31m")
        await opened.sees("✖ holds the control character U+001B")
        harmless(opened)
        await opened.press("ctrl+s", "escape", "y", "d")
        await asked(opened)
        harmless(opened)
    assert not any("\x1b" in toast for toast in opened.toasts)


def harmless(opened: Console) -> None:
    """No character on the screen steers the terminal."""
    assert all(letter.isprintable() for letter in opened.picture.replace("\n", ""))


@SMALL
async def test_a_viewer_looks_and_tries_and_writes_nothing(town_context: Context, size: tuple[int, int]) -> None:
    """W-028"""
    add(town_context, p0="44")
    keep(town_context, {"01": None})
    before = query(town_context.database, "SELECT count(*), max(id) FROM audit")
    async with rules(replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER)), size) as opened:
        for word in ("Add", "Delete", "examples", "Earlier", "Later"):
            assert word not in opened.footer
        for key in ("a", "d", "x", "J", "K", "z"):
            await opened.press(key)
        await opened.quiet()
        assert type(opened.app.screen).__name__ == "MainScreen"
        await opened.press("t")
        await opened.type("01782550100")
        await opened.sees("441782550100", "✔ GB")
        assert "Keep" not in opened.footer
        await opened.press("f2", "f8", "escape", "home")
        await edited(opened, "e")
        assert all(isinstance(row.widget, Fixed) for row in opened.form._pages.rows.values())
        await opened.press("ctrl+s", "escape")
        await settled(opened)
    assert query(town_context.database, "SELECT count(*), max(id) FROM audit") == before


async def test_an_empty_list_names_no_key_to_whom_it_does_nothing(town_context: Context) -> None:
    viewer = replace(town_context, actor=replace(town_context.actor, role=Role.VIEWER))
    async with rules(viewer) as opened:
        await opened.sees("No rules: numbers stay as they come in.")
        assert "a adds one" not in opened.picture


async def test_h_shows_the_history_of_the_subject(town_context: Context) -> None:
    """W-027"""
    async with rules(town_context) as opened:
        await opened.press("h")
        await opened.sees("#ip_auth/1", "create of IP entry 203.0.113.77")
