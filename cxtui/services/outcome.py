"""How a verb ends: with a change, or with the reason why nothing was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cxtui.models.errors import SentenceError
from cxtui.models.fields import Entity
from cxtui.models.findings import Finding, error, errors


@dataclass(frozen=True, slots=True)
class Change:
    """What was done: the audit's id of it, a sentence, the rows as they are now, and warnings that stand.

    ``generation`` is the configuration that the edges have to run for it, 0 where there is nothing for them to fetch.
    """

    id: str
    sentence: str
    rows: tuple[Entity, ...] = ()
    warnings: tuple[Finding, ...] = ()
    generation: int = 0


class ServiceError(SentenceError):
    """The verb was not carried out and nothing was changed; the message is a sentence for the operator."""


class Refused(ServiceError):
    """The values break a rule; each finding stands beside its field."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.field}: {finding.text}" for finding in errors(findings)))


class Denied(ServiceError):
    """The operator's role does not allow it (W-028)."""


class Gone(ServiceError):
    """The row was deleted in the meantime."""


class NeedsConfirmation(ServiceError):
    """The verb would hurt; it wants ``word``, and the operator to type it where ``typed``."""

    def __init__(self, sentence: str, word: str, *, typed: bool = True) -> None:
        self.word, self.typed = word, typed
        super().__init__(sentence)


class Conflict(ServiceError):
    """Somebody else saved the same row first, and both changed the same fields.

    ``base`` is the row the operator began with, ``theirs`` what is stored now, ``mine`` the values the operator wants;
    ``fields`` names those that both changed, differently.
    """

    def __init__(self, base: Entity, theirs: Entity, mine: dict[str, Any], fields: tuple[str, ...], by: str) -> None:
        self.base, self.theirs, self.mine, self.fields, self.by = base, theirs, mine, fields, by
        super().__init__(f"{by} changed {', '.join(fields)} while you were editing")


def is_sentence(problem: BaseException) -> bool:
    """Whether the message of a problem is meant for the operator."""
    return isinstance(problem, SentenceError)


def refuse(field: str, text: str, code: str = "") -> Refused:
    """A refusal with one finding."""
    return Refused([error(field, text, code)])
