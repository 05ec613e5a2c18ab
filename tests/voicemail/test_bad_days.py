"""A store that is missing, locked, full, damaged or closed to us is a sentence, and nothing is changed."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.errors import SentenceError
from cxtui.voicemail import rows, sqlite, trash
from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore
from cxtui.voicemail.sample import make_sample
from tests.voicemail.mailbox import (
    DOMAIN,
    NOW,
    USER,
    everything,
    execute,
    folder_of,
    leave,
    locked,
    query,
    uuids,
    without_rights,
)

TRASH = "change-1"

Verb = Callable[[FreeSwitchStore], object]
READS: dict[str, Verb] = {
    "messages": lambda store: store.messages(DOMAIN, USER),
    "counts": lambda store: store.counts(DOMAIN, [USER]),
    "has_password": lambda store: store.has_password(DOMAIN, USER),
    "audio": lambda store: store.audio(DOMAIN, USER, "one"),
}
WRITES: dict[str, Verb] = {
    "mark_read": lambda store: store.mark_read(DOMAIN, USER, ["one"], NOW),
    "mark_unread": lambda store: store.mark_unread(DOMAIN, USER, ["one"]),
    "delete": lambda store: store.delete(DOMAIN, USER, ["one"], TRASH),
    "set_password": lambda store: store.set_password(DOMAIN, USER, "471147"),
}
every_verb = pytest.mark.parametrize("verb", [pytest.param(act, id=name) for name, act in {**READS, **WRITES}.items()])
every_write = pytest.mark.parametrize("verb", [pytest.param(act, id=name) for name, act in WRITES.items()])


def refused(act: Callable[[], object], words: str) -> None:
    """The verb ends with one sentence of the operator's own words."""
    with pytest.raises(VoicemailError, match=words) as refusal:
        act()
    said = str(refusal.value)
    assert isinstance(refusal.value, SentenceError)
    assert said.endswith((".", ".recover"))
    assert "\n" not in said
    assert "Error" not in said
    assert "471147" not in said


@pytest.fixture
def shared() -> Iterator[FreeSwitchStore]:
    """A store that every user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    store = make_sample(folder / "freeswitch", DOMAIN, [USER], NOW)
    leave(store, "one")
    for path in (folder / "freeswitch").rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    yield store
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@every_verb
def test_a_store_that_is_missing_is_not_made(store: FreeSwitchStore, verb: Verb) -> None:
    store.database.unlink()
    refused(lambda: verb(store), "There is no voicemail store .*FreeSWITCH makes it when it loads mod_voicemail")
    assert not store.database.exists()


@every_verb
def test_a_folder_instead_of_a_store_is_a_sentence(store: FreeSwitchStore, verb: Verb) -> None:
    store.database.unlink()
    store.database.mkdir()
    refused(lambda: verb(store), "There is no voicemail store")


@every_verb
def test_a_file_that_is_no_database_is_a_sentence(store: FreeSwitchStore, verb: Verb) -> None:
    store.database.write_bytes(b"#!/bin/sh\n" * 500)
    refused(lambda: verb(store), "is not a voicemail store of FreeSWITCH")


@every_verb
def test_a_store_without_tables_is_a_sentence(store: FreeSwitchStore, verb: Verb) -> None:
    store.database.write_bytes(b"")
    refused(lambda: verb(store), "holds no voicemail tables")
    assert store.database.read_bytes() == b""


@every_verb
def test_tables_of_another_program_are_a_sentence(store: FreeSwitchStore, verb: Verb) -> None:
    store.database.unlink()
    link = sqlite3.connect(store.database)
    link.execute("CREATE TABLE voicemail_msgs (id INTEGER)")
    link.execute("CREATE TABLE voicemail_prefs (id INTEGER)")
    link.close()
    refused(lambda: verb(store), "are not those of FreeSWITCH")


@every_verb
def test_a_damaged_store_is_a_sentence(store: FreeSwitchStore, verb: Verb) -> None:
    leave(store, "one")
    whole = store.database.read_bytes()
    store.database.write_bytes(whole[:100] + b"\xaa" * (len(whole) - 100))
    refused(lambda: verb(store), "is damaged. Restore a backup")


@every_verb
def test_a_store_that_freeswitch_holds_is_a_sentence(
    store: FreeSwitchStore, verb: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 20)
    leave(store, "one")
    before = everything(store)
    with locked(store):
        refused(lambda: verb(store), "FreeSWITCH is writing to the voicemail store .*nothing was changed. Try again")
    assert everything(store) == before
    assert store.orphans() == ()
    verb(store)


def test_two_seconds_are_waited_for_freeswitch(store: FreeSwitchStore) -> None:
    assert sqlite.BUSY_TIMEOUT_MS == 2_000
    with sqlite.reading(store.database) as link:
        assert link.execute("PRAGMA busy_timeout").fetchone() == (2_000,)


@every_write
def test_freeswitch_writes_and_reads_on_while_a_mailbox_is_shown(store: FreeSwitchStore, verb: Verb) -> None:
    leave(store, "one")
    with sqlite.reading(store.database) as link:
        link.execute("SELECT * FROM voicemail_msgs").fetchall()
        leave(store, "two")
        verb(store)
    assert "two" in uuids(store)


def test_a_commit_that_fails_leaves_message_and_recording(
    store: FreeSwitchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-113: somebody is still reading when the commit wants the file to itself."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 20)
    leave(store, "one")
    before = everything(store)
    reader = sqlite3.connect(store.database, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM voicemail_msgs").fetchone()
    refused(lambda: store.delete(DOMAIN, USER, ["one"], TRASH), "FreeSWITCH is writing")
    assert everything(store) == before
    assert store.orphans() == ()
    reader.close()
    store.delete(DOMAIN, USER, ["one"], TRASH)
    assert store.put_back(TRASH)
    assert everything(store) == before


@every_write
def test_a_read_only_store_is_read_and_refuses_to_be_changed(shared: FreeSwitchStore, verb: Verb) -> None:
    shared.database.chmod(0o444)
    before = everything(shared)
    with without_rights():
        assert "one" in uuids(shared)
        refused(lambda: verb(shared), "is read-only for you; nothing was changed")
        assert shared.orphans() == ()
    assert everything(shared) == before


@every_write
def test_a_folder_without_room_for_a_journal_refuses_changes(shared: FreeSwitchStore, verb: Verb) -> None:
    execute(shared, "UPDATE voicemail_msgs SET read_epoch = 0")
    execute(shared, "UPDATE voicemail_msgs SET read_epoch = 5 WHERE uuid = 'one'")
    if verb is WRITES["mark_read"]:
        execute(shared, "UPDATE voicemail_msgs SET read_epoch = 0")
    shared.database.parent.chmod(0o555)
    before = everything(shared)
    with without_rights():
        refused(lambda: verb(shared), "cannot be opened|is read-only for you")
        assert shared.orphans() == ()
    assert everything(shared) == before


@every_verb
def test_a_store_without_the_right_to_read_is_a_sentence(shared: FreeSwitchStore, verb: Verb) -> None:
    shared.database.chmod(0o600)
    with without_rights():
        refused(lambda: verb(shared), "cannot be opened")
    shared.database.parent.chmod(0o700)
    with without_rights():
        refused(lambda: verb(shared), "cannot be opened: you may not read it")


def test_recordings_without_the_right_to_read_are_listed_and_said(shared: FreeSwitchStore, tmp_path: Path) -> None:
    (folder_of(shared) / "msg_one.wav").chmod(0o600)
    with without_rights():
        [message] = [message for message in shared.messages(DOMAIN, USER) if message.uuid == "one"]
        assert "no right to read its file" in message.problem
        refused(lambda: shared.export(DOMAIN, USER, "one", tmp_path / "copy.wav"), "no right to read its file")
    folder_of(shared).parent.chmod(0o700)
    with without_rights():
        problems = {message.problem for message in shared.messages(DOMAIN, USER)}
    assert problems == {"Its file cannot be reached: Permission denied."}


def test_recordings_that_may_not_be_taken_away_stay_with_their_rows(shared: FreeSwitchStore) -> None:
    folder_of(shared).chmod(0o755)
    before = everything(shared)
    with without_rights():
        refused(lambda: shared.delete(DOMAIN, USER, ["one"], TRASH), "may not take files from .*nothing was deleted")
        assert shared.orphans() == ()
    assert everything(shared) == before


def test_a_trash_that_may_not_be_made_deletes_nothing(shared: FreeSwitchStore) -> None:
    folder_of(shared).parents[1].chmod(0o755)
    before = everything(shared)
    with without_rights():
        refused(lambda: shared.delete(DOMAIN, USER, ["one"], TRASH), "no right to do that; nothing was deleted")
    assert everything(shared) == before


def test_a_storage_folder_that_is_missing_is_said_with_every_message(store: FreeSwitchStore, tmp_path: Path) -> None:
    store.storage.rename(tmp_path / "elsewhere")
    assert all(
        f"The storage folder {store.storage} is missing" in message.problem for message in store.messages(DOMAIN, USER)
    )
    first = uuids(store)[0]
    refused(lambda: store.delete(DOMAIN, USER, [first], TRASH), "storage folder .* is missing; nothing was deleted")
    refused(lambda: store.export(DOMAIN, USER, first, tmp_path / "copy.wav"), "storage folder .* is missing")
    assert store.orphans() == ()
    assert first in uuids(store)


def test_a_trash_that_leads_elsewhere_is_not_used(store: FreeSwitchStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder_of(store).parents[1] / ".trash").symlink_to(tmp_path / "elsewhere")
    refused(lambda: store.delete(DOMAIN, USER, uuids(store), TRASH), "leads to another place; nothing was deleted")
    climbing = FreeSwitchStore(store.database, store.storage, "../../..")
    refused(lambda: climbing.delete(DOMAIN, USER, uuids(store), TRASH), "leads to another place; nothing was deleted")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"rows": [{}]}', "\xff", '{"at": "x"}', "null"])
def test_a_deletion_that_cannot_be_read_is_said_and_kept(store: FreeSwitchStore, damage: str) -> None:
    store.delete(DOMAIN, USER, uuids(store), TRASH, at=1.0)
    folder = folder_of(store).parents[1] / ".trash" / TRASH
    (folder / "rows.json").write_bytes(damage.encode("latin-1"))
    refused(lambda: store.put_back(TRASH), "cannot be read from .*its files stay there")
    assert store.purge(1e12) == ()
    assert (folder / "0.wav").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [("place", "/etc/cron.d/x"), ("copy", "../../0.wav"), ("copy", "/etc/passwd"), ("place", 7)],
)
def test_a_deletion_that_was_tampered_with_writes_nothing_elsewhere(
    store: FreeSwitchStore, key: str, value: object
) -> None:
    import json

    leave(store, "one")
    store.delete(DOMAIN, USER, ["one"], TRASH)
    sidecar = folder_of(store).parents[1] / ".trash" / TRASH / "rows.json"
    said = json.loads(sidecar.read_text())
    said["rows"][0][key] = value
    sidecar.write_text(json.dumps(said))
    refused(lambda: store.put_back(TRASH), "cannot be read from")
    assert "one" not in uuids(store)


def test_a_recording_missing_from_the_trash_is_said(store: FreeSwitchStore) -> None:
    leave(store, "one")
    store.delete(DOMAIN, USER, ["one"], TRASH)
    (folder_of(store).parents[1] / ".trash" / TRASH / "0.wav").unlink()
    refused(lambda: store.put_back(TRASH), r"The recording .*0\.wav is missing; nothing was put back")


# --- full disks ---------------------------------------------------------------------------------


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_full_during_an_export_leaves_no_part_of_it(
    store: FreeSwitchStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-061."""
    monkeypatch.setattr(shutil, "copyfileobj", full)
    target = tmp_path / "copy.wav"
    refused(lambda: store.export(DOMAIN, USER, uuids(store)[0], target), "is full; nothing was exported. Free space")
    assert [path.name for path in tmp_path.iterdir()] == ["freeswitch"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere/copy.wav", "no such file or folder; nothing was exported"),
        ("freeswitch/db/voicemail_default.db/copy.wav", "not a folder; nothing was exported"),
        ("x" * 300, "too long; nothing was exported"),
        ("a\0b", "cannot be the name of a file"),
    ],
)
def test_a_target_that_cannot_be_written_is_a_sentence(
    store: FreeSwitchStore, tmp_path: Path, name: str, words: str
) -> None:
    """W-061."""
    refused(lambda: store.export(DOMAIN, USER, uuids(store)[0], tmp_path / name), words)


def test_a_folder_that_may_not_be_written_gets_no_export(shared: FreeSwitchStore) -> None:
    folder = shared.storage.parents[1]
    with without_rights():
        refused(lambda: shared.export(DOMAIN, USER, "one", folder / "copy.wav"), "no right to do that; nothing was exp")


@pytest.mark.parametrize("place", ["write", "link", "mkdir", "fsync"])
def test_a_disk_full_during_a_deletion_deletes_nothing(
    store: FreeSwitchStore, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """S-113."""
    leave(store, "one")
    before = everything(store)
    module, name = {
        "write": (trash, "_write"),
        "link": (os, "link"),
        "mkdir": (Path, "mkdir"),
        "fsync": (os, "fsync"),
    }[place]
    with monkeypatch.context() as patched:
        patched.setattr(module, name, full)
        refused(lambda: store.delete(DOMAIN, USER, ["one"], TRASH), "is full; nothing was deleted. Free space")
    with suppress(VoicemailError):
        store.put_back(TRASH)
    assert everything(store) == before
    assert store.orphans() == ()


def test_a_full_store_restores_nothing_by_half(store: FreeSwitchStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-113."""
    before = everything(store)
    store.delete(DOMAIN, USER, uuids(store), TRASH)
    connect = sqlite._connect

    def cramped(path: Path) -> sqlite3.Connection:
        link = connect(path)
        link.execute("PRAGMA journal_mode = MEMORY")
        link.execute(f"PRAGMA max_page_count = {link.execute('PRAGMA page_count').fetchone()[0]}")
        return link

    execute(store, "DELETE FROM voicemail_msgs WHERE username <> ?", (USER,))
    execute(store, "VACUUM")
    filler = "x" * 50_000
    leave(store, "filler", cid_name=filler)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "_connect", cramped)
        patched.setattr(rows, "insert", lambda link, row: _swollen(link, filler))
        refused(lambda: store.put_back(TRASH), "is full; nothing was changed")
    assert uuids(store) == ["filler"]
    store.put_back(TRASH)
    assert {row[5] for row in before[0] if row[3] == USER.encode()} <= {row[5] for row in everything(store)[0]}


def _swollen(link: sqlite3.Connection, filler: str) -> None:
    link.execute("INSERT INTO voicemail_msgs (cid_name) VALUES (?)", (filler * 4,))


def test_a_name_that_no_database_holds_is_a_sentence(store: FreeSwitchStore) -> None:
    refused(lambda: store.messages(DOMAIN, "\ud800"), "cannot hold such a text")
    refused(lambda: store.set_password(DOMAIN, "\ud800", "471147"), "cannot hold such a text")
    assert store.counts(DOMAIN, ["\ud800"]) == {"\ud800": (0, 0)}


def test_no_refusal_shows_a_statement_or_the_password(store: FreeSwitchStore) -> None:
    """S-112."""
    execute(
        store,
        "CREATE TRIGGER trap BEFORE UPDATE ON voicemail_prefs BEGIN SELECT raise(ABORT, 'trap'); END",
    )
    refused(lambda: store.set_password(DOMAIN, USER, "471147"), "refused: ")
    assert (b"471147",) not in query(store, "SELECT password FROM voicemail_prefs")


def test_an_export_reaches_a_file_system_without_links(
    store: FreeSwitchStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-061: a stick with FAT."""

    def no_links(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "copy.wav"
    first = uuids(store)[0]
    store.export(DOMAIN, USER, first, target)
    assert target.read_bytes() == store.audio(DOMAIN, USER, first).read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    refused(lambda: store.export(DOMAIN, USER, first, target), "is there already")


def test_a_recording_on_another_disk_is_copied_and_then_taken_away(
    store: FreeSwitchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-113: a domain may be mounted."""
    before = everything(store)
    first = uuids(store)[0]
    replace = Path.replace

    def other_disk(*_: Any, **__: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    def near(path: Path, target: Path) -> Path:
        if path.parent != Path(target).parent:
            other_disk()
        return replace(path, target)

    monkeypatch.setattr(os, "link", other_disk)
    monkeypatch.setattr(Path, "replace", near)
    store.delete(DOMAIN, USER, [first], TRASH)
    assert not (folder_of(store) / f"msg_{first}.wav").exists()
    store.put_back(TRASH)
    assert everything(store) == before
