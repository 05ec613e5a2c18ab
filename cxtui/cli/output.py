"""What a verb says: its answer on standard output as text or JSON, everything else on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cxtui.rules.printable import clean

if TYPE_CHECKING:
    from cxtui.models.findings import Finding

_OPTION_FOR = {"share": "--share sets it on every entry that shares the address"}
"""Remedies that a finding offers and that are an option here."""


class Output:
    """The two streams of one call; whatever is written as text is made printable first."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def room(self) -> int | None:
        """The width in cells that tables must fit, None where no screen breaks their lines."""
        return shutil.get_terminal_size().columns if sys.stdout.isatty() and not self.as_json else None

    def line(self, text: str = "") -> None:
        """One line of the answer."""
        print(clean(text))

    def lines(self, lines: Iterable[str]) -> None:
        """Lines of the answer, each written as soon as it is known."""
        for line in lines:
            self.line(line)

    def secret(self, text: str) -> None:
        """The one line that holds a secret, out of this process before anything else is done."""
        print(text, flush=True)

    def record(self, value: Any) -> None:
        """The answer as one JSON value on one line."""
        print(dumps(value), flush=True)

    def records(self, values: Iterable[Any]) -> None:
        """The answer as a JSON array, one value a line, none of them kept."""
        empty = True
        for value in values:
            print("[" if empty else ",", dumps(value), sep="\n", end="")
            empty = False
        print("[]" if empty else "\n]")

    def abandon(self) -> None:
        """Give standard output up, so that the interpreter says nothing about it when it ends."""
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            sys.stdout = None

    def note(self, text: str) -> None:
        """Something for the operator that is not part of the answer."""
        print(clean(text), file=sys.stderr)

    def warn(self, findings: Sequence[Finding]) -> None:
        """What the rules remarked about a write that went through."""
        for finding in findings:
            self.note(f"warning: {finding.field}: {finding.text}")

    def failed(self, sentence: str, *, hint: str = "", **more: Any) -> None:
        """Why nothing was done."""
        if self.as_json:
            self.record({"error": sentence, "findings": [], **more})
            return
        self.note(f"cxtui: {sentence}")
        if hint:
            self.note(hint)

    def refused(self, findings: Sequence[Finding]) -> None:
        """Why the rules refused, field by field, and then what they only remarked."""
        findings = sorted(findings, key=lambda finding: finding.severity != "error")
        if self.as_json:
            refusing = [finding for finding in findings if finding.severity == "error"]
            sentence = "; ".join(f"{finding.field}: {finding.text}" for finding in refusing)
            self.record({"error": sentence, "findings": [finding_record(finding) for finding in findings]})
            return
        for finding in findings:
            if finding.severity != "error":
                self.warn([finding])
                continue
            remedy = _OPTION_FOR.get(finding.fix, "")
            self.note(f"{finding.field}: {finding.text}{f' ({remedy})' if remedy else ''}")


def finding_record(finding: Finding) -> Mapping[str, str]:
    """A finding for a program."""
    return {
        "field": finding.field,
        "severity": str(finding.severity),
        "text": finding.text,
        "code": finding.code,
        "fix": finding.fix,
    }


def dumps(value: Any) -> str:
    """JSON in ASCII: exact for programs, and harmless to a terminal that shows it."""
    import json

    return json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007f")
