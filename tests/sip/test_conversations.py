"""Of several conversations the one that tells most is taken."""

from __future__ import annotations

import pytest

from cxtui.sip.conversations import is_told, newest
from cxtui.sip.trace import Message

CREDENTIALS = 'Authorization: Digest username="1003", realm="r", nonce="n", uri="sip:r", response="0"'
STALE = 'WWW-Authenticate: Digest realm="r", nonce="n", stale=true'
FRESH = 'WWW-Authenticate: Digest realm="r", nonce="n"'


def said(line: str, call: str = "a", cseq: str = "2 REGISTER", *headers: str) -> str:
    first = line if line.startswith("SIP/2.0") else f"{line} SIP/2.0"
    return "\r\n".join([first, f"i: {call}", f"CSeq: {cseq}", *headers, ""])


ASKED = said("REGISTER sip:r", "a", "1 REGISTER")
REFUSED = said("SIP/2.0 401 Unauthorized", "a", "1 REGISTER", FRESH)
TRIED = said("REGISTER sip:r", "a", "2 REGISTER", CREDENTIALS)
CALLED = said("INVITE sip:b@r", "a", "2 INVITE", CREDENTIALS.replace("Auth", "PROXY-AUTH"))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], False),
        ([ASKED, REFUSED], False),
        ([ASKED, REFUSED, TRIED], False),
        ([ASKED, REFUSED, TRIED, said("SIP/2.0 200 OK")], True),
        ([ASKED, REFUSED, TRIED, said("SIP/2.0 401 Unauthorized", "a", "2 REGISTER", FRESH)], True),
        ([TRIED, said("SIP/2.0 401 Unauthorized", "a", "2 REGISTER", STALE)], False),
        ([TRIED, said("SIP/2.0 200 OK", "b")], False),
        ([TRIED, said("SIP/2.0 200 OK", "a", "3 REGISTER")], False),
        ([CALLED, said("SIP/2.0 100 Trying", "a", "2 INVITE")], False),
        ([CALLED, said("SIP/2.0 180 Ringing", "a", "2 INVITE")], True),
        ([CALLED, said("SIP/2.0 200 OK", "a", "2 CANCEL")], False),
        ([said("SIP/2.0 200 OK"), TRIED], False),
        ([TRIED, "nonsense"], False),
    ],
)
def test_a_verdict_is_what_came_of_credentials_in_the_same_conversation(texts: list[str], told: bool) -> None:
    """S-083, W-101."""
    assert is_told(texts) is told


def tape(*texts: str) -> list[Message]:
    return [Message(float(at), "192.0.2.1:5060", "192.0.2.2:5060", text) for at, text in enumerate(texts, start=1)]


def calls(*messages: str) -> set[str]:
    return {text.partition("i: ")[2].partition("\r")[0] for text in messages}


def test_the_newest_conversation_with_a_verdict_is_taken_and_the_others_counted() -> None:
    """W-101."""
    first = [said("REGISTER sip:r", "first", "2 REGISTER", CREDENTIALS), said("SIP/2.0 200 OK", "first")]
    second = [said("REGISTER sip:r", "second", "2 REGISTER", CREDENTIALS), said("SIP/2.0 401 No", "second")]
    third = [said("REGISTER sip:r", "third", "1 REGISTER"), said("SIP/2.0 401 No", "third", "1 REGISTER")]
    mixed = tape(second[0], first[0], first[1], third[0], second[1], third[1], "\r\n", "SIP/2.0 200 OK\r\nCSeq: x")
    found = newest(reversed(mixed))
    assert [message.text for message in found.messages] == second
    assert found.others == 2
    without = newest(tape(*third, said("REGISTER sip:r", "fourth", "1 REGISTER")))
    assert calls(*(message.text for message in without.messages)) == {"fourth"}
    assert newest(tape("\r\n", "x")).messages == ()


def test_pings_are_kept_beside_it_and_are_no_conversation_of_their_own() -> None:
    """W-101."""
    ping = said("OPTIONS sip:1003@192.0.2.1", "ping", "7 OPTIONS")
    found = newest(tape(ping, *[TRIED, said("SIP/2.0 200 OK")], ping))
    assert [message.text for message in found.messages] == [ping, TRIED, said("SIP/2.0 200 OK"), ping]
    assert found.others == 0
    assert len(newest(tape(ping)).messages) == 1
