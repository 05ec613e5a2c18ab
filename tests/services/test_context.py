"""Who acts."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.config import load
from cxtui.models.company import Company
from cxtui.rules.roles import Role
from cxtui.services import companies
from cxtui.services.context import Context, _groups, who
from cxtui.services.outcome import Denied
from tests.support import audit

SETTINGS = load({"XDG_CONFIG_HOME": "/nonexistent", "HOME": "/nonexistent"}, {}, site=Path("/nonexistent"))
ME = pwd.getpwuid(os.getuid()).pw_name


def test_the_operator_is_the_login_of_the_process_and_not_of_the_environment() -> None:
    """W-027."""
    actor = who({"USER": "mallory", "LOGNAME": "mallory", "USERNAME": "mallory"}, "cxtui", SETTINGS)
    assert (actor.operator, actor.origin, actor.program) == (ME, "local", "cxtui")


def test_the_person_behind_sudo_and_the_address_behind_ssh_are_added() -> None:
    actor = who({"SUDO_USER": "carol", "SSH_CONNECTION": "198.51.100.9 51000 192.0.2.1 22"}, "cxtui ip", SETTINGS)
    assert (actor.operator, actor.origin) == (f"carol as {ME}", "198.51.100.9")
    assert who({"SUDO_USER": ME}, "cxtui", SETTINGS).operator == ME


@pytest.mark.parametrize("text", ["half\udcff", "esc\x1b[2J", "two\nlines", "x" * 10_000, "\u202eevil"])
def test_a_hostile_environment_is_one_harmless_line_in_the_audit(context: Context, acme: Company, text: str) -> None:
    """Else every write would fail, or the audit would be forged."""
    actor = who({"SUDO_USER": text, "SSH_CONNECTION": text}, "cxtui", SETTINGS)
    hostile = Context(context.database, actor, context.settings, context.now)
    companies.save(hostile, acme, {"notes": "x"})
    entry = audit(context.database)[-1]
    for kept in (entry.operator, entry.origin):
        assert kept.isprintable()
        assert len(kept) <= 80


@pytest.mark.parametrize(
    ("roles", "role"),
    [({}, Role.ADMIN), ({"operator": "noc"}, Role.OPERATOR), ({"viewer": "noc", "admin": "wheel"}, Role.VIEWER)],
)
def test_the_role_follows_from_the_groups_of_the_process(
    monkeypatch: pytest.MonkeyPatch, roles: dict[str, str], role: Role
) -> None:
    """W-028."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("cxtui.services.context._groups", lambda: {"noc"})
    assert who({}, "cxtui", replace(SETTINGS, roles=roles)).role is role
    assert who({}, "cxtui", replace(SETTINGS, roles=roles, readonly=True)).role is Role.VIEWER


def test_who_is_in_none_of_the_groups_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr("cxtui.services.context._groups", lambda: {"users"})
    with pytest.raises(Denied, match=r"Access Denied.*noc"):
        who({}, "cxtui", replace(SETTINGS, roles={"operator": "noc"}))


def test_the_groups_of_this_process_are_known_by_name() -> None:
    import grp

    assert grp.getgrgid(os.getegid()).gr_name in _groups()
