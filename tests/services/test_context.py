"""Who acts."""

from __future__ import annotations

import os
import pwd

import pytest

from cxtui.models.company import Company
from cxtui.services import companies
from cxtui.services.context import Context, who
from tests.support import audit

ME = pwd.getpwuid(os.getuid()).pw_name


def test_the_operator_is_the_login_of_the_process_and_not_of_the_environment() -> None:
    """W-027."""
    actor = who({"USER": "mallory", "LOGNAME": "mallory", "USERNAME": "mallory"}, "cxtui")
    assert (actor.operator, actor.origin, actor.program) == (ME, "local", "cxtui")


def test_the_person_behind_sudo_and_the_address_behind_ssh_are_added() -> None:
    actor = who({"SUDO_USER": "carol", "SSH_CONNECTION": "198.51.100.9 51000 192.0.2.1 22"}, "cxtui ip")
    assert (actor.operator, actor.origin) == (f"carol as {ME}", "198.51.100.9")
    assert who({"SUDO_USER": ME}, "cxtui").operator == ME


@pytest.mark.parametrize("text", ["half\udcff", "esc\x1b[2J", "two\nlines", "x" * 10_000, "\u202eevil"])
def test_a_hostile_environment_is_one_harmless_line_in_the_audit(context: Context, acme: Company, text: str) -> None:
    """Else every write would fail, or the audit would be forged."""
    actor = who({"SUDO_USER": text, "SSH_CONNECTION": text}, "cxtui")
    hostile = Context(context.database, actor, context.settings, context.now)
    companies.save(hostile, acme, {"notes": "x"})
    entry = audit(context.database)[-1]
    for kept in (entry.operator, entry.origin):
        assert kept.isprintable()
        assert len(kept) <= 80
