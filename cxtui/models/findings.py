"""What a rule has to say about a value: an error that refuses the write, or a warning beside the field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a finding stops the write."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one field, in the operator's words.

    ``field`` is the name of the field it stands beside, ``code`` the requirement or rule id, ``fix`` the name of an
    offered remedy (empty: none). The text never holds a secret.
    """

    field: str
    severity: Severity
    text: str
    code: str = ""
    fix: str = ""


def error(field: str, text: str, code: str = "", fix: str = "") -> Finding:
    """A finding that refuses the write."""
    return Finding(field, Severity.ERROR, text, code, fix)


def warning(field: str, text: str, code: str = "", fix: str = "") -> Finding:
    """A finding that is shown and lets the write pass."""
    return Finding(field, Severity.WARNING, text, code, fix)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of ``findings`` that refuse the write."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)
