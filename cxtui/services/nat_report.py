"""What the NAT doctor found, as plain lines for a ticket or a shell (S-132)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cxtui.models.findings import Severity
from cxtui.rules.nat import Diagnosis, Evidence, Result
from cxtui.rules.printable import clean

from .nat_doctor import Examination, difference

WORDS = {Result.OK: "ok", Result.BAD: "BAD", Result.NOTE: "note", Result.UNKNOWN: "unknown"}
"""How a test came out, in a word."""

_ORDER = (Result.BAD, Result.NOTE, Result.UNKNOWN, Result.OK)
_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", None: "OK"}
_WIDTH = max(map(len, WORDS.values()))


def weightiest_first(diagnosis: Diagnosis) -> list[Evidence]:
    """The evidence by how it came out, what was found wrong before all else; otherwise in the order of the tests."""
    return sorted(diagnosis.evidence, key=lambda one: _ORDER.index(one.result))


def severity_word(diagnosis: Diagnosis) -> str:
    """ERROR, WARNING or OK."""
    return _SEVERITIES.get(diagnosis.severity, "WARNING")


def lines(examination: Examination, company: str) -> Iterator[str]:
    """Who and when, the verdict, each test with its requirement, what to do, and the fix; all of it printable."""
    diagnosis = examination.diagnosis
    at = datetime.fromtimestamp(examination.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield clean(f"NAT doctor: {examination.user.username} ({company}), {at}")
    yield clean(f"{severity_word(diagnosis)}: {diagnosis.verdict}")
    for one in diagnosis.evidence:
        code = f" ({one.code})" if one.code else ""
        yield clean(f"  {WORDS[one.result]:{_WIDTH}}  {one.test}: {one.text}{code}")
    if diagnosis.fix is not None:
        change = difference(examination.user, diagnosis.fix)
        yield clean(f"Fix: {change.label} {change.before} → {change.after}. {diagnosis.fix.reason}.")
    if diagnosis.next:
        yield clean(f"Next: {diagnosis.next}")
