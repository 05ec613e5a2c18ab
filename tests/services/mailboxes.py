"""A voicemail server for tests: a store of FreeSWITCH with two mailboxes, named by the settings of a context."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cxtui.models.sip_user import SipUser
from cxtui.services import lookup, voicemail
from cxtui.services.context import Context
from cxtui.voicemail.freeswitch import FreeSwitchStore
from cxtui.voicemail.sample import make_sample
from tests.support import NOON, REALM
from tests.voicemail.mailbox import OTHER, USER


def served(context: Context, folder: Path, **settings: Any) -> tuple[Context, FreeSwitchStore]:
    """The context with a voicemail server; the first mailbox holds four messages, one of them heard."""
    store = make_sample(folder / "freeswitch", REALM, [USER, OTHER], NOON)
    named = {"voicemail_db": store.database, "voicemail_storage": store.storage, **settings}
    return replace(context, settings=replace(context.settings, **named)), store


def uuids(context: Context, user: SipUser) -> list[str]:
    """The messages in a mailbox by their ids, newest first."""
    return [message.uuid for message in voicemail.messages(context, user)]


def user_named(context: Context, name: str = USER) -> SipUser:
    """The SIP user of a mailbox."""
    found = lookup.sip_user(context, name)
    assert found is not None
    return found
