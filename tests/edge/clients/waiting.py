"""Waiting for something to become true, never for luck."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMEOUT = 5.0
"""Seconds in which anything on loopback must have happened."""


def wait_until(condition: Callable[[], object], what: str, timeout: float = TIMEOUT) -> None:
    """Return once `condition()` holds; fail naming `what` if it does not within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {timeout} s"
        time.sleep(0.005)
