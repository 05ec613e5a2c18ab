"""What is kept of a message holds no secret, and what was kept is read back."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.challenge import Challenge, answer, matches, parse_credentials
from cxtui.rules.digest import ha1
from cxtui.sip.message import parse
from cxtui.sip.trace import Message, TraceError, dump, load, mask, masked

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
        'Contact: <sip:1001@[::1]:5060;ob>\r\nProxy-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n\r\n'
        "v=0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
    assert mask(text) == text


def test_a_masked_message_still_tells_whether_the_password_was_right() -> None:
    """S-083."""
    right, wrong = ha1("1001", "sip.test", "secret"), ha1("1001", "sip.test", "guess")
    challenge = Challenge(realm="sip.test", nonce="n")
    response = answer(challenge, "1001", right, "REGISTER", "sip:sip.test", "").response
    credentials = parse_credentials(parse(mask(REGISTER.format(response))).header("Authorization"))
    assert credentials is not None
    assert credentials.response == response[:8] + "…"
    assert matches(credentials, right, "REGISTER") is True
    assert matches(credentials, wrong, "REGISTER") is False


@given(st.text(max_size=300))
def test_masking_never_raises_and_twice_changes_nothing(text: str) -> None:
    for entry in (text, f"A sip:a SIP/2.0\r\nAuthorization: {text}", REGISTER.format(text)):
        assert mask(mask(entry)) == mask(entry)


@pytest.mark.parametrize(
    "piece", ["sip:", "sip:a:", 'response="', "response= ", "inline:", " ", "Authorization: ", "\r"]
)
def test_a_hostile_text_is_masked_in_no_time(piece: str) -> None:
    began = time.perf_counter()
    mask(f"A sip:a SIP/2.0\r\nX: {piece * 100_000}")
    mask(f"A sip:a SIP/2.0\r\n\r\n{piece * 100_000}")
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("text", [REGISTER.format(SECRET), "", "\r\n\r\n", "\x1b[2J\udcff", "é"])
def test_what_was_dumped_is_loaded_without_its_secrets(text: str) -> None:
    """W-101."""
    messages = [Message(1_700_000_000.25, "192.0.2.1:5060", "[2001:db8::1]:5060", text)]
    stored = dump(messages)
    assert stored.isascii()
    assert SECRET[:9] not in stored
    assert load(stored) == [masked(messages[0])]


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "nonsense",
        "[" * 100_000,
        "[]",
        "{}",
        '{"version":2,"messages":[]}',
        '{"version":1,"messages":{}}',
        '{"version":1,"messages":[[1,"a","b"]]}',
        '{"version":1,"messages":[[NaN,"a","b","c"]]}',
        '{"version":1,"messages":[["1","a","b","c"]]}',
        '{"version":1,"messages":[[1,"a",null,"c"]]}',
    ],
)
def test_a_damaged_trace_is_refused_in_a_sentence(stored: str) -> None:
    with pytest.raises(TraceError, match="stored trace cannot be read"):
        load(stored)


def test_a_moment_too_large_for_a_number_is_refused() -> None:
    huge = json.dumps({"version": 1, "messages": [[10**400, "a", "b", "c"]]})
    with pytest.raises(TraceError):
        load(huge)


def test_repr_does_not_show_the_text() -> None:
    assert SECRET not in repr(Message(0.0, "a", "b", REGISTER.format(SECRET)))
