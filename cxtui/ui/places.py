"""Where the keys go: from the widget that has the focus outwards, each place with its commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.app import App
from textual.dom import DOMNode

from cxtui.rules.roles import Role
from cxtui.services.context import Actor
from cxtui.ui.commands import Command, shown_key

Group = tuple[str, list[tuple[str, Command]]]
"""A place by its name, and its commands, each with its key."""

_NAMES = {
    "CxtuiApp": "Everywhere",
    "FormPanel": "In this form",
    "RewriteTester": "In the tester",
    **dict.fromkeys(
        (
            *("PasswordScreen", "ShareScreen", "ExamplesScreen", "PlanScreen", "LaterScreen"),
            *("RegistrationsScreen", "NatDoctorScreen", "LadderScreen", "AskLadder"),
        ),
        "In this window",
    ),
}


def places_from(node: DOMNode) -> list[DOMNode]:
    """A widget and all that it stands in, outwards to the app."""
    found = [node]
    while not isinstance(found[-1], App) and found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def commands_of(node: DOMNode) -> tuple[Command, ...]:
    """The commands of a place; most widgets have none."""
    commands: tuple[Command, ...] = getattr(node, "commands", ())
    return commands


def groups(places: Iterable[DOMNode], keys: Mapping[str, str], actor: Actor) -> list[Group]:
    """The commands of places, nearest first; one that a nearer place has already, or that the role forbids, is left
    out.
    """
    found: list[Group] = []
    seen: set[str] = set()
    for node in places:
        may = actor.may(getattr(node, "needs", Role.OPERATOR))
        mine = [command for command in commands_of(node) if command.id not in seen and (may or not command.writes)]
        seen.update(command.id for command in mine)
        if mine:
            name = _NAMES.get(type(node).__name__, "In this list")
            found.append((name, [(shown_key(keys.get(command.id, command.key)), command) for command in mine]))
    return found
