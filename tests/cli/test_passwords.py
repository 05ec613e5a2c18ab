"""Passwords from the shell: seen once by whoever asked, and by nobody and nothing after."""

from __future__ import annotations

import re

import pytest

from cxtui.models.sip_user import Credential
from cxtui.rules.digest import ha1
from cxtui.rules.passwords import check_typed
from cxtui.store.rows import all_where

SECRET = "Xk7pQm2vRt4_wZ9h"


def stored(context):
    """The HA1s in force."""
    with context.database.reading() as link:
        return [(item.ha1_md5, item.ha1_sha256) for item in all_where(link, Credential, "retired_by = ''")]


def everything(shell):
    """Every byte of the database and what lies beside it."""
    return b"".join(path.read_bytes() for path in shell.path.parent.rglob("*") if path.is_file())


@pytest.fixture
def user(shell):
    """A shell with the SIP user 1001."""
    shell.ok("sip", "add", "Acme Telecom", "1001")
    return shell


def test_a_generated_password_is_printed_alone_and_is_the_one_that_works(user, context):
    """S-121, S-122"""
    answer = user.ok("sip", "password", "1001")
    password = answer.out.removesuffix("\n")
    assert check_typed(password, "1001") == []
    hashes = ha1("1001", "sip.example.net", password)
    assert stored(context) == [(hashes.md5, hashes.sha256)]
    assert password not in answer.err


def test_a_password_is_nowhere_in_the_database_files(user, context):
    """S-122, S-124"""
    with context.database.reading() as link:
        link.execute("SELECT 1 FROM account").fetchone()
        printed = user.ok("sip", "password", "1001").out.strip()
        user.ok("sip", "password", "1001", "--stdin", stdin=SECRET.encode() + b"\n")
        assert user.path.with_name(user.path.name + "-wal").stat().st_size > 0
        held = everything(user)
    assert b"1001" in held
    for secret in (printed, SECRET):
        assert secret.encode() not in held
        assert secret.encode("utf-16-le") not in held


def test_each_call_makes_another_password(user):
    """S-125"""
    assert len({user.ok("sip", "password", "1001").out for _ in range(3)}) == 3


def test_json_hands_over_the_password_with_what_a_device_needs_besides(user):
    answer = user.json("sip", "password", "1001")
    assert (answer["username"], answer["realm"]) == ("1001", "sip.example.net")
    assert check_typed(answer["password"], "1001") == []


def test_a_password_from_standard_input_is_stored_and_not_repeated(user, context):
    answer = user.ok("sip", "password", "1001", "--stdin", stdin=SECRET.encode() + b"\r\n")
    hashes = ha1("1001", "sip.example.net", SECRET)
    assert stored(context) == [(hashes.md5, hashes.sha256)]
    assert SECRET not in answer.out + answer.err


@pytest.mark.parametrize("typed", [b"", b"short", b"1001aB_1001aB", b"\xff\xfe", b"one\ntwo\n", b"x" * 5000])
def test_a_password_that_cannot_be_used_is_refused_without_being_repeated(user, context, typed):
    """W-013"""
    answer = user("sip", "password", "1001", "--stdin", stdin=typed)
    assert answer.code in (1, 2)
    assert stored(context) == []
    assert not typed or typed.decode("utf-8", "replace") not in answer.out + answer.err


def test_no_verb_takes_a_password_as_an_argument(user):
    for words in (("sip", "password", "1001", SECRET), ("sip", "password", "1001", "--password", SECRET)):
        assert user(*words).code == 2
    assert not re.search(
        r"--\S*passw|--secret", user.ok("sip", "add", "--help").out + user.ok("ip", "add", "--help").out
    )


def test_the_password_profile_of_the_settings_is_used(user, monkeypatch):
    """C-06"""
    monkeypatch.setenv("CXTUI_PASSWORD_PROFILE", "legacy")
    assert len(user.ok("sip", "password", "1001").out.strip()) == 12


def test_an_outbound_password_is_bound_to_their_realm(shell, context):
    """C-02, S-040"""
    shell.ok("ip", "add", "Acme Telecom", "192.0.2.1", "--direction", "ingress")
    assert "realm" in shell("ip", "password", "192.0.2.1", stdin=b"theirs").err
    shell.ok("ip", "set", "192.0.2.1", "--uac-username", "us", "--uac-realm", "pbx.example")
    answer = shell.ok("ip", "password", "192.0.2.1", stdin="thëirs".encode())
    hashes = ha1("us", "pbx.example", "thëirs")
    assert stored(context) == [(hashes.md5, hashes.sha256)]
    assert "thëirs" not in answer.out


def test_a_password_that_could_not_be_printed_is_said_to_be_set(user, monkeypatch):
    from cxtui.cli.output import Output

    def closed(*_given):
        raise BrokenPipeError

    monkeypatch.setattr(Output, "secret", closed)
    monkeypatch.setattr(Output, "abandon", lambda _self: None)
    answer = user("sip", "password", "1001")
    assert answer.code == 1
    assert "was set but could not be written out" in answer.err


def test_undo_brings_the_old_password_back_once_that_was_confirmed(user, context):
    """S-126: with the beginning of the change's id, so that a yes is never for another change."""
    user.ok("sip", "password", "1001", "--stdin", stdin=SECRET.encode())
    before = stored(context)
    user.ok("sip", "password", "1001")
    later = stored(context)
    assert later != before
    change = user.json("audit", "list", "--limit", "1")[0]["change"]
    for words in (("undo",), ("audit", "revert", change)):
        asked = user(*words)
        assert (asked.code, asked.out) == (1, "")
        assert "Put back the earlier password of SIP user 1001? The one set at " in asked.err
        assert f" by you stops working at once. Say that you mean it with: --confirm {change[:8]}" in asked.err
        assert user(*words, "--json").json["confirm"] == change[:8]
        assert user(*words, "--confirm", "1001").code == 1
    assert stored(context) == later
    done = user.ok("undo", "--confirm", change[:8]).out
    assert done == "Undone: the earlier password of SIP user 1001 is in use again.\n"
    assert stored(context) == before


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("", 1)])
def test_whoever_sits_there_is_asked_before_an_earlier_password_is_put_back(user, context, monkeypatch, said, code):
    """S-126: No is what Enter says."""
    from cxtui.cli.call import Call

    user.ok("sip", "password", "1001", "--stdin", stdin=SECRET.encode())
    before = stored(context)
    user.ok("sip", "password", "1001")
    asked: list[str] = []

    def answer(_: Call, question: str) -> str:
        asked.append(question)
        return str(said)

    monkeypatch.setattr(Call, "interactive", True)
    monkeypatch.setattr(Call, "ask", answer)
    assert user("undo").code == code
    assert len(asked) == 1
    assert asked[0].startswith("Put back the earlier password of SIP user 1001? The one set at ")
    assert (stored(context) == before) == (code == 0)
