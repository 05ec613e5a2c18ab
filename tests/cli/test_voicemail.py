"""Voicemail from the shell: every verb on a real store, by ids as the list shows them."""

from __future__ import annotations

import pytest

from cxtui.voicemail.sample import make_sample
from tests.support import REALM, query
from tests.voicemail import mailbox
from tests.voicemail.mailbox import NOW, OTHER, USER, everything, leave
from tests.voicemail.mailhost import HOST, Mailbox, deserted_port, serving

PIN = "470815"
EVIL = "\x1b]52;c;ZXZpbA==\x07"


@pytest.fixture
def store(tmp_path):
    """The sample store."""
    return make_sample(tmp_path / "freeswitch", REALM, [USER, OTHER], NOW)


@pytest.fixture
def served(shell, store, monkeypatch):
    """A shell with the SIP user 1003 and a voicemail server in its settings."""
    monkeypatch.setenv("CXTUI_VOICEMAIL_DB", str(store.database))
    monkeypatch.setenv("CXTUI_VOICEMAIL_STORAGE", str(store.storage))
    shell.ok("sip", "add", "Acme Telecom", USER, "--voicemail-email", "ann@acme.example")
    return shell


def ids(served):
    return [message["id"] for message in served.json("voicemail", "list", USER)]


def test_the_messages_are_listed_newest_first(served):
    """S-113, W-060"""
    lines = served.ok("voicemail", "list", USER).out.splitlines()
    assert lines[0].split() == ["ID", "Created", "Read", "Duration", "Name", "Number", "Note"]
    assert len(lines) == 5
    assert lines[1].split()[0] == ids(served)[0][:8]
    assert lines[1].split()[3:] == ["new", "0:04", "Nadia", "Rahman", "+442079460127", "urgent"]


def test_json_tells_all_about_a_message(served, store):
    """S-113, W-061"""
    message = served.json("voicemail", "list", USER)[0]
    assert message == message | {
        "user": USER,
        "domain": REALM,
        "created": "2023-11-14T22:09:20Z",
        "read": None,
        "duration": 4,
        "number": "+442079460127",
        "urgent": True,
        "file": str(store.audio(REALM, USER, message["id"])),
        "bytes": 64_044,
        "problem": None,
    }


def test_an_empty_mailbox_says_so(served):
    served.ok("sip", "add", "Acme Telecom", "1009")
    answer = served.ok("voicemail", "list", "1009")
    assert "No messages." in answer.err
    assert served.json("voicemail", "list", "1009") == []


def test_messages_are_deleted_by_the_beginning_of_their_ids_and_undo_brings_them_back(served, store):
    """S-113"""
    before = everything(store)
    first, second, *others = ids(served)
    assert served("voicemail", "delete", USER, first[:8]).code == 2
    answer = served.ok("voicemail", "delete", USER, first[:8], second, first, "--yes", "--reason", "ticket 7")
    assert answer.out == "Deleted 2 voicemail messages of SIP user 1003.\n"
    assert ids(served) == others
    assert served.ok("undo").out == "Undone: delete of 2 voicemail messages of SIP user 1003.\n"
    assert everything(store) == before


def test_the_change_of_a_deletion_is_answered_in_json(served):
    answer = served.json("voicemail", "delete", USER, ids(served)[0], "--yes")
    assert answer["rows"][0]["username"] == USER
    served.ok("audit", "revert", answer["change"])
    assert len(ids(served)) == 4


def test_messages_are_marked_read_and_new_again(served):
    """S-113"""
    first = ids(served)[0]
    assert "marked read" in served.ok("voicemail", "read", USER, first).out
    assert served.json("voicemail", "list", USER)[0]["read"] is not None
    assert "marked unread" in served.ok("voicemail", "read", USER, first, "--new").out
    assert served.json("voicemail", "list", USER)[0]["read"] is None


def test_a_recording_is_exported_and_never_over_another_file(served, store, tmp_path):
    """S-113, W-061"""
    first = ids(served)[0]
    target = tmp_path / "a b.wav"
    answer = served.ok("voicemail", "export", USER, first[:8], str(target))
    assert answer.out == f"Exported to {target}, 64 kB.\n"
    assert target.read_bytes() == store.audio(REALM, USER, first).read_bytes()
    again = served("voicemail", "export", USER, first, str(target))
    assert (again.code, "is there already" in again.err) == (3, True)


@pytest.mark.parametrize(
    ("words", "said"), [(("gone-at-all",), "no message gone-at-all in the mailbox of SIP user 1003"), (("x",), "x")]
)
def test_an_id_that_is_none_is_refused_and_nothing_is_done(served, store, words, said):
    before = everything(store)
    answer = served("voicemail", "delete", USER, ids(served)[0], *words, "--yes")
    assert (answer.code, said in answer.err) == (1, True)
    assert everything(store) == before


def test_an_id_that_may_be_several_is_refused(served, store):
    for name in ("same-1", "same-2"):
        leave(store, name)
    answer = served("voicemail", "read", USER, "same")
    assert (answer.code, "same may be several messages" in answer.err) == (1, True)
    assert served("voicemail", "read", USER, "sam").code == 1
    served.ok("voicemail", "read", USER, "same-1")


def test_the_password_is_read_from_standard_input_and_never_an_argument(served, store, context):
    """S-112"""
    assert served("voicemail", "password", USER, stdin=PIN.encode()).code == 2
    answer = served.ok("voicemail", "password", USER, "--stdin", stdin=f"{PIN}\n".encode())
    assert PIN not in answer.out + answer.err
    assert mailbox.query(store, "SELECT password FROM voicemail_prefs WHERE username = ?", (USER,)) == [(PIN.encode(),)]
    assert served("voicemail", "password", USER, PIN).code == 2
    refused = served("voicemail", "password", USER, "--stdin", stdin=b"letters77")
    assert (refused.code, "letters77" in refused.out + refused.err) == (1, False)
    assert "digits only" in refused.err


def test_a_test_mail_is_sent(served, monkeypatch):
    """S-111"""
    monkeypatch.setenv("CXTUI_SMTP_SENDER", "cxtui@noc.example")
    taking = Mailbox()
    with serving(taking) as port:
        monkeypatch.setenv("CXTUI_SMTP_SERVER", f"{HOST}:{port}")
        assert "took the test mail for ann@acme.example" in served.ok("voicemail", "send-test", USER).out
    assert len(taking.taken) == 1
    monkeypatch.setenv("CXTUI_SMTP_SERVER", f"{HOST}:{deserted_port()}")
    answer = served("voicemail", "send-test", USER)
    assert (answer.code, "the connection was refused" in answer.err) == (3, True)


def test_a_viewer_lists_and_changes_nothing(served, store):
    """W-028"""
    before, first = everything(store), ids(served)[0]
    for words in (("delete", USER, first, "--yes"), ("read", USER, first), ("export", USER, first, "/nowhere/x")):
        answer = served("voicemail", *words, "--readonly")
        assert (answer.code, "Access Denied" in answer.err) == (1, True)
    assert served.ok("voicemail", "list", USER, "--readonly").out
    assert everything(store) == before


def test_without_a_voicemail_server_the_settings_are_named(shell):
    shell.ok("sip", "add", "Acme Telecom", USER)
    answer = shell("voicemail", "list", USER)
    assert (answer.code, "set voicemail_db and voicemail_storage" in answer.err) == (1, True)


def test_a_store_that_is_missing_is_a_sentence(served, store):
    store.database.unlink()
    answer = served("voicemail", "list", USER)
    assert (answer.code, "There is no voicemail store" in answer.err) == (3, True)


def test_what_a_caller_calls_himself_is_harmless_on_the_terminal(served, store):
    leave(store, "evil", cid_name=EVIL, cid_number=EVIL)
    assert not set(served.ok("voicemail", "list", USER).out) & {"\x1b", "\x07"}
    assert not set(served.ok("voicemail", "list", USER, "--json").out) & {"\x1b", "\x07"}
    answer = served.ok("voicemail", "delete", USER, "evil", "--yes")
    assert "\x1b" not in answer.out + answer.err
    told = str(served.json("audit", "list")) + str(query_labels(served))
    assert "\x1b" not in told


def query_labels(served):
    from cxtui.store.database import Database

    return query(Database(served.path), "SELECT label, after FROM audit")
