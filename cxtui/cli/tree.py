"""The verbs and their options as plain values, read off the real parsers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .grammar import Parser

_FILES = frozenset({"FILE", "PATH"})
_WORDS = re.compile(r"[a-z0-9_-]+(?:\|[a-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Option:
    """An option, or (without ``names``) an argument. ``metavar`` is empty for an option that takes no value.

    ``values`` are those that can be chosen from, empty where any will do; ``file`` says that it is a file.
    """

    names: tuple[str, ...]
    metavar: str
    help: str
    values: tuple[str, ...]
    file: bool


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb with the words that lead to it, such as "cxtui sip add"; ``common`` are the options of every verb."""

    path: str
    help: str
    usage: str
    options: tuple[Option, ...]
    common: tuple[Option, ...]
    arguments: tuple[Option, ...]
    verbs: tuple[Verb, ...]

    @property
    def name(self) -> str:
        """The last of its words."""
        return self.path.rpartition(" ")[2]

    def walk(self) -> Iterator[Verb]:
        """It and all verbs under it, in their order."""
        yield self
        for verb in self.verbs:
            yield from verb.walk()


def tree() -> Verb:
    """The whole program."""
    from .verbs import furnish

    return _verb(Parser("cxtui", furnish), "")


def _verb(parser: Parser, help: str) -> Verb:
    parser.furnished()
    verbs: list[Verb] = []
    own: list[argparse.Action] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            words = {choice.dest: choice.help or "" for choice in action._choices_actions}
            verbs += [_verb(inner, words.get(name, "")) for name, inner in action.choices.items()]
        else:
            own.append(action)
    shared = {
        action for group in parser._action_groups if group.title == "everywhere" for action in group._group_actions
    }
    return Verb(
        path=parser.prog,
        help=help,
        usage=str(parser.usage),
        options=tuple(_option(action) for action in own if action.option_strings and action not in shared),
        common=tuple(_option(action) for action in own if action in shared),
        arguments=tuple(_option(action) for action in own if not action.option_strings),
        verbs=tuple(verbs),
    )


def _option(action: argparse.Action) -> Option:
    choices = tuple(map(str, action.choices or ()))
    metavar = "" if action.nargs == 0 else str(action.metavar or "|".join(choices) or action.dest.upper())
    values = choices or (tuple(metavar.split("|")) if _WORDS.fullmatch(metavar) else ())
    words = (action.help or "").replace("%%", "%")
    return Option(tuple(action.option_strings), metavar, words, values, metavar in _FILES)
