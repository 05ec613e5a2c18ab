"""Keys from the settings: only for commands that exist, and never one key for two commands of a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding

from cxtui.ui import app_commands
from cxtui.ui.commands import Command
from cxtui.ui.forms.panel import FormPanel
from cxtui.ui.frame import search
from cxtui.ui.panes import (
    audit,
    auth,
    bulk,
    codecs,
    companies,
    edge,
    firewall,
    list_commands,
    rewrite,
    sip_users,
    voicemail,
)
from cxtui.ui.screens import examples, ladder, later, nat_doctor, password, plan, registrations, share
from cxtui.ui.widgets import tester
from cxtui.ui.widgets.row_table import RowTable

PLACES: Mapping[str, tuple[Command, ...]] = {
    "everywhere": app_commands.COMMANDS,
    "lists": list_commands.COMMANDS,
    "Auth": auth.AuthPane.commands,
    "IP": bulk.BulkPane.commands,
    "SIP": sip_users.SipUsersPane.commands,
    "Codecs": codecs.COMMANDS,
    "Rewrite": rewrite.RewritePane.commands,
    "Voicemail": voicemail.VoicemailPane.commands,
    "Firewall": firewall.COMMANDS,
    "Edge": edge.COMMANDS,
    "Companies": companies.CompaniesPane.commands,
    "Audit": audit.COMMANDS,
    "forms": FormPanel.commands,
    "search": search.COMMANDS,
    "password": password.COMMANDS,
    "tester": tester.COMMANDS,
    "examples": examples.COMMANDS,
    "bulk plan": plan.COMMANDS,
    "CLI lists": share.COMMANDS,
    "delayed saves": later.COMMANDS,
    "registrations": registrations.COMMANDS,
    "NAT doctor": nat_doctor.COMMANDS,
    "ladder": ladder.COMMANDS,
}


def command_ids() -> frozenset[str]:
    """Every id that the settings may name."""
    moving = {binding.id for binding in RowTable.BINDINGS if isinstance(binding, Binding) and binding.id}
    return frozenset({command.id for commands in PLACES.values() for command in commands} | moving)


def checked(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The keys that can be used, and a sentence about each that cannot."""
    known = command_ids()
    complaints = [f"Settings, keys: there is no command {name}." for name in wanted if name not in known]
    clashes: dict[str, str] = {}
    usable = {name: key for name, key in wanted.items() if name in known}
    for place, commands in PLACES.items():
        taken: dict[str, str] = {}
        for command in commands if place == "everywhere" else (*commands, *app_commands.COMMANDS):
            for key in usable.get(command.id, command.key).split(","):
                other = taken.setdefault(key.strip(), command.id)
                if other != command.id and (command.id in usable or other in usable):
                    clashes.setdefault(f"{key} is used for {other} and {command.id}", place)
    complaints += [f"Settings, keys: {clash} ({place})." for clash, place in clashes.items()]
    return usable, complaints


def take_over(app: App[Any], wanted: Mapping[str, str]) -> None:
    """Give the app the keys of the settings, and say which of them cannot be used."""
    keys, complaints = checked(wanted)
    app.update_keymap(keys)
    for complaint in complaints:
        app.notify(complaint, severity="warning", timeout=10)
