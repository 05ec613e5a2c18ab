"""What a source did before it was blocked: the evidence that goes with the block (W-032)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from cxtui.rules.printable import clean
from cxtui.services.edges import Sighting

_MOST_SOURCES = 20_000
_MOST_USERS = 20
_LONGEST_USER = 64
_LONGEST_AGENT = 300
_REMEMBERED = 120.0
_UNSAID = ("", "<null>")
WRONG, UNKNOWN, UNASKED = -2, -3, -5
"""What ``auth_check`` says: wrong password, unknown user, no credentials."""


@dataclass(slots=True)
class _Case:
    last: float
    agent: str = ""
    method: str = ""
    counts: dict[int, int] = field(default_factory=dict)
    users: dict[str, None] = field(default_factory=dict)

    @property
    def hits(self) -> int:
        return sum(self.counts.values())


class Evidence:
    """Failed attempts by source, those of the last minutes; the oldest sources leave when there are too many."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, _Case] = OrderedDict()

    def note(self, event: dict[str, Any], at: float) -> None:
        """Count one failed attempt. What the source wrote is kept as it can be shown."""
        source = canonical(str(event.get("source", "")))
        if not source:
            return
        case = self._cases.get(source)
        if case is None or at - case.last > _REMEMBERED:
            case = self._cases[source] = _Case(at)
        self._cases.move_to_end(source)
        while len(self._cases) > _MOST_SOURCES:
            self._cases.popitem(last=False)
        code, count = _number(event.get("rc")), _number(event.get("count"))
        # Attempts without credentials are only told of when they are too many; then the switch's count stands for all.
        case.counts[code] = max(1, count) if code == UNASKED else case.counts.get(code, 0) + 1
        case.last, case.method = at, _said(event, "method", 16)
        case.agent = _said(event, "agent", _LONGEST_AGENT) or case.agent
        user = _said(event, "user", _LONGEST_USER)
        if user and len(case.users) < _MOST_USERS:
            case.users[user] = None

    def sighting(self, source: str, expires_at: float) -> Sighting | None:
        """All that is known of a source, as the beginning of its block; it is forgotten here."""
        case = self._cases.pop(source, None)
        if case is None:
            return None
        return Sighting(
            source, case.last, case.hits, _reason(case), " ".join(case.users), case.agent, "table", expires_at
        )

    def forget(self, source: str) -> None:
        """Begin anew with a source that is let through again."""
        self._cases.pop(source, None)


def canonical(source: str) -> str:
    """An address as it is kept everywhere, "" for what is none. The switch writes it in the same way."""
    try:
        address = ip_address(source.strip("[]"))
    except ValueError:
        return ""
    return "" if "%" in source else str(address)


def _reason(case: _Case) -> str:
    wrong, unknown = case.counts.get(WRONG, 0), case.counts.get(UNKNOWN, 0)
    if case.counts.get(UNASKED):
        return f"{case.method or 'INVITE'} not authorised"
    if wrong and unknown:
        return f"wrong password ×{wrong}, unknown user ×{unknown}"
    if wrong:
        return f"wrong password {next(iter(case.users), '')}".strip() if len(case.users) == 1 else "wrong passwords"
    return f"unknown user ×{unknown}"


def _said(event: dict[str, Any], name: str, length: int) -> str:
    text = event.get(name)
    return clean(text[:length]) if isinstance(text, str) and text not in _UNSAID else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
