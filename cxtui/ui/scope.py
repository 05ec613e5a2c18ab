"""Which company the console looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One company, or all of them: the portal's Global view (S-003)."""

    company_id: int | None = None
    name: str = "All companies"


ALL = Scope()
