"""Passwords leave HA1s behind and nothing else."""

from __future__ import annotations

import hashlib

import pytest

from cxtui.models.company import Company
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import Credential, SipUser
from cxtui.services import credentials, ip_auth, sip_users, undo
from cxtui.services.context import Context
from cxtui.services.outcome import Refused
from tests.services.stock import take_back
from tests.support import DAY, OTHER_PASSWORD, PASSWORD, REALM, Clock, audit, bytes_of, operator, query


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    (user,) = sip_users.add(context, acme.id, {"username": "1001"}).rows
    assert isinstance(user, SipUser)
    return user


@pytest.fixture
def entry(context: Context, acme: Company) -> IpAuth:
    typed = {"address": "203.0.113.9", "direction": "ingress", "uac_username": "us", "uac_realm": "their realm"}
    (entry,) = ip_auth.add(context, acme.id, typed).rows
    assert isinstance(entry, IpAuth)
    return entry


def active(context: Context) -> list[tuple]:
    columns = "owner, owner_id, realm, ha1_md5, ha1_sha256, set_at"
    return query(context.database, f"SELECT {columns} FROM credential WHERE retired_by = ''")


def hashed(username: str, realm: str, password: str) -> tuple[str, str]:
    secret = f"{username}:{realm}:{password}".encode()
    return hashlib.md5(secret, usedforsecurity=False).hexdigest(), hashlib.sha256(secret).hexdigest()


def test_a_password_is_stored_as_the_two_ha1s_of_the_realm(context: Context, user: SipUser, clock: Clock) -> None:
    """S-122, S-124: RFC 7616 §3.4.2; the realm is that of the account."""
    clock.forward(5)
    (changed,) = credentials.set_password(context, user, PASSWORD).rows
    assert active(context) == [("sip_user", user.id, REALM, *hashed("1001", REALM, PASSWORD), clock.now)]
    assert isinstance(changed, SipUser)
    assert changed.password_set_at == clock.now
    assert credentials.realm_of(context) == REALM


def test_an_outbound_password_is_bound_to_their_realm(context: Context, entry: IpAuth) -> None:
    """S-040, C-02."""
    credentials.set_outbound_password(context, entry, "weak")
    assert [row[:5] for row in active(context)] == [
        ("ip_auth", entry.id, "their realm", *hashed("us", "their realm", "weak"))
    ]


def test_no_plaintext_is_left_in_database_log_audit_or_outcome(context: Context, user: SipUser, entry: IpAuth) -> None:
    """S-122, S-124: not in any table, not in the write-ahead log, not in freed pages."""
    changes = [
        credentials.set_password(context, user, PASSWORD, reason="lost"),
        credentials.set_password(context, user, OTHER_PASSWORD),
        credentials.set_outbound_password(context, entry, "Outbound-S3cret"),
        take_back(context),
        take_back(context),
    ]
    secrets = [PASSWORD, OTHER_PASSWORD, "Outbound-S3cret"]
    content = bytes_of(context.database)
    assert b"lost" in content
    for secret in secrets:
        for spelling in (secret, secret[::-1], secret.encode().hex()):
            assert spelling.encode() not in content
            assert spelling.encode("utf-16-le") not in content
        assert secret not in repr(changes)
        assert all(secret not in repr(entry) for entry in audit(context.database))


def test_no_hash_stands_in_the_audit(context: Context, user: SipUser) -> None:
    (with_password,) = credentials.set_password(context, user, PASSWORD).rows
    assert isinstance(with_password, SipUser)
    sip_users.delete(context, [with_password])
    undo.undo(context)
    log = repr(audit(context.database))
    for digest in hashed("1001", REALM, PASSWORD):
        assert digest not in log


@pytest.mark.parametrize("password", ["short", "1001-Abcdefgh", "nouppercase1_", "Passwörter1_", "Tab\tTab1_Abc"])
def test_a_refusal_does_not_repeat_the_password(context: Context, user: SipUser, password: str) -> None:
    """W-013."""
    with pytest.raises(Refused) as refusal:
        credentials.set_password(context, user, password)
    assert password not in str(refusal.value)
    assert password not in repr(refusal.value.findings)
    assert active(context) == []
    assert password.encode() not in bytes_of(context.database)


@pytest.mark.parametrize("password", ["", "half\udcffcharacter"])
def test_an_outbound_password_that_cannot_be_hashed_is_refused(context: Context, entry: IpAuth, password: str) -> None:
    with pytest.raises(Refused, match="password: "):
        credentials.set_outbound_password(context, entry, password)
    assert active(context) == []


def test_a_realm_that_no_header_can_carry_is_refused_in_words(context: Context, user: SipUser) -> None:
    with context.database.bulk() as link:
        link.execute("UPDATE account SET realm = 'a\"b'")
    with pytest.raises(Refused, match="cannot be used for digest authentication"):
        credentials.set_password(context, user, PASSWORD)


def test_a_new_password_takes_the_old_one_out_of_use(context: Context, user: SipUser) -> None:
    """S-125: one password per user at any time."""
    credentials.set_password(context, user, PASSWORD)
    change = credentials.set_password(context, user, OTHER_PASSWORD)
    assert [row[3:5] for row in active(context)] == [hashed("1001", REALM, OTHER_PASSWORD)]
    retired = query(context.database, "SELECT ha1_md5, retired_by FROM credential WHERE retired_by <> ''")
    assert retired == [(hashed("1001", REALM, PASSWORD)[0], change.id)]


def test_a_replaced_hash_is_kept_a_day_for_the_undo_and_then_forgotten(
    context: Context, user: SipUser, clock: Clock
) -> None:
    def kept() -> int:
        return len(query(context.database, "SELECT 1 FROM credential WHERE retired_by <> ''"))

    credentials.set_password(context, user, PASSWORD)
    clock.forward(30 * DAY)
    credentials.set_password(context, user, OTHER_PASSWORD)
    assert kept() == 1, "a password set long ago is kept too, from the moment it is replaced"
    clock.forward(DAY - 60)
    credentials.set_password(context, user, PASSWORD)
    assert kept() == 2
    clock.forward(120)
    credentials.set_password(context, user, OTHER_PASSWORD)
    assert kept() == 2, "the first one is forgotten, the two of the last day are kept"
    clock.forward(2 * DAY)
    credentials.set_password(context, user, PASSWORD)
    assert kept() == 1


def test_forgetting_does_not_walk_through_every_password(context: Context) -> None:
    plan = query(context.database, "EXPLAIN QUERY PLAN DELETE FROM credential WHERE retired_by > ''")
    assert "USING INDEX" in repr(plan)
    plan = query(context.database, "EXPLAIN QUERY PLAN SELECT * FROM credential WHERE owner = 'x' AND owner_id = 1")
    assert "USING INDEX" in repr(plan)


def test_the_policy_of_the_settings_is_the_one_that_counts(context: Context, user: SipUser, clock: Clock) -> None:
    """C-06: without symbols where the settings say so."""
    plain = operator(context.database, "alice", clock, password_profile="alnum")
    with pytest.raises(Refused, match="a symbol is missing"):
        credentials.set_password(context, user, "Xk7pQm2vRt4wZ9hA")
    credentials.set_password(plain, user, "Xk7pQm2vRt4wZ9hA")


def test_no_entity_shows_a_hash_to_a_grid_or_a_repr() -> None:
    """The HA1 is as good as the password: it belongs to the edge alone."""
    from cxtui.models.fields import form_specs

    assert form_specs(Credential) == {}
    assert not any("ha1" in name or "password" in name for name in form_specs(SipUser))
