"""What the clients make of the messages they send and receive."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edge.clients.messages import Message, requests
from tests.edge.clients.raw import request
from tests.edge.clients.scenario import literal
from tests.edge.clients.sipp import Outcome


def test_a_scenario_takes_no_line_ends_from_a_test() -> None:
    assert literal("[call_id]\\x41") == "\\x5bcall_id]\\x5cx41"
    for text in ("a\nb", "a\r\nVia: x", "]]>"):
        with pytest.raises(ValueError, match="cannot hold"):
            literal(text)


def test_a_message_is_read_by_field() -> None:
    text = "SIP/2.0 503 Channel limit\r\nv: SIP/2.0/UDP a\r\nv: b\r\nX-Long: one\r\n two\r\nCSeq: 7 INVITE\r\n\r\nbody"
    message = Message.parse(text)
    assert (message.status, message.reason, message.method, message.sequence) == (503, "Channel limit", "INVITE", 7)
    assert (message.all("Via"), message.header("x-long"), message.body) == (["SIP/2.0/UDP a", "b"], "one two", "body")
    assert not message.has("Contact")


def test_a_request_that_comes_twice_counts_once() -> None:
    one, other = (Message.parse(request("INVITE", "127.0.0.1:9", uri="sip:7@a")) for _ in range(2))
    assert requests([one, one, other, one], "INVITE") == [one, other]


@given(st.text() | st.text().map("m=audio ".__add__) | st.text().map("INVITE".__add__))
def test_whatever_came_is_a_message(text: str) -> None:
    message = Message.parse(f"{text}\r\n\r\n{text}")
    assert (message.status, message.sequence) >= (0, 0)
    assert isinstance([*message.codecs, message.method, message.uri, message.number, message.reason], list)


def test_the_last_answer_to_the_last_invite_is_how_a_call_ended() -> None:
    def said(start: str, sequence: int, call: str, *, sent: bool = False) -> Message:
        return Message.parse(f"{start}\nCall-ID: {call}\nCSeq: {sequence} INVITE\n\n", sent=sent)

    messages = [
        said("INVITE sip:1@a SIP/2.0", 1, "a", sent=True),
        said("SIP/2.0 407 Who", 1, "a"),
        said("INVITE sip:1@a SIP/2.0", 2, "a", sent=True),
        said("INVITE sip:1@a SIP/2.0", 1, "b", sent=True),
        said("SIP/2.0 486 Busy", 1, "b"),
    ]
    assert Outcome.of(messages, 3).statuses == Counter({0: 2, 486: 1})
    assert Outcome.of([*messages, said("SIP/2.0 200 OK", 2, "a")], 3).reasons == ("OK", "Busy", "")
