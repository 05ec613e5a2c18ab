"""What several tests of the services start with."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.services.context import Context
from tests.services.stock import Stock


@pytest.fixture
def stock(bob: Context, acme: Company, beta: Company) -> Stock:
    """One row of each kind, made by bob."""
    return Stock(bob, acme, beta)
