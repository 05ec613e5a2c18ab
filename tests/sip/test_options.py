"""The OPTIONS ping."""

from __future__ import annotations

import pytest

from cxtui.sip.message import SipMessage
from cxtui.sip.options import ping
from cxtui.sip.wire import Target
from tests.sip.uas import reply, server


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_any_final_answer_is_a_round_trip(host: str, transport: str) -> None:
    """C-03."""
    with server(lambda request, _place: [reply(request, 404, "Not\x07 here")], transport, host) as running:
        pong = ping(running.target)
    assert pong.seconds is not None
    assert 0 < pong.seconds < 2
    assert (pong.status, pong.reason) == (404, "Not␇ here")
    assert "answered 404 Not␇ here after " in pong.sentence
    [options] = running.received
    assert (options.method, options.header("max-forwards")) == ("OPTIONS", "70")
    assert options.uri == f"sip:{'[::1]' if host == '::1' else host}:{running.target.port}"
    assert [message.destination for message in pong.messages] == [options.uri[4:], pong.messages[0].source]


def test_a_lost_packet_is_sent_again() -> None:
    """RFC 3261 §17.1.2.2."""

    def script(request: SipMessage, place: int) -> list[str | bytes]:
        return [reply(request, 200, "OK")] if place > 1 else []

    with server(script) as running:
        pong = ping(running.target)
    assert pong.status == 200
    assert pong.seconds is not None
    assert pong.seconds >= 0.5


@pytest.mark.parametrize(
    ("answers", "words"), [([], "did not answer within 0.2 s"), ([b"\xff\xff"], "answers, but not in SIP")]
)
def test_silence_and_garbage_are_no_round_trip(answers: list[bytes], words: str) -> None:
    with server(lambda _request, _place: [*answers]) as running:
        pong = ping(running.target, 0.2)
    assert (pong.seconds, pong.status, pong.reason) == (None, 0, "")
    assert words in pong.sentence


def test_what_cannot_be_reached_is_said() -> None:
    pong = ping(Target("127.0.0.1", 5060, "sctp"))
    assert (pong.seconds, pong.messages) == (None, ())
    assert "udp or tcp" in pong.sentence
