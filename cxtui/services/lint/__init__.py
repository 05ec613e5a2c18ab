"""Everything that is wrong or doubtful in what is stored, found by the same rules that judge what is typed."""

from __future__ import annotations

from .overview import lint
from .problems import Problem

__all__ = ["Problem", "lint"]
