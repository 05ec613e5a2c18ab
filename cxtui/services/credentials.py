"""Passwords as what they leave behind: HA1s for a realm, and never the password."""

from __future__ import annotations

import sqlite3

from cxtui.models.edge import Account
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import Credential, SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, check_typed
from cxtui.store.probes import exists
from cxtui.store.rows import all_where, first

from .context import Context
from .labels import label
from .outcome import Change, Refused, refuse
from .writing import Writer, writing

UNDO_SECONDS = 86_400
"""How long a replaced HA1 is kept, so that a password reset can be undone."""


def set_password(context: Context, user: SipUser, password: str, *, reason: str = "") -> Change:
    """Give a SIP user a password (S-120…S-126). Only its HA1s are stored. Raises ``Refused``."""
    policy = PROFILES[context.settings.password_profile]
    findings = check_typed(password, user.username, policy)
    if errors(findings):
        raise Refused(findings)
    with writing(context, reason=reason) as writer:
        account = first(writer.link, Account, "id = 1")
        stored = writer.fresh(user)
        _store(writer, "sip_user", stored.id, (stored.username, account.realm if account else ""), password)
        stored = writer.update(stored, {"password_set_at": writer.now}, audited=False)
        writer.note("GENERATE", stored, f"password of {label(stored)} set")
        return writer.change(f"Password of {label(stored)} set.", stored)


def set_outbound_password(context: Context, entry: IpAuth, password: str, *, reason: str = "") -> Change:
    """Give an entry the password we log in to their switch with (S-040, C-02). Raises ``Refused``.

    Their switch chose it, so it need not satisfy our rules.
    """
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(entry)
        if not stored.uac_username or not stored.uac_realm:
            raise refuse("uac_username", "set the username and their realm on the entry first", "C-02")
        if (stored.uac_username, stored.uac_realm) != (entry.uac_username, entry.uac_realm):
            raise refuse("uac_username", "the username or realm was changed in the meantime: look again", "C-02")
        _store(writer, "ip_auth", stored.id, (stored.uac_username, stored.uac_realm), password)
        writer.note("GENERATE", stored, f"outbound password of {label(stored)} set")
        return writer.change(f"Outbound password of {label(stored)} set.", stored)


def realm_of(context: Context) -> str:
    """The realm that SIP users' passwords are bound to."""
    with context.database.reading() as link:
        account = first(link, Account, "id = 1")
    return account.realm if account else ""


def active(link: sqlite3.Connection, owner: str, owner_id: int) -> Credential | None:
    """The password in use, None where there is none."""
    return first(link, Credential, "owner = ? AND owner_id = ? AND retired_by = ''", (owner, owner_id))


def retire(writer: Writer, owner: str, owner_id: int) -> None:
    """Take a password out of use; it is kept a day for the undo."""
    if not exists(writer.link, Credential, "retired_by = ?", (writer.change_id,)):
        _forget_old(writer)
    for old in all_where(writer.link, Credential, "owner = ? AND owner_id = ? AND retired_by = ''", (owner, owner_id)):
        writer.update(old, {"retired_by": writer.change_id}, audited=False)


def retired_by(link: sqlite3.Connection, owner: str, owner_id: int, change_id: str) -> Credential | None:
    """The password that a change took out of use, None where there was none or it is forgotten."""
    return first(link, Credential, "owner = ? AND owner_id = ? AND retired_by = ?", (owner, owner_id, change_id))


def unretire(writer: Writer, old: Credential) -> None:
    """Put a password back into use instead of the present one."""
    for present in all_where(
        writer.link, Credential, "owner = ? AND owner_id = ? AND retired_by = ''", (old.owner, old.owner_id)
    ):
        writer.update(present, {"retired_by": writer.change_id}, audited=False)
    writer.update(old, {"retired_by": ""}, audited=False)


def _forget_old(writer: Writer) -> None:
    # ``> ''`` and not ``<> ''``: only so does the index find the few among a million.
    writer.link.execute(
        "DELETE FROM credential WHERE retired_by > '' AND retired_by <> ?"
        " AND NOT EXISTS (SELECT 1 FROM audit WHERE change_id = retired_by AND at >= ?)",
        (writer.change_id, writer.now - UNDO_SECONDS),
    )


def _store(writer: Writer, owner: str, owner_id: int, login: tuple[str, str], password: str) -> None:
    username, realm = login
    try:
        hashes = ha1(username, realm, password)
    except ValueError as problem:
        raise refuse("password", str(problem), "C-05") from None
    retire(writer, owner, owner_id)
    credential = Credential(
        owner=owner,
        owner_id=owner_id,
        realm=realm,
        ha1_md5=hashes.md5,
        ha1_sha256=hashes.sha256,
        set_at=writer.now,
    )
    writer.add(credential, audited=False)
