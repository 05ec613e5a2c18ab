"""Keys from the settings, and the commands behind every key."""

from __future__ import annotations

from itertools import chain

import pytest
from textual.binding import Binding
from textual.keys import key_to_character

from cxtui.services.context import Context
from cxtui.ui import app_commands
from cxtui.ui.app import CxtuiApp
from cxtui.ui.commands import Command, shown_key
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.frame.search import Search
from cxtui.ui.keymap import PLACES, checked, command_ids
from cxtui.ui.panes.audit import AuditPane
from cxtui.ui.panes.auth import AuthPane
from cxtui.ui.panes.bulk import BulkPane
from cxtui.ui.panes.codecs import CodecsPane
from cxtui.ui.panes.companies import CompaniesPane
from cxtui.ui.panes.edge import EdgePane
from cxtui.ui.panes.editing import EditingPane
from cxtui.ui.panes.firewall import FirewallPane
from cxtui.ui.panes.rewrite import RewritePane
from cxtui.ui.panes.sip_users import SipUsersPane
from cxtui.ui.panes.voicemail import VoicemailPane
from cxtui.ui.screens.dialog import Dialog
from cxtui.ui.screens.examples import ExamplesScreen
from cxtui.ui.screens.ladder import LadderScreen
from cxtui.ui.screens.later import LaterScreen
from cxtui.ui.screens.nat_doctor import NatDoctorScreen
from cxtui.ui.screens.password import PasswordScreen
from cxtui.ui.screens.plan import PlanScreen
from cxtui.ui.screens.registrations import RegistrationsScreen
from cxtui.ui.screens.share import ShareScreen
from cxtui.ui.widgets.entry import Entry
from cxtui.ui.widgets.tester import RewriteTester
from tests.support import operator
from tests.ui.console import HUGE, WIDE, Console, console

OWNERS = {
    "everywhere": CxtuiApp,
    "lists": EditingPane,
    "Auth": AuthPane,
    "IP": BulkPane,
    "SIP": SipUsersPane,
    "Codecs": CodecsPane,
    "Rewrite": RewritePane,
    "Voicemail": VoicemailPane,
    "Firewall": FirewallPane,
    "Edge": EdgePane,
    "Companies": CompaniesPane,
    "Audit": AuditPane,
    "forms": FormPanel,
    "search": Search,
    "password": PasswordScreen,
    "tester": RewriteTester,
    "examples": ExamplesScreen,
    "bulk plan": PlanScreen,
    "CLI lists": ShareScreen,
    "delayed saves": LaterScreen,
    "registrations": RegistrationsScreen,
    "NAT doctor": NatDoctorScreen,
    "ladder": LadderScreen,
}


WINDOWS = [place for place, owner in OWNERS.items() if issubclass(owner, Dialog)]


@pytest.mark.parametrize("window", WINDOWS)
def test_every_window_shows_its_keys(window: str) -> None:
    bindings: list[object] = getattr(OWNERS[window], "BINDINGS")  # noqa: B009
    bound = {binding.key: binding.action for binding in bindings if isinstance(binding, Binding)}
    assert bound["question_mark,f1"] == "app.help"


def with_keys(context: Context, **keys: str) -> Context:
    """The operator alice with keys of her own."""
    from dataclasses import replace

    own = {name.replace("__", "."): key for name, key in keys.items()}
    plain = operator(context.database, "alice", context.now)
    return replace(plain, settings=replace(plain.settings, keys=own))


def test_every_place_with_keys_is_known_to_the_settings() -> None:
    assert set(PLACES) == set(OWNERS)


@pytest.mark.parametrize("place", PLACES)
def test_each_command_id_stands_once_in_a_place_and_its_action_exists(place: str) -> None:
    commands = PLACES[place]
    ids = [command.id for command in commands]
    assert len(ids) == len(set(ids))
    missing = [command.id for command in commands if not hasattr(OWNERS[place], f"action_{_action(command)}")]
    assert missing == []


@pytest.mark.parametrize("place", PLACES)
def test_each_command_is_bound_where_it_belongs(place: str) -> None:
    bound = {
        binding.id
        for owner in OWNERS[place].__mro__
        for binding in getattr(owner, "BINDINGS", ())
        if isinstance(binding, Binding)
    }
    assert {command.id for command in PLACES[place]} <= bound


@pytest.mark.parametrize("place", PLACES)
def test_no_key_of_a_place_has_two_commands(place: str) -> None:
    keys = list(chain.from_iterable(command.key.split(",") for command in PLACES[place]))
    assert len(keys) == len(set(keys))


def test_a_form_keeps_its_place_from_whatever_leads_away() -> None:
    safe = {"help", "theme"}
    assert {_action(command) for command in app_commands.COMMANDS} - safe == app_commands.NOT_IN_A_FORM


def test_an_unknown_id_and_a_clash_are_complained_of() -> None:
    usable, complaints = checked({"list.nothing": "x", "list.add": "e", "list.delete": "ctrl+x"})
    assert usable == {"list.add": "e", "list.delete": "ctrl+x"}
    assert complaints[0] == "Settings, keys: there is no command list.nothing."
    assert "Settings, keys: e is used for list.add and list.edit (lists)." in complaints


def test_the_keys_that_move_in_a_list_can_be_changed_too() -> None:
    assert {"table.up", "table.page-down", "table.mark"} <= command_ids()


def test_companies_have_their_letter_and_the_edges_the_digit_after_the_firewall() -> None:
    keys = {command.id: command.key for command in app_commands.COMMANDS}
    assert (keys["app.tab-blocks"], keys["app.tab-edges"], keys["app.company"]) == ("7", "8", "c")


def test_no_key_of_a_tab_is_one_that_works_everywhere() -> None:
    """What a tab calls by a key of everywhere could not be reached by its own."""
    everywhere = set(chain.from_iterable(command.key.split(",") for command in app_commands.COMMANDS))
    for command in EdgePane.commands:
        assert not everywhere & set(command.key.split(","))


def test_the_defaults_raise_no_complaint() -> None:
    assert checked({}) == ({}, [])
    assert checked({command.id: command.key for command in app_commands.COMMANDS})[1] == []


def test_no_key_that_types_a_character_is_offered_while_a_field_has_the_focus() -> None:
    """As terminals name it: a capital letter also by its letter and Shift."""
    keys = set(chain.from_iterable(command.key.split(",") for commands in PLACES.values() for command in commands))
    typed = {key for key in keys if len(key) == 1 or key in ("slash", "question_mark", "space")}
    typed |= {key for key in keys if key.startswith("shift+") and len(key) == len("shift+a")}
    assert {"A", "shift+a", "slash", "d"} <= typed
    field = Entry()
    assert {key for key in keys if field.check_consume_key(key, key_to_character(key))} == typed


async def test_a_key_of_the_settings_takes_the_place_of_the_usual_one(town_context: Context) -> None:
    context = with_keys(town_context, list__add="ctrl+n", app__nothing="x", list__copy="e")
    async with console(context, WIDE) as opened:
        await opened.hears("there is no command app.nothing")
        await opened.hears("e is used for list.edit and list.copy (lists).")
        await opened.open("c")
        await opened.press("a")
        assert not opened.app.query(FormPanel)
        assert "^n Add" in opened.footer
        await opened.press("ctrl+n")
        await opened.until(lambda: opened.form.typed)
        await opened.press("escape")
        await opened.press("question_mark")
        await opened.sees("ctrl+n", "Add a row")


async def test_the_help_lists_every_command_of_this_place_with_its_id(town_context: Context) -> None:
    async with console(town_context, HUGE) as opened:
        await opened.open("7")
        await opened.press("question_mark")
        await opened.sees("In this list", "Everywhere", "Moving")
        told = opened.picture
        for command in (*FirewallPane.commands, *app_commands.COMMANDS):
            assert command.id in told
            assert shown_key(command.key) in told


async def test_the_palette_offers_the_commands_of_this_place_and_carries_them_out(town_context: Context) -> None:
    context = with_keys(town_context, firewall__pause="f7")
    async with console(context, HUGE) as opened:
        await opened.open("7")
        await opened.press("ctrl+p")
        await opened.sees("Authorise+unblock  (A)", "Pause  (f7)", "Find  (/)")
        assert "Retain DID" not in opened.picture
        await _type_slowly(opened, "hold the")
        await opened.until(lambda: "Find  (/)" not in opened.picture)
        await opened.press("enter")
        await opened.sees("PAUSED")


async def test_the_palette_knows_the_form_that_is_open(town_context: Context) -> None:
    async with console(town_context, HUGE) as opened:
        await opened.open("c")
        await opened.press("a")
        await opened.until(lambda: opened.form.typed)
        await opened.press("ctrl+p")
        await opened.sees("Save what stands in the form")


async def _type_slowly(opened: Console, text: str) -> None:
    await opened.press(*("space" if letter == " " else letter for letter in text))


def _action(command: Command) -> str:
    return command.action.split("(")[0]
