"""Who may do what."""

from __future__ import annotations

import pytest

from cxtui.rules.roles import Role, role_of

ROLES = {"admin": "wheel, noc-leads", "operator": "noc", "viewer": "support,sales"}


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ({"wheel"}, Role.ADMIN),
        ({"noc-leads", "noc"}, Role.ADMIN),
        ({"noc", "support"}, Role.OPERATOR),
        ({"sales"}, Role.VIEWER),
        ({"users"}, None),
        (set(), None),
    ],
)
def test_the_highest_role_of_all_groups_counts(groups: set[str], role: Role | None) -> None:
    """W-028."""
    assert role_of(groups, ROLES) == role


def test_without_any_role_set_everybody_is_admin() -> None:
    assert role_of(set(), {}) is Role.ADMIN


def test_a_role_without_groups_is_nobodys() -> None:
    assert role_of({""}, {"admin": "", "viewer": " , "}) is None
