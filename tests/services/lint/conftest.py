"""What the tests of the overview ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cxtui.services.context import Context
from cxtui.services.lint import Problem, lint

Found = Callable[..., list[Problem]]


@pytest.fixture
def found(context: Context) -> Found:
    """The problems of everything, or of a company; those about documentation addresses, which tests use, left out."""

    def problems(company: Any = None) -> list[Problem]:
        every = lint(context, company.id if company is not None else None)
        return [problem for problem in every if problem.code != "special-range"]

    return problems


@pytest.fixture
def kinds(found: Found) -> Callable[..., list[tuple[str, str, str]]]:
    """Each of them as its code, its severity and what it is about."""

    def short(company: Any = None) -> list[tuple[str, str, str]]:
        return [(problem.code, problem.severity.value, problem.label) for problem in found(company)]

    return short
