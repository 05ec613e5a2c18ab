"""Killed at any line, a deletion loses no message and no byte of it (S-113)."""

from __future__ import annotations

import errno
import os
from functools import partial
from itertools import count
from typing import Any

import pytest

from cxtui.voicemail.freeswitch import FreeSwitchStore
from tests.voicemail.mailbox import DOMAIN, USER, dies_at, everything, files, folder_of, rows, uuids


def no_links(*_: Any, **__: Any) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.fixture(params=["with links", "without links"])
def stride(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Both kinds of file systems: one gives a file a second name, the other only copies. Most lines are the same for
    both, so with the second only every fifth is died at.
    """
    if request.param == "with links":
        return 1
    monkeypatch.setattr(os, "link", no_links)
    return 5


def recover(store: FreeSwitchStore) -> None:
    """What a service does when it starts: put back what it knows nothing of."""
    for trash_id in store.orphans():
        store.put_back(trash_id)
    assert store.orphans() == ()


def test_kill_9_at_any_line_of_a_deletion_loses_nothing(store: FreeSwitchStore, stride: int) -> None:
    """S-113: either the message is listed as before, or the trash holds it and gives it back bit for bit."""
    before, wanted = everything(store), uuids(store)[:2]
    deaths = 0
    for step in count(1, stride):
        if not dies_at(step, partial(store.delete, DOMAIN, USER, wanted, f"crash-{step}", at=1.0)):
            break
        deaths += 1
        if rows(store) == before[0]:
            assert files(store) == before[1]
        else:
            assert store.orphans() == (f"crash-{step}",)
        recover(store)
        assert everything(store) == before
    assert deaths > 60 // stride
    assert not set(wanted) & set(uuids(store))
    recover(store)
    assert everything(store) == before


def test_kill_9_at_any_line_of_putting_back_loses_nothing(store: FreeSwitchStore, stride: int) -> None:
    """S-113."""
    before, wanted = everything(store), uuids(store)[:2]
    deaths = 0
    for step in count(1, stride):
        store.delete(DOMAIN, USER, wanted, f"crash-{step}", at=1.0)
        if not dies_at(step, partial(store.put_back, f"crash-{step}")):
            break
        deaths += 1
        recover(store)
        assert everything(store) == before
    assert deaths > 40 // stride
    assert everything(store) == before


def test_kill_9_at_any_line_of_a_purge_brings_no_message_back_half(store: FreeSwitchStore) -> None:
    """S-113."""
    wanted = uuids(store)[:2]
    store.delete(DOMAIN, USER, wanted, "old", at=1.0)
    after = everything(store)
    for step in count(1):
        if not dies_at(step, partial(store.purge, 2.0)):
            break
        assert everything(store) == after
    assert store.orphans() == ()
    assert everything(store) == after


def test_a_purge_takes_what_a_crash_left_of_a_deletion(store: FreeSwitchStore) -> None:
    """S-113: a recording whose row is gone does not stay for ever."""
    [wanted] = uuids(store)[:1]
    recording = folder_of(store) / f"msg_{wanted}.wav"
    for step in count(1):
        died = dies_at(step, partial(store.delete, DOMAIN, USER, [wanted], f"crash-{step}", at=1.0))
        assert died
        if wanted not in uuids(store):
            break
        recover(store)
    assert recording.exists()
    assert store.purge(2.0) == (f"crash-{step}",)
    assert not recording.exists()
    assert store.orphans() == ()


def test_a_purge_leaves_a_message_alone_that_a_crash_never_deleted(store: FreeSwitchStore) -> None:
    """S-113."""
    before, wanted = everything(store), uuids(store)[:1]
    made = 0
    for step in count(1):
        if not dies_at(step, partial(store.delete, DOMAIN, USER, wanted, f"crash-{step}", at=1.0)):
            break
        if rows(store) != before[0]:
            break
        made += len(store.purge(1e12))
        assert everything(store) == before
    assert made > 10
