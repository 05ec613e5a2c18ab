"""Parameter Rewrite: the rules of a subject, in order, and the numbers they are tested with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .fields import BASIC, Choice, Entity, boolean, choice, integer, reference, text


class Parameter(StrEnum):
    """Which number of a call a rule modifies (S-063, W-041)."""

    DESTINATION = "destination"
    CLI = "cli"


class Mode(StrEnum):
    """How *Current* is read (C-09)."""

    PREFIX = "prefix"
    REGEX = "regex"


PARAMETERS = (
    Choice("destination", "Destination Number", "The number that is called."),
    Choice("cli", "CLI", "The number of the caller."),
)
MODES = (
    Choice("prefix", "prefix", "The beginning of the number, taken literally."),
    Choice("regex", "regex", "A regular expression; the first match in the number is replaced."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteRule(Entity):
    """One rule of a subject (S-062…S-068, C-09, C-10, C-14).

    ``owner`` is the table of the subject, ``ip_auth`` or ``sip_user``. Rules run by ``position``; the result of one is
    the input of the next. ``match_exp``, ``subst_exp`` and ``repl_exp`` are the same rule as the edge's dialplan reads
    it.
    """

    owner: str = text("Owner", max_length=16)
    owner_id: int = reference("Owner id", "")
    position: int = integer("Position", default=0, maximum=2**31)
    parameter: str = choice(
        "Type",
        PARAMETERS,
        tab=BASIC,
        help="Which number is changed as the call comes into the system, before aliases and routing.",
    )
    mode: str = choice("Mode", MODES, tab=BASIC)
    current: str = text(
        "Current",
        tab=BASIC,
        required=True,
        default="",
        max_length=255,
        help="What is replaced: a prefix, or a regex. Digits and + alone make a prefix.",
    )
    new: str = text(
        "New", tab=BASIC, max_length=127, help="What stands there instead; $1 is the first group. Empty = removed."
    )
    stop: bool = boolean("Stop", tab=BASIC, help="No later rule of this type runs once this one has matched.")
    match_exp: str = text("Match expression", max_length=1000)
    subst_exp: str = text("Substitution expression", max_length=1000)
    repl_exp: str = text("Replacement expression", max_length=255)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteTest(Entity):
    """A number that is run through the rules of its subject on each save, and what has to come out."""

    owner: str = text("Owner", max_length=16)
    owner_id: int = reference("Owner id", "")
    parameter: str = choice("Type", PARAMETERS, tab=BASIC)
    number: str = text("Number", tab=BASIC, max_length=127, help="As it comes in.")
    expected: str = text("Expected", tab=BASIC, max_length=127, help="As it has to be after all rules.")
