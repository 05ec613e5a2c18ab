"""What a change touches, counted for the edges: all fetch a new generation, and reload what they keep in memory."""

from __future__ import annotations

from typing import Any

from cxtui.models.company import Company
from cxtui.models.fields import Entity
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule

_ADDRESSES: frozenset[type[Entity]] = frozenset({IpAuth, Company})
_REWRITES: frozenset[type[Entity]] = frozenset({RewriteRule, Company})
"""What an edge keeps in memory and has to reload; everything else it reads anew for each request."""


class Touched:
    """The kinds of rows that one change touches, and whether it writes any: what is only audited is no change."""

    def __init__(self) -> None:
        self.written = False
        self._kinds: set[type[Entity]] = set()

    def note(self, kind: type[Entity]) -> None:
        """A row of this kind is told of in the audit."""
        self._kinds.add(kind)

    def write(self, *kinds: type[Entity]) -> None:
        """Something is written; kinds of rows that are not named here are noted when they are audited."""
        self._kinds.update(kinds)
        self.written = True

    def count(self, account: Any, now: float) -> None:
        """Begin a generation in the row of the ``Account``, with the sentinels of what an edge has to reload for it."""
        account.generation += 1
        account.changed_at = now
        # Not the generation: a database that was restored comes to the same one again, with other rows.
        moment = round(now * 1e6)
        if self._kinds & _ADDRESSES:
            account.addresses_at = max(account.addresses_at + 1, moment)
        if self._kinds & _REWRITES:
            account.rewrites_at = max(account.rewrites_at + 1, moment)
