"""Being told of commits, whoever made them."""

from __future__ import annotations

from collections.abc import Callable

from cxtui.store.watch import Watch

from .context import Context


def watch(context: Context, notify: Callable[[], object], failed: Callable[[str], object], period: float) -> Watch:
    """A watch that is not started yet; ``notify`` and ``failed`` are called in a thread of its own."""
    return Watch(context.database, notify, failed, period)
