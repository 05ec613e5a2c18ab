"""What an operator may do: viewer < operator < admin, by Unix group (W-028)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import IntEnum


class Role(IntEnum):
    """What somebody may do; each role may do what those below it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as the settings and the screen name it."""
        return self.name.lower()


def role_of(groups: Collection[str], roles: Mapping[str, str]) -> Role | None:
    """The highest role that membership in ``groups`` gives, or None where it gives none.

    ``roles`` maps a role's word to the names of groups, separated by commas. Without any, everybody is admin.
    """
    if not roles:
        return Role.ADMIN
    return max((role for role in Role if {*_names(roles.get(role.word, ""))} & {*groups}), default=None)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
