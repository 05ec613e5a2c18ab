"""Mailboxes of FreeSWITCH: listed, marked, deleted, put back, copied out."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore
from cxtui.voicemail.rows import LAST_SECOND
from tests.voicemail.mailbox import (
    DOMAIN,
    NOW,
    OTHER,
    USER,
    everything,
    execute,
    files,
    folder_of,
    leave,
    one,
    query,
    rows,
    uuids,
)

TRASH = "change-1"


def test_a_mailbox_lists_its_messages_newest_first(store: FreeSwitchStore) -> None:
    """S-113, W-060: Created, Read, Duration, Name, Number."""
    leave(store, "new", created_epoch=NOW + 60, cid_name="Ann", cid_number="2002", message_len=7)
    newest, *older = store.messages(DOMAIN, USER)
    assert (newest.uuid, newest.username, newest.domain) == ("new", USER, DOMAIN)
    assert (newest.created, newest.read, newest.duration) == (NOW + 60, None, 7)
    assert (newest.caller_name, newest.caller_number, newest.folder) == ("Ann", "2002", "inbox")
    assert newest.path == folder_of(store) / "msg_new.wav"
    assert newest.bytes == 64
    assert newest.problem == ""
    assert [message.created for message in older] == sorted((message.created for message in older), reverse=True)


def test_a_mailbox_that_nobody_called_is_empty(store: FreeSwitchStore) -> None:
    assert store.messages(DOMAIN, "1999") == ()
    assert store.messages("other.example", USER) == ()


def test_what_was_marked_for_deletion_on_the_telephone_is_not_listed(store: FreeSwitchStore) -> None:
    leave(store, "heard", flags="delete")
    assert "heard" not in uuids(store)
    with pytest.raises(VoicemailError, match="does not hold this message"):
        store.delete(DOMAIN, USER, ["heard"], TRASH)


def test_new_and_all_messages_are_counted_per_user(store: FreeSwitchStore) -> None:
    leave(store, "a", read_epoch=NOW)
    leave(store, "b", read_epoch=None)
    leave(store, "c", read_epoch="never")
    leave(store, "d", flags="delete")
    counts = store.counts(DOMAIN, [USER, OTHER, "1999"])
    for user in (USER, OTHER):
        messages = store.messages(DOMAIN, user)
        assert counts[user] == (sum(message.read is None for message in messages), len(messages))
    assert counts["1999"] == (0, 0)
    assert store.counts(DOMAIN, []) == {}


def test_marking_gives_what_changed_so_that_it_can_be_taken_back(store: FreeSwitchStore) -> None:
    """W-060: the time it was heard first stays."""
    leave(store, "old", read_epoch=NOW - 500, flags="save")
    leave(store, "new")
    assert store.mark_read(DOMAIN, USER, ["old", "new"], NOW + 5.7) == ("new",)
    assert one(store, "old").read == NOW - 500
    assert one(store, "new").read == NOW + 5
    assert query(store, "SELECT flags FROM voicemail_msgs WHERE uuid = 'new'") == [(b"save",)]
    before = rows(store)
    assert store.mark_unread(DOMAIN, USER, ["old"]) == ("old",)
    assert one(store, "old").read is None
    assert query(store, "SELECT read_epoch, flags FROM voicemail_msgs WHERE uuid = 'old'") == [(0, b"")]
    store.mark_read(DOMAIN, USER, ["old"], NOW - 500)
    assert rows(store) == before


@pytest.mark.parametrize("at", [0, -1, LAST_SECOND + 1, float("nan"), float("inf")])
def test_no_message_is_heard_at_an_impossible_time(store: FreeSwitchStore, at: float) -> None:
    with pytest.raises(VoicemailError, match="no time"):
        store.mark_read(DOMAIN, USER, uuids(store), at)


def test_a_deletion_takes_row_and_recording_and_putting_back_restores_them(store: FreeSwitchStore) -> None:
    """S-113."""
    before = everything(store)
    first, second, *_ = uuids(store)
    deleted = store.delete(DOMAIN, USER, [first, second], TRASH)
    assert [message.uuid for message in deleted] == [first, second]
    assert not {first, second} & set(uuids(store))
    assert not (folder_of(store) / f"msg_{first}.wav").exists()
    assert store.orphans() == (TRASH,)
    assert [message.uuid for message in store.put_back(TRASH)] == [first, second]
    assert everything(store) == before
    assert store.orphans() == ()


def test_other_mailboxes_keep_a_message_of_the_same_id(store: FreeSwitchStore) -> None:
    """A message to a group has one id in many mailboxes."""
    leave(store, "group")
    path = folder_of(store, OTHER) / "msg_group_broadcast_1.wav"
    path.write_bytes(b"RIFF" * 20)
    leave(store, "group", username=OTHER, file_path=str(path))
    store.delete(DOMAIN, USER, ["group"], TRASH)
    assert "group" in uuids(store, OTHER)
    assert path.exists()
    store.put_back(TRASH)
    assert "group" in uuids(store)


def test_two_rows_of_one_id_in_a_mailbox_are_one_message(store: FreeSwitchStore) -> None:
    """Whoever forwards twice in one call to one mailbox leaves two rows under the id of the call."""
    leave(store, "call")
    path = folder_of(store) / "msg_call_broadcast_2.wav"
    path.write_bytes(b"RIFF" * 30)
    leave(store, "call", file_path=str(path))
    before = everything(store)
    assert len(store.delete(DOMAIN, USER, ["call"], TRASH)) == 2
    assert not path.exists()
    store.put_back(TRASH)
    assert everything(store) == before


def test_what_somebody_else_deleted_meanwhile_does_not_stop_the_rest(store: FreeSwitchStore) -> None:
    [message] = store.delete(DOMAIN, USER, ["gone already", uuids(store)[0]], TRASH)
    assert message.uuid not in uuids(store)


def test_a_message_that_is_there_again_is_not_put_back(store: FreeSwitchStore) -> None:
    leave(store, "one")
    store.delete(DOMAIN, USER, ["one"], TRASH)
    leave(store, "one")
    before = everything(store)
    with pytest.raises(VoicemailError, match="Message one is in the mailbox again; nothing was put back"):
        store.put_back(TRASH)
    assert everything(store) == before
    assert store.orphans() == (TRASH,)


def test_a_recording_whose_place_is_taken_is_not_put_back(store: FreeSwitchStore) -> None:
    path = leave(store, "one")
    store.delete(DOMAIN, USER, ["one"], TRASH)
    path.write_bytes(b"something else")
    with pytest.raises(VoicemailError, match="Another file took the place"):
        store.put_back(TRASH)
    assert path.read_bytes() == b"something else"
    assert "one" not in uuids(store)
    path.unlink()
    store.put_back(TRASH)
    assert "one" in uuids(store)


def test_the_folder_of_a_mailbox_that_was_removed_is_made_again(store: FreeSwitchStore) -> None:
    """fspbx asks for it: the mailbox outlives its user."""
    before = everything(store)
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    folder_of(store).rmdir()
    store.put_back(TRASH)
    assert everything(store) == before


def test_a_deletion_is_put_back_once(store: FreeSwitchStore) -> None:
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    store.put_back(TRASH)
    with pytest.raises(VoicemailError, match="does not hold this deletion any more"):
        store.put_back(TRASH)


def test_an_id_is_used_once(store: FreeSwitchStore) -> None:
    first, second, *_ = uuids(store)
    store.delete(DOMAIN, USER, [first], TRASH)
    with pytest.raises(VoicemailError, match="holds a deletion change-1 already; nothing was deleted"):
        store.delete(DOMAIN, USER, [second], TRASH)
    assert second in uuids(store)
    store.put_back(TRASH)
    assert first in uuids(store)


@pytest.mark.parametrize("trash_id", ["", ".", "..", "a/b", "../../x", "a b", "x" * 65, "a\n", "é"])
def test_an_id_that_could_be_a_path_is_refused(store: FreeSwitchStore, trash_id: str) -> None:
    with pytest.raises(VoicemailError, match="no id"):
        store.delete(DOMAIN, USER, uuids(store), trash_id)
    with pytest.raises(VoicemailError, match="no id"):
        store.put_back(trash_id)


def test_what_is_older_is_purged_for_good_and_what_is_younger_stays(store: FreeSwitchStore) -> None:
    """S-113."""
    first, second, *_ = uuids(store)
    store.delete(DOMAIN, USER, [first], "old", at=NOW - 100)
    store.delete(DOMAIN, USER, [second], "young", at=NOW)
    assert store.orphans(before=NOW) == ("old",)
    assert store.orphans() == ("old", "young")
    assert store.purge(NOW) == ("old",)
    with pytest.raises(VoicemailError, match="put back or purged"):
        store.put_back("old")
    store.put_back("young")
    assert first not in uuids(store)
    assert second in uuids(store)


def test_a_purge_does_not_touch_a_recording_that_a_row_leads_to_again(store: FreeSwitchStore) -> None:
    path = leave(store, "one")
    whole = path.read_bytes()
    store.delete(DOMAIN, USER, ["one"], TRASH, at=NOW)
    leave(store, "one")
    assert store.purge(NOW + 1) == (TRASH,)
    assert path.read_bytes() == whole


def test_a_recording_that_two_rows_name_stays_with_the_other(store: FreeSwitchStore) -> None:
    path = leave(store, "mine", username=OTHER)
    leave(store, "alias", file_path=str(path))
    before = everything(store)
    store.delete(DOMAIN, USER, ["alias"], TRASH)
    assert path.exists()
    store.put_back(TRASH)
    assert everything(store) == before


def test_files_in_the_trash_are_for_the_same_people_as_the_mailboxes(store: FreeSwitchStore) -> None:
    """Another operator takes a deletion back; nobody else listens."""
    profile = folder_of(store).parents[1]
    profile.chmod(0o2775)
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    trash = profile / ".trash"
    assert stat.S_IMODE(trash.stat().st_mode) == 0o2770
    assert stat.S_IMODE((trash / TRASH).stat().st_mode) == 0o2770
    assert stat.S_IMODE((trash / TRASH / "rows.json").stat().st_mode) == 0o660


def test_an_older_table_without_all_columns_is_restored_too(store: FreeSwitchStore) -> None:
    execute(store, "DROP INDEX voicemail_msgs_idx7")
    execute(store, "ALTER TABLE voicemail_msgs DROP COLUMN forwarded_by")
    before = query(store, "SELECT rowid, * FROM voicemail_msgs ORDER BY rowid")
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    store.put_back(TRASH)
    assert query(store, "SELECT rowid, * FROM voicemail_msgs ORDER BY rowid") == before


def test_a_row_whose_number_was_taken_meanwhile_gets_another(store: FreeSwitchStore) -> None:
    leave(store, "last")
    store.delete(DOMAIN, USER, ["last"], TRASH)
    leave(store, "next")
    store.put_back(TRASH)
    assert {"last", "next"} <= set(uuids(store))


def test_an_export_is_the_whole_recording_for_its_owner_only(store: FreeSwitchStore, tmp_path: Path) -> None:
    """W-061."""
    wanted = uuids(store)[0]
    target = tmp_path / "copy.wav"
    store.export(DOMAIN, USER, wanted, target)
    assert target.read_bytes() == store.audio(DOMAIN, USER, wanted).read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.stat().st_nlink == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "freeswitch"] == ["copy.wav"]


def test_an_export_never_replaces_anything(store: FreeSwitchStore, tmp_path: Path) -> None:
    """W-061."""
    target = tmp_path / "copy.wav"
    target.write_text("mine")
    link = tmp_path / "link.wav"
    link.symlink_to(tmp_path / "nowhere.wav")
    for there in (target, link, tmp_path):
        with pytest.raises(VoicemailError, match="is there already; nothing was exported"):
            store.export(DOMAIN, USER, uuids(store)[0], there)
    assert target.read_text() == "mine"
    assert not (tmp_path / "nowhere.wav").exists()


def test_a_password_is_set_anew_or_changed_and_can_only_be_asked_for(store: FreeSwitchStore) -> None:
    """S-112."""
    execute(store, "DELETE FROM voicemail_prefs WHERE username = ?", (USER,))
    others = query(store, "SELECT * FROM voicemail_prefs")
    assert not store.has_password(DOMAIN, USER)
    store.set_password(DOMAIN, USER, "4711")
    assert store.has_password(DOMAIN, USER)
    store.set_password(DOMAIN, USER, "82650394")
    mine = query(store, "SELECT * FROM voicemail_prefs WHERE username = ?", (USER,))
    assert mine == [(USER.encode(), DOMAIN.encode(), b"", b"", b"82650394")]
    assert query(store, "SELECT * FROM voicemail_prefs WHERE username <> ?", (USER,)) == others
    assert not [name for name in dir(store) if "password" in name and name not in {"set_password", "has_password"}]


def test_a_password_keeps_name_and_greeting(store: FreeSwitchStore) -> None:
    """S-112."""
    execute(store, "UPDATE voicemail_prefs SET greeting_path = '/g.wav', name_path = '/n.wav', password = ''")
    assert not store.has_password(DOMAIN, USER)
    store.set_password(DOMAIN, USER, "4711")
    assert query(store, "SELECT name_path, greeting_path FROM voicemail_prefs WHERE username = ?", (USER,)) == [
        (b"/n.wav", b"/g.wav")
    ]


@pytest.mark.parametrize("password", ["", "123", "12345678901234", "secret", "47 11", "٤٧١١"])
def test_a_password_that_is_refused_is_not_repeated(store: FreeSwitchStore, password: str) -> None:
    """S-112."""
    before = query(store, "SELECT * FROM voicemail_prefs")
    with pytest.raises(VoicemailError, match="password was not changed") as refusal:
        store.set_password(DOMAIN, USER, password)
    assert not password or password not in str(refusal.value)
    assert query(store, "SELECT * FROM voicemail_prefs") == before


def test_a_store_with_a_write_ahead_log_is_used_like_any_other(store: FreeSwitchStore) -> None:
    execute(store, "PRAGMA journal_mode = WAL")
    before = everything(store)
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    store.put_back(TRASH)
    assert everything(store) == before


def test_nothing_but_the_trash_is_added_to_the_storage(store: FreeSwitchStore) -> None:
    before = set(files(store))
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    assert {path.name for path in store.storage.rglob("*") if path.is_dir()} >= {".trash", TRASH}
    assert set(files(store)) < before
