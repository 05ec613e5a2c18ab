"""Opening the database of the settings, and looking rows up by their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.config import Settings, load
from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.services import companies, ip_auth, lookup, sip_profiles, sip_users
from cxtui.services.context import Context
from cxtui.services.opening import Opened, open_database
from cxtui.services.outcome import Refused
from tests.support import audit, execute, one


def settings(path: Path) -> Settings:
    return load({"XDG_CONFIG_HOME": "/nonexistent"}, {"db": str(path), "realm": "pbx.example.net"})


def test_a_missing_database_is_made_only_when_the_operator_agrees(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cxtui.db"
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    assert "There is no database" in str(open_database(settings(path), no))
    assert "Make a new database" in asked[0]
    assert not path.parent.exists()
    opened = open_database(settings(path), lambda question: True)
    assert isinstance(opened, Opened)
    assert one(opened.database, "SELECT realm FROM account") == "pbx.example.net"
    assert isinstance(open_database(settings(path)), Opened)


def test_a_newer_or_foreign_database_is_a_sentence_and_no_question(context: Context) -> None:
    def never(question: str) -> bool:
        raise AssertionError(question)

    execute(context.database, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer cxtui" in str(open_database(settings(context.database.path), never))
    execute(context.database, "DROP TABLE alembic_version")
    assert "another program" in str(open_database(settings(context.database.path), never))


def test_rows_are_looked_up_by_the_names_operators_use(context: Context, acme: Company) -> None:
    (user,) = sip_users.add(context, acme.id, {"username": "1001"}).rows
    (profile,) = sip_profiles.add(context, {"name": "agents"}).rows
    entries = ip_auth.add(context, acme.id, {"address": "2001:db8::/48", "direction": "egress,ingress"}).rows
    (named,) = ip_auth.add(context, acme.id, {"address": "pbx.example.net", "direction": "ingress"}).rows
    assert lookup.sip_user(context, "1001") == user
    assert lookup.sip_user(context, "100") is None
    assert lookup.profile(context, "agents") == profile
    assert lookup.ip_entries(context, "2001:DB8:0::/48") == list(entries)
    assert lookup.ip_entries(context, "PBX.example.net") == [named]
    assert lookup.ip_entries(context, "2001:db8::1") == []
    assert lookup.row(context, SipUser, user.id) == user
    assert [lookup.row(context, SipUser, key) for key in (0, -1, 999, 2**80)] == [None] * 4


@pytest.mark.parametrize("address", ["", "203.0.113.1 203.0.113.2", "203.0.113.300"])
def test_what_is_no_address_cannot_be_looked_up(context: Context, address: str) -> None:
    with pytest.raises(Refused, match="address: "):
        lookup.ip_entries(context, address)


def test_the_reason_of_a_session_stands_where_a_verb_has_none(context: Context, acme: Company) -> None:
    """W-027."""
    session = replace(context, reason="ticket 9")
    companies.save(session, acme, {"notes": "x"})
    assert audit(context.database)[-1].reason == "ticket 9"
    companies.add(session, {"name": "New"}, reason="its own")
    assert audit(context.database)[-1].reason == "its own"
