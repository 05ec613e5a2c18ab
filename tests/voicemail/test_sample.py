"""The sample store of the demonstration."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.sample import RATE, make_sample
from tests.voicemail.mailbox import COLUMNS, DOMAIN, NOW, files, query

USERS = [str(number) for number in range(1001, 1013)]


def test_every_user_has_one_to_four_messages_of_every_kind(tmp_path: Path) -> None:
    """W-060."""
    store = make_sample(tmp_path / "a", DOMAIN, USERS, NOW)
    boxes = {user: store.messages(DOMAIN, user) for user in USERS}
    assert {len(box) for box in boxes.values()} <= {1, 2, 3, 4}
    assert len({len(box) for box in boxes.values()}) > 1
    assert len({message.uuid for box in boxes.values() for message in box}) == sum(map(len, boxes.values()))
    assert not [message.problem for box in boxes.values() for message in box if message.problem]
    first = boxes["1001"]
    assert any(message.urgent and message.read is None for message in first)
    assert any(not message.caller_name and message.caller_number for message in first)
    assert any(message.caller_number == "anonymous" for message in first)
    assert any(message.read and message.created < NOW - 7 * 86_400 for message in first)
    assert all(message.created < (message.read or NOW) <= NOW for box in boxes.values() for message in box)
    assert store.has_password(DOMAIN, "1001")


def test_a_recording_is_as_long_as_its_row_says_and_can_be_heard(tmp_path: Path) -> None:
    """W-061."""
    store = make_sample(tmp_path / "a", DOMAIN, USERS[:2], NOW)
    for message in store.messages(DOMAIN, "1001"):
        assert message.path
        assert message.path.name == f"msg_{message.uuid}.wav"
        with wave.open(str(message.path)) as recording:
            assert recording.getparams()[:3] == (1, 2, RATE)
            assert recording.getnframes() == message.duration * RATE
            assert message.duration <= 5
            sound = recording.readframes(RATE)
        assert max(abs(int.from_bytes(sound[place : place + 2], "little", signed=True)) for place in range(0, 2000, 2))


def test_the_same_sample_is_made_each_time(tmp_path: Path) -> None:
    stores = [make_sample(tmp_path / name, DOMAIN, USERS, NOW) for name in "ab"]
    one, other = (files(store) for store in stores)
    assert one == other
    columns = ", ".join(column for column in COLUMNS if column != "file_path")
    one_row, other_row = (query(store, f"SELECT {columns} FROM voicemail_msgs ORDER BY rowid") for store in stores)
    assert one_row == other_row


def test_the_tables_are_those_of_mod_voicemail(tmp_path: Path) -> None:
    store = make_sample(tmp_path / "a", DOMAIN, USERS[:1], NOW)
    names = [name.decode() for (name,) in query(store, "SELECT name FROM pragma_table_info('voicemail_msgs')")]
    assert tuple(names) == COLUMNS
    indexes = query(store, "SELECT name FROM sqlite_master WHERE type = 'index'")
    assert len(indexes) == 11


def test_a_folder_that_holds_a_store_is_left_alone(tmp_path: Path) -> None:
    store = make_sample(tmp_path / "a", DOMAIN, USERS[:1], NOW)
    before = files(store)
    with pytest.raises(VoicemailError, match="is there already; no sample was made"):
        make_sample(tmp_path / "a", DOMAIN, USERS, NOW)
    assert files(store) == before


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc"])
def test_a_mailbox_cannot_stand_outside_of_the_sample(tmp_path: Path, name: str) -> None:
    for domain, user in ((name, "1001"), (DOMAIN, name)):
        with pytest.raises(VoicemailError, match="name of a folder"):
            make_sample(tmp_path / "a", domain, [user], NOW)
    assert not (tmp_path / "a").exists()
