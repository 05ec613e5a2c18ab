"""Of several conversations the one that tells most is taken, and what came of credentials is counted."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from cxtui.sip.conversations import MOST_MESSAGES, Attempt, Conversation, Conversations, last_attempt
from cxtui.sip.trace import Message, Proof, Trace

CREDENTIALS = 'Authorization: Digest username="1003", realm="r", nonce="n", uri="sip:r", response="0"'
STALE = 'WWW-Authenticate: Digest realm="r", nonce="n", stale=true'
FRESH = 'WWW-Authenticate: Digest realm="r", nonce="n"'
PHONE, EDGE, STRANGER, CORE = "192.0.2.1:5060", "192.0.2.2:5060", "203.0.113.66:46101", "192.0.2.3:5060"


def said(line: str, call: str = "a", cseq: str = "2 REGISTER", *headers: str) -> str:
    first = line if line.startswith("SIP/2.0") else f"{line} SIP/2.0"
    return "\r\n".join([first, f"i: {call}", f"CSeq: {cseq}", *headers, ""])


ASKED = said("REGISTER sip:r", "a", "1 REGISTER")
REFUSED = said("SIP/2.0 401 Unauthorized", "a", "1 REGISTER", FRESH)
TRIED = said("REGISTER sip:r", "a", "2 REGISTER", CREDENTIALS)
CALLED = said("INVITE sip:b@r", "a", "2 INVITE", CREDENTIALS.replace("Auth", "PROXY-AUTH"))
ACCEPTED = said("SIP/2.0 200 OK")


def tape(*texts: str, source: str = PHONE, proof: Proof = Proof.NONE, at: float = 1.0) -> list[Message]:
    """Requests of a source and the edge's answers to it, one each second."""
    return [
        Message(at + place, EDGE, source, text)
        if text.startswith("SIP/2.0")
        else Message(at + place, source, EDGE, text, proof if "uthorization" in text.lower() else Proof.NONE)
        for place, text in enumerate(texts)
    ]


def heard(messages: Iterable[Message], *own: str) -> tuple[Conversations, list[Attempt]]:
    """All conversations of some messages, and the attempts in the order in which they were told."""
    found = Conversations(own)
    told = [found.add(message) for message in messages]
    return found, [attempt for attempt in told if attempt]


def newest(messages: Iterable[Message]) -> Trace:
    found, _ = heard(messages)
    best = found.newest()
    return found.trace(best) if best else Trace(())


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], 0),
        ([ASKED, REFUSED], 0),
        ([ASKED, REFUSED, TRIED], 0),
        ([ASKED, REFUSED, TRIED, ACCEPTED], 1),
        ([ASKED, REFUSED, TRIED, said("SIP/2.0 401 Unauthorized", "a", "2 REGISTER", FRESH)], 1),
        ([TRIED, said("SIP/2.0 401 Unauthorized", "a", "2 REGISTER", STALE)], 0),
        ([TRIED, said("SIP/2.0 200 OK", "b")], 0),
        ([TRIED, said("SIP/2.0 200 OK", "a", "3 REGISTER")], 0),
        ([CALLED, said("SIP/2.0 100 Trying", "a", "2 INVITE")], 0),
        ([CALLED, said("SIP/2.0 180 Ringing", "a", "2 INVITE")], 1),
        ([CALLED, said("SIP/2.0 200 OK", "a", "2 CANCEL")], 0),
        ([ACCEPTED, TRIED], 1),
        ([TRIED, TRIED, ACCEPTED, ACCEPTED], 1),
        ([TRIED, ACCEPTED, TRIED.replace("2 REG", "3 REG"), ACCEPTED.replace("2 REG", "3 REG")], 2),
        ([TRIED, "nonsense"], 0),
    ],
)
def test_an_attempt_is_what_came_of_credentials_in_the_same_conversation(texts: list[str], told: int) -> None:
    """S-083, W-101: told once, whatever is sent again or overtakes another."""
    messages = tape(*texts, proof=Proof.DIFFERS)
    _, attempts = heard(messages)
    assert [(one.source, one.proof) for one in attempts] == [(PHONE, Proof.DIFFERS)] * told
    assert (last_attempt(messages) is not None) == bool(told)


def test_what_the_edge_itself_asks_is_no_attempt() -> None:
    """S-040: it logs in at the next switch, in the conversation of the phone."""
    hop = [Message(3.0, EDGE, CORE, CALLED), Message(4.0, CORE, EDGE, said("SIP/2.0 200 OK", "a", "2 INVITE"))]
    assert [one.source for one in heard(hop)[1]] == [EDGE]
    assert heard(hop, EDGE)[1] == []


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


def test_one_that_is_worth_more_is_taken_before_a_newer_one_and_nothing_that_is_worth_nothing() -> None:
    """S-083."""
    phone = tape(*(text.replace("i: a", "i: phone") for text in (ASKED, REFUSED)))
    found, _ = heard([*phone, *tape(TRIED, ACCEPTED, source=STRANGER, at=9)])

    def worth(conversation: Conversation) -> int:
        return int(PHONE in conversation.sources)

    best = found.newest(worth)
    assert best
    assert best.sources == (PHONE, EDGE)
    assert found.trace(best).others == 1
    assert found.newest(lambda _: 0) is None


def test_pings_are_kept_beside_it_and_are_no_conversation_of_their_own() -> None:
    """W-101."""
    ping = said("OPTIONS sip:1003@192.0.2.1", "ping", "7 OPTIONS")
    found = newest(tape(ping, *[TRIED, ACCEPTED], ping))
    assert [message.text for message in found.messages] == [ping, TRIED, ACCEPTED, ping]
    assert found.others == 0
    assert newest(tape(ping)).messages == ()


@pytest.mark.parametrize("calls", [1, 1000], ids=["one Call-ID", "a new Call-ID each time"])
def test_a_flood_of_strangers_leaves_the_conversation_of_the_phone_and_is_counted(calls: int) -> None:
    """S-083: within bounds."""
    found = Conversations(mine=lambda message: message.source == PHONE)
    for message in tape(ASKED, REFUSED):
        found.add(message)
    told = 0
    for place in range(1000):
        call, cseq = f"flood{place % calls}", f"{place + 2} REGISTER"
        answer = said("SIP/2.0 401 No", call, cseq, FRESH)
        for message in tape(said("REGISTER sip:r", call, cseq, CREDENTIALS), answer, source=STRANGER, at=10 + place):
            told += found.add(message) is not None
    assert told == 1000
    assert sum(map(len, found)) <= MOST_MESSAGES
    phone = [one for one in found if PHONE in one.sources]
    assert [message.text for message in phone[0].messages] == [ASKED, REFUSED]
    assert found.trace(phone[0]).others == calls
