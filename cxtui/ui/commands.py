"""Commands: one object gives the key, the footer, the palette, the help line and the row in the README."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from cxtui.rules.roles import Role
from cxtui.services.context import Actor


@dataclass(frozen=True, slots=True)
class Command:
    """Something an operator can do in one place.

    ``id`` names it in the settings, where its key can be changed; ``key`` may list several, separated by commas;
    ``action`` is the Textual action. ``needs_row`` greys it out while no row is under the cursor; one that ``writes``
    is hidden from whoever may not.
    """

    id: str
    key: str
    title: str
    help: str
    action: str
    footer: bool = True
    needs_row: bool = False
    writes: bool = False

    @property
    def verb(self) -> str:
        """The name of the action, without what it is given."""
        return self.action.partition("(")[0]


def forbids(commands: Iterable[Command], action: str, actor: Actor, needs: Role) -> bool:
    """Whether ``action`` is a command that writes, and the operator's role is below ``needs`` (W-028)."""
    return not actor.may(needs) and any(command.writes and command.verb == action for command in commands)


def bindings(*commands: Command) -> list[BindingType]:
    """The bindings of ``commands``."""
    return [
        Binding(
            command.key,
            command.action,
            command.title,
            show=command.footer,
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
    ]


def shown_key(key: str) -> str:
    """A key as an operator reads it: "ctrl+s" stays, "slash" is "/"; of several the first."""
    first = key.split(",")[0]
    names = {"slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]"}
    return names.get(first, first)


def key_of(commands: Iterable[Command], action: str) -> str:
    """The key that carries out ``action`` among ``commands``, empty where none does."""
    return next((shown_key(command.key) for command in commands if command.action == action), "")
