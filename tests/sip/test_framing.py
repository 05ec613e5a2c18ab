"""Messages on a stream are found whatever pieces they come in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.sip.framing import Frames, FramingError
from cxtui.sip.message import MAX_LENGTH

FIRST = b"SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\na\r\n\r\n"
SECOND = b"SIP/2.0 200 OK\r\nl : 0\r\n\r\n"
THIRD = b"BYE sip:a SIP/2.0\nX: y\n\n"


@given(st.lists(st.integers(0, 80), max_size=12))
def test_every_message_is_given_once_and_whole(cuts: list[int]) -> None:
    """RFC 3261 §18.3."""
    stream = b"\r\n\r\n" + FIRST + SECOND + b"\r\n" + THIRD
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    frames, found = Frames(), []
    for start, end in pairwise(places):
        frames.feed(stream[start:end])
        while (frame := frames.take()) is not None:
            found.append(frame)
    assert found == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "data", [b"x" * (MAX_LENGTH + 1), b"SIP/2.0 200 OK\r\nContent-Length: 9999999999\r\n\r\n", b"A\r\nl: 65536\r\n\r\n"]
)
def test_what_is_longer_than_any_message_is_refused(data: bytes) -> None:
    frames = Frames()
    frames.feed(data)
    with pytest.raises(FramingError):
        frames.take()
