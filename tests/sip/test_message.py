"""SIP messages are read tolerantly, and no byte makes the reader fail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.sip.message import MAX_HEADERS, MAX_LENGTH, MessageError, SipMessage, parse

INVITE = (
    b"INVITE sip:1001@sip.test SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bK77\r\n"
    b'f: "A <b>" <sip:1001@sip.test;x=1>;tag=88\r\n'
    b"t: <sip:1001@sip.test>\r\n"
    b"i: abc@192.0.2.1\r\n"
    b"CSeq: 12 INVITE\r\n"
    b"Subject: one\r\n\ttwo\r\n  three\r\n"
    b"Route: <sip:a>\r\nroute: <sip:b>\r\n"
    b"c: application/sdp\r\nl: 5\r\n\r\nv=0\r\n"
)


def test_a_request_is_read_with_compact_and_folded_headers() -> None:
    message = parse(INVITE)
    assert message.is_request
    assert (message.method, message.uri, message.body) == ("INVITE", "sip:1001@sip.test", "v=0\r\n")
    assert (message.call_id, message.cseq, message.branch) == ("abc@192.0.2.1", (12, "INVITE"), "z9hG4bK77")
    assert (message.tag("From"), message.tag("to")) == ("88", "")
    assert message.header("SUBJECT") == message.header("s") == "one two three"
    assert message.every("Route") == ["<sip:a>", "<sip:b>"]
    assert message.header("Content-Type") == message.header("c") == "application/sdp"


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        ("SIP/2.0 407 Proxy Authentication Required", 407, "Proxy Authentication Required"),
        ("SIP/2.0 200 ", 200, ""),
        ("SIP/2.0 200", 200, ""),
        ("sip/2.0 183  Ringing ", 183, "Ringing"),
    ],
)
def test_a_response_is_read_with_or_without_a_reason(line: str, status: int, reason: str) -> None:
    message = parse(f"{line}\r\nCSeq: 1 INVITE\r\n\r\n")
    assert (message.status, message.reason, message.is_request) == (status, reason, False)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    message = parse(
        end.join(["OPTIONS sip:a SIP/2.0", "Call-ID : x", "no header", " folded", "CSeq:3 options", "", "b"])
    )
    assert (message.call_id, message.cseq, message.body) == ("x folded", (3, "OPTIONS"), "b")


def test_a_message_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    assert parse(b"\r\n\r\nBYE sip:a SIP/2.0\r\nCall-ID: x\r\nCSe").call_id == "x"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        "SIP/2.0 ٢٠٠ OK\r\n\r\n".encode(),
        b"SIP/2.0 000 Zero\r\n\r\n",
        b"SIP/2.0 20 OK",
        b"INVITE SIP/2.0",
        b"IN VITE sip:a SIP/2.0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_does_not_begin_like_sip_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(MessageError, match="not a SIP message"):
        parse(data)


def test_bytes_that_are_not_text_become_replacement_characters() -> None:
    assert parse(b"SIP/2.0 200 Dr\xfcck\r\n\r\n").reason == "Dr\N{REPLACEMENT CHARACTER}ck"


@pytest.mark.parametrize("cseq", ["", "INVITE", "-1 INVITE", "1", "99999999999 INVITE", "١ INVITE"])
def test_a_cseq_that_cannot_be_read_is_none(cseq: str) -> None:
    assert parse(f"ACK sip:a SIP/2.0\r\nCSeq: {cseq}\r\n\r\n").cseq == (0, "")


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_the_sentence(data: bytes) -> None:
    for raw in (data, b"INVITE sip:a SIP/2.0\r\n" + data, INVITE[:-30] + data):
        try:
            message = parse(raw)
        except MessageError:
            continue
        assert isinstance(message, SipMessage)
        assert isinstance((message.call_id, message.cseq, message.branch, message.tag("f")), tuple)


@pytest.mark.parametrize("piece", ["x:1\r\n", " \r\n", "\t", "Via:", ";branch ", ";", "\r", "\n \n"])
@pytest.mark.timeout(20)
def test_a_huge_message_is_read_in_part_and_in_no_time(piece: str) -> None:
    message = parse("SIP/2.0 200 OK\r\nVia: " + piece * (2_000_000 // len(piece)))
    assert (message.branch, message.tag("From")) == ("", "")
    assert len(message.headers) <= MAX_HEADERS
    assert sum(len(value) for _name, value in message.headers) + len(message.body) <= MAX_LENGTH
