"""Passwords that a file gives to SIP users: judged as a typed one is, and never shown (S-124, S-125, W-013)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from cxtui.models.edge import Account
from cxtui.models.findings import error, warning
from cxtui.models.sip_user import SipUser
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import PROFILES, check_typed
from cxtui.services.context import Context
from cxtui.store.rows import first

from .columns import PASSWORD
from .drafts import Draft
from .facts import chunks
from .plan import Batch

_ACTIVE = (
    "SELECT owner_id, realm, ha1_md5, ha1_sha256 FROM credential"
    " WHERE owner = 'sip_user' AND retired_by = '' AND owner_id IN (SELECT value FROM json_each(?))"
)
_FORMULA = ("=", "+", "-", "@")


def judge_passwords(context: Context, link: sqlite3.Connection, batch: Batch, drafts: Sequence[Draft[SipUser]]) -> None:
    """Say what is wrong with the passwords of a batch, and mark the rows that get one.

    A user who has this very password already is left as it is, so that a file can be imported twice.
    """
    if not batch.passwords:
        return
    policy = PROFILES[context.settings.password_profile]
    realm = realm_of(link)
    given = [(drafts[place], password) for place, password in batch.passwords.items() if drafts[place].known]
    present = _present(link, (draft.base.id for draft, _ in given if draft.base))
    for draft, password in given:
        name = draft.row.username
        try:
            hashes = ha1(name, realm, password)
        except ValueError as problem:
            draft.findings.append(error(PASSWORD, str(problem), "C-05"))
            continue
        if draft.base and present.get(draft.base.id) == (realm, hashes.md5, hashes.sha256):
            continue
        draft.password = True
        draft.findings += check_typed(password, name, policy)
        if password.startswith(_FORMULA):
            words = "a spreadsheet takes it for a formula: do not open the file of passwords with one"
            draft.findings.append(warning(PASSWORD, words, "C-06"))


def realm_of(link: sqlite3.Connection) -> str:
    """The realm that passwords are bound to."""
    account = first(link, Account, "id = 1")
    return account.realm if account else ""


def _present(link: sqlite3.Connection, users: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """What is stored of the users' passwords."""
    found = {}
    for part in chunks(users):
        for user, realm, md5, sha256 in link.execute(_ACTIVE, (json.dumps(part),)):
            found[user] = (realm, md5, sha256)
    return found
