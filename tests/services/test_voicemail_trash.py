"""Deleted voicemail messages: an undo brings them back byte for byte, and no crash loses one (S-113)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.roles import Role
from cxtui.services import sip_users, undo, voicemail, voicemail_trash
from cxtui.services.context import Context
from cxtui.services.outcome import Denied, Gone, ServiceError
from cxtui.services.writing import Writer
from cxtui.store.database import Database
from cxtui.voicemail import sqlite
from cxtui.voicemail.errors import VoicemailError
from cxtui.voicemail.freeswitch import FreeSwitchStore
from tests.services.mailboxes import served, uuids
from tests.services.stock import only
from tests.support import DAY, Clock, audit, migrated, one, operator, query
from tests.voicemail.mailbox import USER, everything, leave, locked, rows


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
    found: SipUser = only(sip_users.add(alice, acme.id, {"username": USER}))
    return found


def kept(context: Context) -> list[tuple[Any, ...]]:
    """What our database knows of deleted messages."""
    columns = "sip_user_id, username, caller_name, caller_number, created, duration, deleted_at"
    return query(context.database, f"SELECT {columns} FROM deleted_message ORDER BY id")


def test_deleting_is_noted_message_by_message_and_in_the_history_of_the_user(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock
) -> None:
    """S-113, W-027."""
    first, second, *others = voicemail.messages(alice, user)
    mark = len(audit(alice.database))
    change = voicemail_trash.delete(alice, user, [first.uuid, second.uuid], reason="ticket 7")
    assert change.sentence == "Deleted 2 voicemail messages of SIP user 1003."
    assert uuids(alice, user) == [message.uuid for message in others]
    assert kept(alice) == [
        (user.id, USER, item.caller_name, item.caller_number, item.created, item.duration, clock.now)
        for item in (first, second)
    ]
    assert len({trash for (trash,) in query(alice.database, "SELECT trash FROM deleted_message")}) == 1
    told = audit(alice.database)[mark:]
    assert [(entry.action, entry.entity, entry.label) for entry in told] == [
        ("DELETE", "deleted_message", "voicemail for 1003 from +442079460127"),
        ("DELETE", "deleted_message", "voicemail for 1003 from +12025550143"),
        ("DELETE", "sip_user", "2 voicemail messages of SIP user 1003"),
    ]
    assert {(entry.change_id, entry.reason) for entry in told} == {(change.id, "ticket 7")}


def test_undo_brings_rows_and_recordings_back_byte_for_byte(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    """S-113."""
    before = everything(store)
    voicemail_trash.delete(alice, user, uuids(alice, user))
    assert everything(store) != before
    assert undo.undo(alice).sentence == "Undone: delete of 4 voicemail messages of SIP user 1003."
    assert everything(store) == before
    assert store.orphans() == ()
    assert kept(alice) == []
    told = audit(alice.database)[-1]
    assert (told.action, told.entity, told.label) == (
        "RESTORE",
        "sip_user",
        "4 voicemail messages of SIP user 1003 put back",
    )


def test_deletions_are_taken_back_one_by_one_and_only_once(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    before = everything(store)
    first, second, *_ = uuids(alice, user)
    one_gone = voicemail_trash.delete(alice, user, [first])
    two_gone = voicemail_trash.delete(alice, user, [second])
    undo.undo(alice, one_gone.id)
    assert first in uuids(alice, user)
    with pytest.raises(ServiceError, match="taken back already"):
        undo.undo(alice, one_gone.id)
    undo.undo(alice)
    assert everything(store) == before
    back = audit(alice.database)[-1].change_id
    with pytest.raises(ServiceError, match="put back: this cannot be taken back"):
        undo.undo(alice, back)
    assert two_gone.id != back


def test_an_undo_that_the_store_refuses_changes_nothing_and_can_be_tried_again(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    before = everything(store)
    voicemail_trash.delete(alice, user, uuids(alice, user))
    known, mark = kept(alice), len(audit(alice.database))
    with locked(store), pytest.raises(VoicemailError, match="is writing to the voicemail store"):
        undo.undo(alice)
    assert (kept(alice), len(audit(alice.database))) == (known, mark)
    undo.undo(alice)
    assert everything(store) == before


def test_messages_of_a_user_that_was_deleted_since_are_put_back(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    """The mailbox stays when its user goes."""
    before = everything(store)
    change = voicemail_trash.delete(alice, user, uuids(alice, user))
    sip_users.delete(alice, [user])
    undo.undo(alice, change.id)
    assert everything(store) == before
    assert audit(alice.database)[-1].label == "4 voicemail messages of 1003, who was deleted since put back"


def test_another_operators_deletion_takes_an_admin_to_undo(
    alice: Context, bob: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    """W-028."""
    change = voicemail_trash.delete(alice, user, uuids(alice, user))
    mate = replace(bob, settings=alice.settings, actor=replace(bob.actor, role=Role.OPERATOR))
    with pytest.raises(Denied):
        undo.undo(mate, change.id)
    undo.undo(replace(mate, actor=replace(mate.actor, role=Role.ADMIN)), change.id)
    assert len(uuids(alice, user)) == 4


def test_a_viewer_and_a_deleted_user_delete_nothing(alice: Context, store: FreeSwitchStore, user: SipUser) -> None:
    """W-028."""
    before, found = everything(store), uuids(alice, user)
    viewer = replace(alice, actor=replace(alice.actor, role=Role.VIEWER))
    with pytest.raises(Denied):
        voicemail_trash.delete(viewer, user, found)
    sip_users.delete(alice, [user])
    with pytest.raises(Gone):
        voicemail_trash.delete(alice, user, found)
    assert everything(store) == before
    assert store.orphans() == ()


def test_only_what_is_still_there_is_deleted(alice: Context, store: FreeSwitchStore, user: SipUser) -> None:
    first = uuids(alice, user)[0]
    assert "Deleted 1 voicemail message of" in voicemail_trash.delete(alice, user, [first, "gone"]).sentence
    with pytest.raises(VoicemailError, match="does not hold this message any more"):
        voicemail_trash.delete(alice, user, [first])
    assert len(kept(alice)) == 1


def test_a_store_that_is_locked_loses_nothing_and_nothing_is_audited(
    alice: Context, store: FreeSwitchStore, user: SipUser
) -> None:
    before, found, mark = everything(store), uuids(alice, user), len(audit(alice.database))
    with locked(store), pytest.raises(VoicemailError, match="is writing to the voicemail store"):
        voicemail_trash.delete(alice, user, found)
    assert everything(store) == before
    assert (kept(alice), len(audit(alice.database))) == ([], mark)


@pytest.mark.parametrize("where", ["add", "note", "change"])
def test_where_our_database_fails_the_messages_are_put_back_at_once(
    alice: Context, store: FreeSwitchStore, user: SipUser, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before, mark = everything(store), len(audit(alice.database))
    monkeypatch.setattr(Writer, where, fails)
    with pytest.raises(RuntimeError, match="on fire"):
        voicemail_trash.delete(alice, user, uuids(alice, user))
    assert everything(store) == before
    assert store.orphans() == ()
    assert (kept(alice), len(audit(alice.database))) == ([], mark)


def fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("the disk is on fire")


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(act: Callable[..., Any]) -> Callable[..., Any]:
    def acted(*given: Any, **more: Any) -> None:
        act(*given, **more)
        die()

    return acted


CRASHES = {
    "when the messages have just left the mailbox": (FreeSwitchStore, "delete", die_after(FreeSwitchStore.delete)),
    "when all is written but not committed": (Writer, "change", die),
    "before the messages are put back after a failure": (voicemail_trash, "_put_back", die),
}


@pytest.mark.parametrize("when", CRASHES)
def test_a_deletion_that_a_crash_cut_short_is_put_back_by_a_later_one(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """S-113."""
    leave(store, "later")
    before, found = everything(store), uuids(alice, user)
    found.remove("later")
    if when.startswith("before"):
        monkeypatch.setattr(Writer, "note", fails)
    _in_a_process_that_dies(alice, user, found, CRASHES[when])
    monkeypatch.undo()
    assert set(uuids(alice, user)) == {"later"}
    assert kept(alice) == []
    voicemail_trash.delete(alice, user, ["later"])
    assert uuids(alice, user) == []
    undo.undo(alice)
    clock.forward(voicemail_trash.CRASHED_AFTER + 1)
    voicemail_trash.delete(alice, user, ["later"])
    undo.undo(alice)
    assert everything(store) == before
    assert store.orphans() == ()


def test_a_crash_after_the_commit_leaves_a_deletion_that_can_be_undone(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock
) -> None:
    before = everything(store)
    _in_a_process_that_dies(alice, user, uuids(alice, user), (voicemail_trash, "_tidy", die))
    clock.forward(voicemail_trash.CRASHED_AFTER + 1)
    leave(store, "later")
    voicemail_trash.delete(alice, user, ["later"])
    assert uuids(alice, user) == []
    undo.undo(alice)
    undo.undo(alice)
    (store.storage / "voicemail" / "default" / "sip.example.net" / USER / "msg_later.wav").unlink()
    assert [row for row in rows(store) if b"later" not in row] == before[0]


def _in_a_process_that_dies(
    context: Context, user: SipUser, found: list[str], where: tuple[object, str, Callable[..., Any]]
) -> None:
    """Delete messages in a process of its own, which is killed on the way."""
    child = os.fork()
    if child == 0:
        owner, name, act = where
        setattr(owner, name, act)
        try:
            voicemail_trash.delete(replace(context, database=Database(context.database.path)), user, found)
        finally:
            os._exit(3)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_what_another_database_deleted_is_left_alone(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock, tmp_path: Path
) -> None:
    """Two installations may have one voicemail server."""
    other = replace(operator(migrated(tmp_path / "other.db"), "zoe", clock), settings=alice.settings)
    from cxtui.services import companies

    company = only(companies.add(other, {"name": "Other"}))
    theirs = only(sip_users.add(other, company.id, {"username": USER}))
    first, second, *_ = uuids(alice, user)
    voicemail_trash.delete(other, theirs, [first])
    clock.forward(voicemail_trash.CRASHED_AFTER + 1)
    voicemail_trash.delete(alice, user, [second])
    assert first not in uuids(alice, user)
    undo.undo(other)
    assert first in uuids(alice, user)


def test_after_the_days_of_the_settings_a_deletion_is_gone_for_good(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock
) -> None:
    """S-113."""
    first, second, third, _ = uuids(alice, user)
    old = voicemail_trash.delete(alice, user, [first])
    clock.forward(29 * DAY)
    voicemail_trash.delete(alice, user, [second])
    assert len(kept(alice)) == 2
    clock.forward(2 * DAY)
    voicemail_trash.delete(alice, user, [third])
    assert len(kept(alice)) == len(store.orphans()) == 2
    with pytest.raises(ServiceError, match="put back already, or deleted too long ago"):
        undo.undo(alice, old.id)
    assert first not in uuids(alice, user)


def test_what_was_purged_never_returns_even_where_a_crash_came_in_between(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock
) -> None:
    first, second, third, _ = uuids(alice, user)
    voicemail_trash.delete(alice, user, [first])
    clock.forward(31 * DAY)
    _in_a_process_that_dies(alice, user, [second], (voicemail_trash, "_tidy", die))
    assert len(kept(alice)) == 1
    assert len(store.orphans()) == 2
    clock.forward(DAY)
    voicemail_trash.delete(alice, user, [third])
    assert len(store.orphans()) == 2
    assert first not in uuids(alice, user)


def test_tidying_up_never_stops_a_deletion(
    alice: Context, store: FreeSwitchStore, user: SipUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise VoicemailError("no")

    monkeypatch.setattr(FreeSwitchStore, "orphans", refuses)
    voicemail_trash.delete(alice, user, uuids(alice, user))
    assert one(alice.database, "SELECT count(*) FROM deleted_message") == 4


def test_what_is_too_old_does_not_return_where_it_could_not_be_purged(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion is a promise, too."""
    old, next_one, *_ = uuids(alice, user)
    voicemail_trash.delete(alice, user, [old])
    clock.forward(40 * DAY)

    def refuse(self: FreeSwitchStore, trash_id: str) -> None:
        raise VoicemailError("The voicemail store is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(FreeSwitchStore, "_purge", refuse)
        voicemail_trash.delete(alice, user, [next_one])
    assert old not in uuids(alice, user)
    assert len(store.orphans()) == 2


def test_the_trash_of_another_database_is_not_purged(
    alice: Context, store: FreeSwitchStore, user: SipUser, clock: Clock, tmp_path: Path
) -> None:
    store.delete("sip.example.net", USER, uuids(alice, user)[:1], "0therone-1", clock.now)
    mine, last, *_ = uuids(alice, user)
    voicemail_trash.delete(alice, user, [mine])
    clock.forward(40 * DAY)
    voicemail_trash.delete(alice, user, [last])
    assert "0therone-1" in store.orphans()
    assert len(store.orphans()) == 2
