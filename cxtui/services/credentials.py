"""Passwords as what they leave behind: HA1s for a realm, and never the password."""

from __future__ import annotations

from cxtui.models.edge import Account
from cxtui.models.findings import errors
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import Credential, SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, check_typed
from cxtui.store.rows import all_where, first

from .context import Context
from .labels import label
from .outcome import Change, Refused, refuse
from .writing import Writer, writing

_UNDO_SECONDS = 86_400
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
        _store(writer, "sip_user", stored.id, stored.username, account.realm if account else "", password)
        stored = writer.update(stored, {"password_set_at": writer.now}, audited=False)
        writer.note("GENERATE", stored, f"password of {label(stored)} set")
        return writer.change(f"Password of {label(stored)} set.", stored)


def set_outbound_password(context: Context, entry: IpAuth, password: str, *, reason: str = "") -> Change:
    """Give an entry the password we log in to their switch with (S-040, C-02). Raises ``Refused``.

    Their switch chose it, so it need not satisfy our rules.
    """
    if not entry.uac_username or not entry.uac_realm:
        raise refuse("uac_username", "set the username and their realm on the entry first", "C-02")
    if not password:
        raise refuse("password", "the password is empty")
    with writing(context, reason=reason) as writer:
        stored = writer.fresh(entry)
        _store(writer, "ip_auth", stored.id, stored.uac_username, stored.uac_realm, password)
        writer.note("GENERATE", stored, f"outbound password of {label(stored)} set")
        return writer.change(f"Outbound password of {label(stored)} set.", stored)


def realm_of(context: Context) -> str:
    """The realm that SIP users' passwords are bound to."""
    with context.database.reading() as link:
        account = first(link, Account, "id = 1")
    return account.realm if account else ""


def retire(writer: Writer, owner: str, owner_id: int) -> None:
    """Take a password out of use; it is kept a day for the undo."""
    for old in all_where(writer.link, Credential, "owner = ? AND owner_id = ? AND retired_by = ''", (owner, owner_id)):
        writer.update(old, {"retired_by": writer.change_id}, audited=False)
    limit = writer.now - _UNDO_SECONDS
    writer.link.execute("DELETE FROM credential WHERE retired_by <> '' AND set_at < ? AND id NOT IN"
                        " (SELECT c.id FROM credential c JOIN audit a ON a.change_id = c.retired_by WHERE a.at > ?)",
                        (limit, limit))  # fmt: skip


def unretire(writer: Writer, owner: str, owner_id: int, change_id: str) -> bool:
    """Put back the password that a change took out of use; False when it is gone."""
    old = first(writer.link, Credential, "owner = ? AND owner_id = ? AND retired_by = ?", (owner, owner_id, change_id))
    retire(writer, owner, owner_id)
    if old is None:
        return False
    writer.update(old, {"retired_by": ""}, audited=False)
    return True


def _store(writer: Writer, owner: str, owner_id: int, username: str, realm: str, password: str) -> None:
    retire(writer, owner, owner_id)
    hashes = ha1(username, realm, password)
    credential = Credential(
        owner=owner,
        owner_id=owner_id,
        realm=realm,
        ha1_md5=hashes.md5,
        ha1_sha256=hashes.sha256,
        set_at=writer.now,
    )
    writer.add(credential, audited=False)
