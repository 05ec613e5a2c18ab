"""The grammar of the command line: parsers built when they are needed, options made of field definitions."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cxtui.models.fields import Entity, FieldSpec

FIELD = "field_"
"""Begins the names of parsed values that are fields of the entity."""


class UsageError(Exception):
    """The command line is not in the grammar; ``hint`` says where it is written."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(sentence)


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, within what is comfortable to read."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(shutil.get_terminal_size().columns, 110) - 2)


class Parser(argparse.ArgumentParser):
    """A parser that gets its options and verbs from ``furnish`` the first time it is asked anything."""

    def __init__(self, prog: str, furnish: Callable[[Parser], None] | None = None, **more: Any) -> None:
        more.setdefault("usage", f"{prog} …")
        super().__init__(prog=prog, allow_abbrev=False, formatter_class=_Layout, add_help=False, **more)
        self._furnish = furnish
        self.manual = ""

    def furnished(self) -> Parser:
        """It with its options and verbs in place; what they need is imported now."""
        if self._furnish:
            furnish, self._furnish = self._furnish, None
            furnish(self)
            common = self.add_argument_group("everywhere")
            common.add_argument("--db", metavar="PATH", default=argparse.SUPPRESS, help="the database file")
            common.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="the settings file")
            words = "change nothing, whatever your role"
            common.add_argument("--readonly", action="store_true", default=argparse.SUPPRESS, help=words)
            common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer in JSON")
            common.add_argument("-h", "--help", action="help", help="this text")
        return self

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse, with all options in place."""
        self.furnished()
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            # Said here, where the verb is known whose options these are not.
            self.error(f"not understood: {' '.join(unknown)}")
        return parsed, unknown

    def verbs(self, *, required: bool = True) -> Callable[..., Parser]:
        """Begin a choice of verbs; what is returned adds one, as ``add(name, furnish, help=…)``."""
        choice = self.add_subparsers(
            metavar="VERB", parser_class=Parser, title="verbs", dest=argparse.SUPPRESS, required=required
        )

        def add(name: str, furnish: Callable[[Parser], None], *, help: str, usage: str = "") -> Parser:
            whole = f"{self.prog} {name}"
            described = help[0].upper() + help[1:]
            return choice.add_parser(
                name, help=help, prog=whole, furnish=furnish, description=described, usage=f"{whole} {usage or '…'}"
            )

        return add

    def format_help(self) -> str:
        """The manual where there is one; else usage, options and examples."""
        from .examples import examples_of

        if self.manual:
            return self.manual
        examples = "".join(f"  {line}\n" for line in examples_of(self.prog))
        return super().format_help() + (f"\nexamples:\n{examples}" if examples else "")

    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving the process."""
        raise UsageError(message, f"How it is written: {self.prog} --help")


def field_options(parser: Parser, entity: type[Entity], *, without: Iterable[str] = ()) -> None:
    """Add an option for every field of the entity's form, a group for each tab. What it parses is text."""
    from cxtui.models.fields import form_specs

    groups: dict[str, Any] = {}
    for name, spec in form_specs(entity).items():
        if name in without:
            continue
        group = groups.get(spec.tab) or groups.setdefault(spec.tab, parser.add_argument_group(spec.tab))
        group.add_argument(
            option(name), dest=FIELD + name, default=None, metavar=_metavar(spec), help=_told(spec).replace("%", "%%")
        )


def typed(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields that were given, as they were typed."""
    return {
        name.removeprefix(FIELD): value
        for name, value in vars(arguments).items()
        if name.startswith(FIELD) and value is not None
    }


def option(field: str) -> str:
    """The option for a field: ``--force-nat`` for ``force_nat``, ``--profile`` for ``profile_id``."""
    return "--" + field.removesuffix("_id").replace("_", "-")


def whole_number(text: str) -> int:
    """A count given on the command line: at least 1."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
        raise argparse.ArgumentTypeError("write a whole number, at least 1")
    return int(text)


def _metavar(spec: FieldSpec) -> str:
    match spec.kind:
        case "boolean":
            return "yes|no"
        case "integer":
            return "N"
        case "choice":
            return "|".join(choice.value for choice in spec.choices if choice.selectable)
        case "reference":
            return "NAME"
        case "networks":
            return "LIST"
        case "address":
            return "ADDRESS"
        case _:
            return "TEXT"


def _told(spec: FieldSpec) -> str:
    """All that a field's definition says, as a line of help."""
    limits = f"{spec.minimum}–{spec.maximum}" if spec.kind == "integer" else ""
    usual = {"True": "yes", "False": "no", "None": ""}.get(str(spec.default), str(spec.default))
    words = ", ".join(fact for fact in (spec.unit, limits, f"usually {usual}" if usual else "") if fact)
    offered = [choice for choice in spec.choices if choice.selectable]
    choices = "; ".join(f"{choice.value}: {(choice.help or choice.label).rstrip('.')}" for choice in offered)
    parts = [f"{spec.label}{f' ({words})' if words else ''}.", spec.help, choices, spec.advice]
    return " ".join(part for part in parts if part)
