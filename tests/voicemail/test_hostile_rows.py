"""Rows and files that others wrote: shown safely, never followed out of the storage, deleted and restored anyway."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxtui.rules.printable import clean
from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore
from cxtui.voicemail.rows import LAST_SECOND
from tests.voicemail.mailbox import COLUMNS, DOMAIN, USER, everything, execute, folder_of, leave, one, rows

TRASH = "change-1"

anything = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.binary(max_size=30),
    st.sampled_from(["\x1b[2J", "a\0b", "‮evil", "x" * 400, "/etc/passwd", "../../etc/passwd", "9" * 400, b"\xff\xfe"]),
)
hostile = st.dictionaries(
    st.sampled_from([column for column in COLUMNS if column not in {"username", "domain"}]), anything, max_size=8
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=hostile)
def test_no_row_breaks_the_list_and_every_row_survives_a_deletion(
    store: FreeSwitchStore, columns: dict[str, Any]
) -> None:
    """S-113: rows are written by others; a deletion put back is the same row, type by type."""
    execute(store, "DELETE FROM voicemail_msgs")
    leave(store, "hostile", **columns)
    # Bytes that are not UTF-8, as a caller's name can be.
    execute(store, "UPDATE voicemail_msgs SET cid_number = CAST(x'ff41c3' AS TEXT)")
    execute(store, "DELETE FROM voicemail_msgs WHERE flags = 'delete'")
    before = everything(store)
    for message in store.messages(DOMAIN, USER):
        for text in (message.uuid, message.caller_name, message.caller_number, message.folder, message.problem):
            assert text == clean(text)
            text.encode()
        assert 0 <= message.created <= LAST_SECOND
        assert message.read is None or 1 <= message.read <= LAST_SECOND
        assert message.duration >= 0
        assert message.path is None or message.path.is_relative_to(store.storage)
        assert store.counts(DOMAIN, [USER]) == {USER: (int(message.read is None), 1)}
        store.delete(DOMAIN, USER, [message.uuid], "hostile")
        assert store.messages(DOMAIN, USER) == ()
        store.put_back("hostile")
    assert everything(store) == before


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"created_epoch": "yesterday"}, "does not say when it was left."),
        ({"created_epoch": None, "message_len": -4}, "does not say when it was left, its duration."),
        ({"created_epoch": 10**18}, "does not say when it was left."),
        ({"read_epoch": "today", "message_len": b"\0"}, "does not say when it was heard, its duration."),
        ({"file_path": None}, "names no file"),
        ({"file_path": ""}, "names no file"),
        ({"file_path": b"/tmp/x"}, "names no file"),
        ({"file_path": "msg.wav"}, "names no complete path"),
        ({"file_path": "/x\0y"}, "names no complete path"),
        ({"file_path": "/etc/passwd"}, "outside the storage folder"),
        ({"file_path": "/nowhere/msg.wav"}, "outside the storage folder"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_and_its_recording_not_opened(
    store: FreeSwitchStore, columns: dict[str, Any], words: str
) -> None:
    """S-113."""
    leave(store, "odd", **columns)
    message = one(store, "odd")
    assert words in message.problem
    if "file_path" in columns:
        assert message.path is None
        assert message.bytes is None
        with pytest.raises(VoicemailError, match=words):
            store.audio(DOMAIN, USER, "odd")


def test_a_path_that_climbs_out_of_the_storage_is_refused(store: FreeSwitchStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"x" * 100)
    climbing = f"{folder_of(store)}/../../../../../../secret.wav"
    assert Path(os.path.realpath(climbing)) == secret
    leave(store, "odd", file_path=climbing)
    assert "outside the storage folder" in one(store, "odd").problem
    store.delete(DOMAIN, USER, ["odd"], TRASH)
    assert secret.exists()
    with pytest.raises(VoicemailError, match="does not hold this message"):
        store.export(DOMAIN, USER, "odd", tmp_path / "copy.wav")


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_that_leads_out_of_the_storage_is_refused(store: FreeSwitchStore, tmp_path: Path, what: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"x" * 100)
    if what == "file":
        link = folder_of(store) / "link.wav"
        link.symlink_to(outside / "secret.wav")
    else:
        (folder_of(store) / "link").symlink_to(outside)
        link = folder_of(store) / "link" / "secret.wav"
    leave(store, "odd", file_path=str(link))
    assert "outside the storage folder" in one(store, "odd").problem
    with pytest.raises(VoicemailError, match="outside the storage folder"):
        store.export(DOMAIN, USER, "odd", tmp_path / "copy.wav")
    store.delete(DOMAIN, USER, ["odd"], TRASH)
    assert (outside / "secret.wav").exists()


def test_a_link_that_stays_in_the_storage_is_followed(store: FreeSwitchStore) -> None:
    path = leave(store, "real")
    (store.storage / "other").symlink_to(folder_of(store))
    execute(
        store, "UPDATE voicemail_msgs SET file_path = ? WHERE uuid = 'real'", (f"{store.storage}/other/{path.name}",)
    )
    before = everything(store)
    assert one(store, "real").path == path
    store.delete(DOMAIN, USER, ["real"], TRASH)
    assert not path.exists()
    store.put_back(TRASH)
    assert everything(store) == before


def test_what_lies_in_the_trash_is_no_recording(store: FreeSwitchStore) -> None:
    leave(store, "one")
    store.delete(DOMAIN, USER, ["one"], TRASH)
    leave(store, "odd", file_path=str(folder_of(store).parents[1] / ".trash" / TRASH / "0.wav"))
    assert "outside the storage folder" in one(store, "odd").problem


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "file is missing"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_bytes(b"R" * 44), "holds no sound"),
        (os.mkfifo, "not an ordinary file"),
        (os.mkdir, "not an ordinary file"),
        (lambda path: path.symlink_to(path), "not an ordinary file|cannot be reached"),
        (lambda path: path.symlink_to("/dev/zero"), "outside the storage"),
    ],
)
def test_a_file_that_is_no_recording_is_said_and_never_opened(
    store: FreeSwitchStore, tmp_path: Path, make: Any, words: str
) -> None:
    """S-113: a pipe would keep the console waiting."""
    path = leave(store, "odd")
    path.unlink()
    make(path)
    before = rows(store)
    with pytest.raises(VoicemailError, match=words):
        store.export(DOMAIN, USER, "odd", tmp_path / "copy.wav")
    assert one(store, "odd").problem
    store.delete(DOMAIN, USER, ["odd"], TRASH)
    store.put_back(TRASH)
    assert rows(store) == before


def test_a_file_name_that_is_not_text_is_found(store: FreeSwitchStore) -> None:
    raw = os.fsencode(folder_of(store)) + b"/msg_\xff\xfe.wav"
    path = Path(os.fsdecode(raw))
    path.write_bytes(b"R" * 100)
    leave(store, "raw", file_path="/")
    execute(store, "UPDATE voicemail_msgs SET file_path = CAST(? AS TEXT) WHERE uuid = 'raw'", (raw,))
    before = rows(store)
    assert one(store, "raw").problem == ""
    store.delete(DOMAIN, USER, ["raw"], TRASH)
    assert not path.exists()
    store.put_back(TRASH)
    assert rows(store) == before
    assert path.read_bytes() == b"R" * 100
