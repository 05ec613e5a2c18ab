"""Voicemail of SIP users: seen, marked, exported, and its password."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import ip_auth, sip_users, undo, voicemail
from cxtui.services.context import Context
from cxtui.services.outcome import Denied, Gone, Refused, ServiceError
from cxtui.services.subjects import Subject
from cxtui.voicemail import sqlite
from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore
from tests.services.mailboxes import served, uuids
from tests.services.stock import only
from tests.support import REALM, Clock, audit, bytes_of
from tests.voicemail import mailbox
from tests.voicemail.mailbox import OTHER, USER, leave, locked, one

PIN = "470815"


@pytest.fixture
def desk(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, FreeSwitchStore]:
    """The console of alice with a voicemail server, who does not wait long for it."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 20)
    return served(context, tmp_path)


@pytest.fixture
def alice(desk: tuple[Context, FreeSwitchStore]) -> Context:
    return desk[0]


@pytest.fixture
def store(desk: tuple[Context, FreeSwitchStore]) -> FreeSwitchStore:
    return desk[1]


@pytest.fixture
def user(alice: Context, acme: Company) -> SipUser:
    found: SipUser = only(sip_users.add(alice, acme.id, {"username": USER, "voicemail_email": "Ann@ACME.example"}))
    return found


def look(context: Context, user: SipUser) -> voicemail.Mailbox:
    return voicemail.mailbox(context, Subject("sip_user", user.id))


def test_a_mailbox_shows_its_messages_newest_first_and_how_many_are_new(alice: Context, user: SipUser) -> None:
    """S-113, W-060."""
    found = look(alice, user)
    assert (found.about.title, found.about.company) == ("SIP user 1003", "Acme Telecom")
    assert [message.created for message in found.messages] == sorted(
        (message.created for message in found.messages), reverse=True
    )
    assert (len(found.messages), found.new, found.has_password, found.problem) == (4, 3, True, "")
    assert voicemail.unread(alice, [USER, OTHER, "nobody"])[USER] == 3
    assert voicemail.unread(alice, ["nobody"]) == {"nobody": 0}


def test_the_domain_is_that_of_the_settings_or_else_the_realm(alice: Context, user: SipUser) -> None:
    assert voicemail.domain_of(alice) == REALM
    other = replace(alice, settings=replace(alice.settings, voicemail_domain="vm.example"))
    assert look(other, user).messages == ()


def test_an_ip_entry_has_no_mailbox(alice: Context, acme: Company) -> None:
    """S-110."""
    entry = only(ip_auth.add(alice, acme.id, {"address": "203.0.113.9"}))
    found = voicemail.mailbox(alice, Subject("ip_auth", entry.id))
    assert found.problem == "Voicemail belongs to SIP users, not to IP entries."


def test_a_user_that_was_deleted_is_gone(alice: Context, user: SipUser) -> None:
    sip_users.delete(alice, [user])
    with pytest.raises(Gone):
        look(alice, user)


def test_without_a_voicemail_server_the_settings_to_set_are_named(
    context: Context, alice: Context, user: SipUser
) -> None:
    assert look(context, user).problem.endswith("set voicemail_db and voicemail_storage in the settings file.")
    half = replace(alice, settings=replace(alice.settings, voicemail_storage=None))
    assert look(half, user).problem.endswith("set voicemail_storage in the settings file.")
    with pytest.raises(ServiceError, match="set voicemail_db and voicemail_storage"):
        voicemail.mark_read(context, user, ["x"])


def test_a_store_that_cannot_be_read_is_a_sentence_in_place_of_the_list(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    with locked(store):
        assert look(alice, user).problem.startswith("FreeSWITCH is writing to the voicemail store")
    store.database.write_bytes(b"no database" * 200)
    assert "is not a voicemail store" in look(alice, user).problem
    store.database.unlink()
    assert look(alice, user).problem.startswith("There is no voicemail store")


def test_marks_are_made_in_the_store_and_told_of_in_the_history_of_the_user(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock
) -> None:
    """S-113."""
    everything = uuids(alice, user)
    clock.forward(60)
    change = voicemail.mark_read(alice, user, everything)
    assert change.sentence == "3 voicemail messages of SIP user 1003 marked read."
    assert look(alice, user).new == 0
    assert voicemail.mark_unread(alice, user, everything[:1]).sentence.startswith(
        "1 voicemail message of SIP user 1003"
    )
    assert one(store, everything[0]).read is None
    told = audit(alice.database)[-2:]
    assert [(entry.action, entry.entity, entry.entity_id) for entry in told] == [
        ("READ", "sip_user", user.id),
        ("UNREAD", "sip_user", user.id),
    ]
    assert told[0].label == "3 voicemail messages of SIP user 1003 marked read (no undo)"


def test_a_mark_that_is_there_already_changes_and_audits_nothing(alice: Context, user: SipUser) -> None:
    before = len(audit(alice.database))
    assert "already" in voicemail.mark_unread(alice, user, uuids(alice, user)[:1]).sentence
    assert len(audit(alice.database)) == before


def test_undo_passes_over_marks_and_refuses_to_take_one_back(alice: Context, user: SipUser) -> None:
    change = voicemail.mark_read(alice, user, uuids(alice, user))
    voicemail.set_password(alice, user, PIN)
    with pytest.raises(ServiceError, match=r"marked read \(no undo\): this cannot be taken back"):
        undo.undo(alice, change.id)
    assert undo.undo(alice).sentence == "Undone: create of SIP user 1003."


@pytest.mark.parametrize("verb", [voicemail.mark_read, voicemail.mark_unread])
def test_a_message_that_left_in_the_meantime_is_said_to_have_left(alice: Context, user: SipUser, verb) -> None:
    with pytest.raises(VoicemailError, match="does not hold this message any more"):
        verb(alice, user, ["gone"])


def test_a_recording_is_exported_into_a_file_or_a_folder(
    alice: Context, store: FreeSwitchStore, user: SipUser, tmp_path: Path
) -> None:
    """S-113, W-061."""
    message = voicemail.messages(alice, user)[0]
    change = voicemail.export(alice, user, message.uuid, str(tmp_path / "mine.wav"))
    assert (tmp_path / "mine.wav").read_bytes() == store.audio(REALM, USER, message.uuid).read_bytes()
    assert change.sentence == f"Exported to {tmp_path}/mine.wav, {voicemail.size_words(message.bytes or 0)}."
    assert "kB" in change.sentence
    voicemail.export(alice, user, message.uuid, f"{tmp_path}/")
    assert (tmp_path / voicemail.file_name(message)).is_file()
    told = audit(alice.database)[-1]
    assert (told.action, told.entity) == ("EXPORT", "sip_user")
    assert told.label.startswith("voicemail of SIP user 1003 from Nadia Rahman +442079460127 exported to ")


def test_an_exported_file_begins_in_the_home_folder_where_it_says_so(
    alice: Context, user: SipUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    voicemail.export(alice, user, uuids(alice, user)[0], "~/a b.wav")
    assert (tmp_path / "a b.wav").is_file()


@pytest.mark.parametrize("target", ["", "  ", "a\0b", "~nobody-at-all/x.wav"])
def test_what_is_no_file_name_is_refused(alice: Context, user: SipUser, target: str) -> None:
    with pytest.raises(Refused, match="file"):
        voicemail.export(alice, user, uuids(alice, user)[0], target)


def test_a_file_is_never_replaced_and_none_is_left_that_the_audit_does_not_know(
    alice: Context, user: SipUser, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.wav"
    mine.write_bytes(b"mine")
    with pytest.raises(VoicemailError, match="is there already"):
        voicemail.export(alice, user, uuids(alice, user)[0], str(mine))
    assert mine.read_bytes() == b"mine"
    first = uuids(alice, user)[0]
    sip_users.delete(alice, [user])
    with pytest.raises(Gone):
        voicemail.export(alice, user, first, str(tmp_path / "other.wav"))
    assert not (tmp_path / "other.wav").exists()


def test_a_message_without_a_recording_is_not_exported(
    alice: Context, store: FreeSwitchStore, user: SipUser, tmp_path: Path
) -> None:
    leave(store, "lost").unlink()
    with pytest.raises(VoicemailError, match="missing"):
        voicemail.export(alice, user, "lost", str(tmp_path / "x.wav"))


def test_the_name_of_an_exported_file_is_harmless(alice: Context, user: SipUser) -> None:
    message = voicemail.messages(alice, user)[0]
    assert voicemail.file_name(replace(message, username="../x y")).startswith("voicemail-.._x_y-")
    assert voicemail.file_name(replace(message, created=0, uuid="ab/cd-ef-gh")) == "voicemail-1003-ab_cd-ef.wav"


def test_the_password_is_set_and_stands_nowhere_with_us(alice: Context, store: FreeSwitchStore, user: SipUser) -> None:
    """S-112."""
    change = voicemail.set_password(alice, user, PIN)
    assert change.sentence == "Voicemail password of SIP user 1003 set."
    assert mailbox.query(store, "SELECT password FROM voicemail_prefs WHERE username = ?", (USER,)) == [(PIN.encode(),)]
    told = audit(alice.database)[-1]
    assert (told.action, told.label) == ("PASSWORD", "voicemail password of SIP user 1003 set (no undo)")
    assert PIN.encode() not in bytes_of(alice.database)


@pytest.mark.parametrize("typed", ["", "12", "abcd", "1234567890123", "12 34"])
def test_a_password_that_cannot_be_typed_on_a_telephone_is_refused(
    alice: Context, store: FreeSwitchStore, user: SipUser, typed: str
) -> None:
    """S-112."""
    before = mailbox.query(store, "SELECT * FROM voicemail_prefs")
    with pytest.raises(Refused) as refusal:
        voicemail.set_password(alice, user, typed)
    assert {finding.field for finding in refusal.value.findings} == {"voicemail_password"}
    assert mailbox.query(store, "SELECT * FROM voicemail_prefs") == before


def test_a_password_that_is_guessed_at_once_is_warned_of(alice: Context, user: SipUser) -> None:
    (warning,) = voicemail.set_password(alice, user, USER).warnings
    assert "first one an attacker tries" in warning.text


def test_nothing_is_audited_that_the_store_did_not_do(alice: Context, store: FreeSwitchStore, user: SipUser) -> None:
    before = len(audit(alice.database))
    with locked(store):
        for verb in (
            lambda: voicemail.set_password(alice, user, PIN),
            lambda: voicemail.mark_read(alice, user, ["x"]),
        ):
            with pytest.raises(VoicemailError, match="is writing to the voicemail store"):
                verb()
    assert len(audit(alice.database)) == before


def test_a_viewer_sees_and_changes_nothing(
    alice: Context, store: FreeSwitchStore, user: SipUser, tmp_path: Path
) -> None:
    """W-028."""
    viewer = replace(alice, actor=replace(alice.actor, role=Role.VIEWER))
    before = mailbox.everything(store)
    found = uuids(viewer, user)
    assert len(found) == 4
    for verb in (
        lambda: voicemail.mark_read(viewer, user, found),
        lambda: voicemail.mark_unread(viewer, user, found),
        lambda: voicemail.set_password(viewer, user, PIN),
        lambda: voicemail.export(viewer, user, found[0], str(tmp_path / "x.wav")),
    ):
        with pytest.raises(Denied):
            verb()
    assert mailbox.everything(store) == before
    assert not (tmp_path / "x.wav").exists()


def test_sizes_are_said_as_operators_say_them() -> None:
    assert [voicemail.size_words(size) for size in (0, 999, 1000, 64_044, 1_500_000)] == [
        "0 bytes",
        "999 bytes",
        "1 kB",
        "64 kB",
        "1.5 MB",
    ]


def test_a_mailbox_of_another_name_is_not_reached_by_a_change_of_name(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    """The row the operator saw says whose mailbox it was; the one that is stored says whose it is."""
    sip_users.save(alice, user, {"username": "1005"})
    with pytest.raises(VoicemailError, match="does not hold this message"):
        voicemail.mark_read(alice, user, [message.uuid for message in store.messages(REALM, USER)])
    shutil.rmtree(store.storage)
    assert look(alice, user).messages == ()
