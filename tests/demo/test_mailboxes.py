"""The demo's voicemail: a real store beside its database, and never the one of the operator's settings."""

from __future__ import annotations

import sys
import wave
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from cxtui.config import Settings, load
from cxtui.demo import mailboxes
from cxtui.demo.start import DEMO_FILE, demo
from cxtui.services import lookup, undo, voicemail, voicemail_trash
from cxtui.services.context import Context, who
from cxtui.store.database import Database
from tests.support import query


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the operator's own database would be."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CXTUI_DB", raising=False)
    monkeypatch.delenv("CXTUI_CONFIG", raising=False)
    return tmp_path / "state" / "cxtui"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that the console was run with, which is not opened."""
    found: list[Settings] = []

    def run(settings: Settings) -> int:
        found.append(settings)
        return 0

    module = ModuleType("cxtui.ui.start")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cxtui.ui.start", module)
    return found


def context_of(settings: Settings) -> Context:
    return Context(Database(settings.db), who({}, "tests", settings), settings)


def test_the_sample_users_have_messages_that_can_be_heard_deleted_and_brought_back(
    home: Path, runs: list[Settings]
) -> None:
    """S-110, S-111, S-113."""
    demo(load({}, {"db": home / DEMO_FILE}), None, False)
    context = context_of(runs[0])
    for username, email in mailboxes.USERS.items():
        user = lookup.sip_user(context, username)
        assert user is not None
        assert (user.voicemail_enabled, user.voicemail_email) == (True, email)
        found = voicemail.messages(context, user)
        assert found
        for message in found:
            assert message.problem == ""
            with wave.open(str(message.path)) as recording:
                assert recording.getnframes() / recording.getframerate() == message.duration
    first = lookup.sip_user(context, "1001")
    assert first is not None
    before = voicemail.messages(context, first)
    assert len(before) == 4
    voicemail_trash.delete(context, first, [before[0].uuid])
    undo.undo(context)
    assert voicemail.messages(context, first) == before


def test_the_usual_demo_makes_its_voicemail_anew_and_another_keeps_it(home: Path, runs: list[Settings]) -> None:
    for path, kept in ((home / DEMO_FILE, False), (home / "mine.db", True)):
        settings = load({}, {"db": path})
        demo(settings, None, False)
        context = context_of(runs[-1])
        user = lookup.sip_user(context, "1001")
        assert user is not None
        gone = voicemail.messages(context, user)[0].uuid
        voicemail_trash.delete(context, user, [gone])
        context.database.close()
        demo(settings, None, False)
        again = context_of(runs[-1])
        user = lookup.sip_user(again, "1001")
        assert user is not None
        assert (gone in [message.uuid for message in voicemail.messages(again, user)]) is not kept


def test_neither_the_voicemail_server_nor_the_mail_server_of_the_settings_is_touched(
    home: Path, runs: list[Settings], tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    settings = load({}, {"db": home / DEMO_FILE})
    settings = replace(
        settings,
        voicemail_db=theirs / "voicemail.db",
        voicemail_storage=theirs,
        voicemail_domain="theirs.example",
        smtp_server="mx.theirs.example",
    )
    demo(settings, None, False)
    run = runs[0]
    assert run.voicemail_db is not None
    assert run.voicemail_db.is_relative_to(home)
    assert (run.voicemail_domain, run.smtp_server) == ("", "")
    assert not theirs.exists()


def test_what_else_lies_in_its_folder_is_left_alone(home: Path, runs: list[Settings]) -> None:
    folder = home / "demo-voicemail"
    folder.mkdir(parents=True)
    (folder / "letter.txt").write_text("mine")
    for _ in range(2):
        demo(load({}, {"db": home / DEMO_FILE}), None, False)
        assert (folder / "letter.txt").read_text() == "mine"


def test_only_the_sample_users_of_the_list_have_voicemail(home: Path, runs: list[Settings]) -> None:
    demo(load({}, {"db": home / DEMO_FILE}), None, False)
    found = query(Database(home / DEMO_FILE), "SELECT username FROM sip_user WHERE voicemail_enabled ORDER BY username")
    assert [name for (name,) in found] == sorted(mailboxes.USERS)
