"""What is kept of a message holds no secret, and what was kept is read back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.challenge import Challenge, answer, parse_credentials
from cxtui.rules.digest import ha1
from cxtui.sip.judging import judge
from cxtui.sip.message import parse
from cxtui.sip.trace import LEAST_HIDDEN, MOST_STORED, Message, Proof, Trace, TraceError, dump, load, mask, masked

SECRET = "8ca523f5e9506fed4657c9700eebdbec"
REGISTER = (
    "REGISTER sip:sip.test SIP/2.0\r\nCall-ID: x\r\n"
    'Authorization: Digest username="1001", realm="sip.test", nonce="n", uri="sip:sip.test", response="{}"\r\n\r\n'
)


@pytest.mark.parametrize(
    "written",
    [
        f'Proxy-Authorization: Digest username="u", response="{SECRET}", nc=00000001',
        f"authorization : digest response={SECRET}, username=u",
        f'Authorization: Digest username="u",\r\n\tresponse =\r\n  "{SECRET}"',
        f'Authorization: Digest response="{SECRET}',
        f'Authentication-Info: rspauth="{SECRET}"',
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_of_a_digest_response_eight_digits_are_kept(written: str, end: str) -> None:
    """S-083."""
    kept = mask(f"INVITE sip:a SIP/2.0\r\n{written}\r\nCSeq: 1 INVITE\r\n\r\nv=0".replace("\r\n", end))
    assert SECRET[:8] in kept
    assert SECRET[:9] not in kept
    assert parse(kept).cseq == (1, "INVITE")
    assert parse(kept).body == "v=0"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Basic MTAwMTpzZWNyZXQ=\r\n\r\n", "MTAw"),
        ("Proxy-Authorization:MTAwMTpzZWNyZXQ=\r\n", "MTAw"),
        ("Contact: <sip:1001:hunter2@192.0.2.1:5060>\r\n", "hunter2"),
        ("INVITE sip:1001:hunter,2@sip.test SIP/2.0", "hunter"),
        ("X: y\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20", "d0Rm"),
        ("X: y\r\n\r\nv=0\r\nk=clear:hunter2\r\nt=0 0", "hunter2"),
    ],
)
def test_secrets_of_other_kinds_are_not_kept(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in mask(text)
    assert "…" in mask(text)


def test_what_is_no_secret_stays_as_it_is() -> None:
    text = (
        "SIP/2.0 407 Proxy Authentication Required\r\nVia: SIP/2.0/UDP [::1]:5060;branch=z9hG4bK1\r\n"
        'Contact: <sip:1001@[::1]:5060;ob>\r\nProxy-Authenticate: Digest realm="r", nonce="", qop="auth"\r\n\r\n'
        "v=0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
    assert mask(text) == text


NONCE = "ZaLcVGWi2yiRhQnmVsb0xoZAfkTsKQH/oiXGlUqm"


@pytest.mark.parametrize("nonce", [NONCE, "f" * 26, "f" * 25, "123"])
@pytest.mark.parametrize("qop", ["auth", ""])
def test_no_guess_of_a_password_can_be_tested_with_what_is_kept(nonce: str, qop: str) -> None:
    """S-083: of the nonce too little is known, and of the cnonce nothing, so that any password fits."""
    right = ha1("1001", "sip.test", "secret")
    challenge = Challenge(realm="sip.test", nonce=nonce, qop=(qop,) if qop else ())
    made = answer(challenge, "1001", right, "REGISTER", "sip:sip.test", "a-cnonce-of-ours")
    whole = f"REGISTER sip:sip.test SIP/2.0\r\nAuthorization: {made.header()}\r\n\r\n"
    assert judge(whole, lambda _username, _realm: right) is Proof.MATCH
    kept = mask(whole)
    credentials = parse_credentials(parse(kept).header("Authorization"))
    assert credentials is not None
    assert credentials.response == made.response[:8] + "…"
    assert len(nonce) - len(credentials.nonce.replace("…", "")) >= min(len(nonce), LEAST_HIDDEN)
    assert "a-cnonce" not in kept
    assert judge(kept, lambda _username, _realm: right) is Proof.NONE


def test_of_the_nonces_of_two_seconds_enough_is_kept_to_tell_them_apart() -> None:
    challenge = f'SIP/2.0 401 x\r\nWWW-Authenticate: Digest realm="r", nonce="{NONCE}"\r\n\r\n'
    assert 'nonce="ZaLc…GlUqm"'.replace("GlUqm", "XGlUqm") in mask(challenge)


@pytest.mark.parametrize("name", ["cnonce", "nextnonce", "CNONCE"])
def test_what_else_goes_into_a_hash_is_not_kept(name: str) -> None:
    assert mask(f'INVITE sip:a SIP/2.0\r\nAuthorization: Digest {name}="{NONCE}"\r\n\r\n') == (
        f'INVITE sip:a SIP/2.0\r\nAuthorization: Digest {name}="…"\r\n\r\n'
    )


def test_credentials_in_a_body_are_masked_like_those_of_the_head() -> None:
    fragment = f'INVITE sip:a SIP/2.0\r\nAuthorization: Digest response="{SECRET}", cnonce="{NONCE}"'
    kept = mask(f"NOTIFY sip:a SIP/2.0\r\nContent-Type: message/sipfrag\r\n\r\n{fragment}")
    assert SECRET[:9] not in kept
    assert NONCE[:5] not in kept


@given(st.text(max_size=300))
def test_masking_never_raises_and_twice_changes_nothing(text: str) -> None:
    for entry in (text, f"A sip:a SIP/2.0\r\nAuthorization: {text}", REGISTER.format(text)):
        assert mask(mask(entry)) == mask(entry)


@pytest.mark.parametrize(
    "piece", ["sip:", "sip:a:", 'response="', 'nonce="', "response= ", "inline:", " ", "Authorization: ", "\r"]
)
@pytest.mark.timeout(20)
def test_a_hostile_text_is_masked_in_no_time(piece: str) -> None:
    mask(f"A sip:a SIP/2.0\r\nX: {piece * 100_000}")
    mask(f"A sip:a SIP/2.0\r\n\r\n{piece * 100_000}")


@pytest.mark.parametrize("text", [REGISTER.format(SECRET), "", "\r\n\r\n", "\x1b[2J\udcff", "é"])
def test_what_was_dumped_is_loaded_without_its_secrets(text: str) -> None:
    """W-101."""
    message = Message(1_700_000_000.25, "192.0.2.1:5060", "[2001:db8::1]:5060", text, Proof.DIFFERS)
    stored = dump(Trace((message,), others=2, unread=3))
    assert stored.isascii()
    assert SECRET[:9] not in stored
    loaded = load(stored)
    assert (loaded.others, loaded.unread) == (2, 3)
    assert [replace(one, text="") for one in loaded.messages] == [replace(message, text="")]
    assert loaded.messages[0].text == masked(message).text.partition("\r\n\r\n")[0]


def test_of_a_long_conversation_the_beginning_is_stored_and_the_rest_counted() -> None:
    """W-101."""
    text = "INVITE sip:a SIP/2.0\r\nX: " + "\x1b" * 9_000 + "\r\n\r\nv=0"
    stored = dump(Trace(tuple(Message(float(at), "a" * 500, "b", text) for at in range(200)), unread=1))
    assert len(stored) <= MOST_STORED
    loaded = load(stored)
    assert 1 < len(loaded.messages) < 200
    assert len(loaded.messages) + loaded.unread == 201


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "nonsense",
        "[" * 100_000,
        "[]",
        "{}",
        '{"version":2,"others":0,"unread":0,"messages":[]}',
        '{"version":1,"messages":[]}',
        '{"version":1,"others":0,"unread":0,"messages":{}}',
        '{"version":1,"others":null,"unread":0,"messages":[]}',
        '{"version":1,"others":0,"unread":0,"messages":[[1,"a","b","c"]]}',
        '{"version":1,"others":0,"unread":0,"messages":[[NaN,"a","b","c",""]]}',
        '{"version":1,"others":0,"unread":0,"messages":[["1","a","b","c",""]]}',
        '{"version":1,"others":0,"unread":0,"messages":[[1,"a",null,"c",""]]}',
        '{"version":1,"others":0,"unread":0,"messages":[[1,"a","b","c","sure"]]}',
    ],
)
def test_a_damaged_trace_is_refused_in_a_sentence(stored: str) -> None:
    with pytest.raises(TraceError, match="stored trace cannot be read"):
        load(stored)


def test_a_moment_too_large_for_a_number_is_refused() -> None:
    huge = json.dumps({"version": 1, "others": 0, "unread": 0, "messages": [[10**400, "a", "b", "c", ""]]})
    with pytest.raises(TraceError):
        load(huge)


def test_repr_does_not_show_the_text() -> None:
    assert SECRET not in repr(Message(0.0, "a", "b", REGISTER.format(SECRET)))
