"""Where one SIP message ends and the next begins on a stream (RFC 3261 §18.3)."""

from __future__ import annotations

import re

from cxtui.models.errors import SentenceError

from .message import MAX_LENGTH

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,10})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


class FramingError(SentenceError):
    """What comes over the stream is not SIP, or not to be held."""


class Frames:
    """Bytes fed as they come, taken as whole messages; never holds more than two of the longest."""

    def __init__(self) -> None:
        """Of a new connection."""
        self._held = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what was received."""
        self._held += data

    def take(self) -> bytes | None:
        """The next whole message; None until it is there.

        A message without Content-Length has no body. Raises FramingError when it is longer than `MAX_LENGTH` bytes.
        """
        held = self._held
        del held[: len(held) - len(held.lstrip(b"\r\n"))]
        end = _HEAD_END.search(held)
        if not end:
            self._refuse(len(held))
            return None
        length = _LENGTH.search(held, 0, end.end())
        whole = end.end() + (int(length[1]) if length else 0)
        self._refuse(whole)
        if len(held) < whole:
            return None
        message = bytes(held[:whole])
        del held[:whole]
        return message

    def _refuse(self, length: int) -> None:
        if length > MAX_LENGTH:
            raise FramingError("what was received is not SIP, or longer than any message may be.")
