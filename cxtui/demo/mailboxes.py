"""A voicemail server for the demonstration: a store beside its database, with messages that can be heard."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cxtui.config import Settings
from cxtui.services.context import Context
from cxtui.services.credentials import realm_of
from cxtui.voicemail.sample import PROFILE, make_sample

_DATABASES, _STORAGE = "db", "storage"

USERS = {
    "1001": "frontdesk@acme.example",
    "1002": "anna.lindqvist@acme.example",
    "1007": "noc@acme.example",
    "1012": "",
    "10001": "dispatch@pico.example",
    "2001": "office@beta.example",
    "reception": "reception@bellevue.example",
    "5001": "ward3@st-anne.example",
}
"""The sample customers' users with voicemail, and where it is mailed to; the first has a message of every kind."""


def fields_of(username: str) -> Mapping[str, str]:
    """What a sample user has of voicemail, as it would be typed."""
    if username not in USERS:
        return {}
    return {"voicemail_enabled": "yes", "voicemail_email": USERS[username]}


def served(settings: Settings) -> Settings:
    """The settings of a demo: a voicemail server of its own, whatever theirs is, and no mail to anybody."""
    folder = _folder_of(settings.db)
    return replace(
        settings,
        voicemail_db=folder / _DATABASES / f"voicemail_{PROFILE}.db",
        voicemail_storage=folder / _STORAGE,
        voicemail_profile=PROFILE,
        voicemail_domain="",
        smtp_server="",
    )


def add(context: Context) -> None:
    """Make the store anew, with the messages that wait for the sample users. Raises ``VoicemailError``."""
    folder = _folder_of(context.database.path)
    for name in (_DATABASES, _STORAGE):
        shutil.rmtree(folder / name, ignore_errors=True)
    make_sample(folder, realm_of(context), list(USERS), context.now())


def _folder_of(database: Path) -> Path:
    return database.with_name(f"{database.stem}-voicemail")
