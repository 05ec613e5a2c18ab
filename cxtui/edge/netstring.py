"""Netstrings, the framing of the control connection: length, colon, payload, comma."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 256 << 20
_LONGEST_LENGTH = 10


class BadFrame(ValueError):
    """What came is no netstring, so that nothing behind it can be read either."""


def frame(payload: bytes) -> bytes:
    """A payload as one netstring."""
    return b"%d:%b," % (len(payload), payload)


class Frames:
    """Takes apart a stream of bytes that arrives in pieces; each piece is looked at once."""

    def __init__(self) -> None:
        self._pieces = bytearray()
        self._wanted: int | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that are complete now. Raises ``BadFrame``."""
        self._pieces += data
        while True:
            if self._wanted is None and not self._begin():
                return
            end = self._wanted or 0
            if len(self._pieces) <= end:
                return
            if self._pieces[end] != ord(","):
                raise BadFrame("a netstring does not end in a comma")
            payload = bytes(self._pieces[:end])
            del self._pieces[: end + 1]
            self._wanted = None
            yield payload

    def _begin(self) -> bool:
        """Read the length in front; False while it is not complete."""
        colon = self._pieces.find(b":", 0, _LONGEST_LENGTH + 1)
        if colon < 0:
            if len(self._pieces) > _LONGEST_LENGTH or (not self._pieces.isdigit() and self._pieces):
                raise BadFrame("a netstring does not begin with its length")
            return False
        digits = bytes(self._pieces[:colon])
        if not digits.isdigit() or int(digits) > LONGEST:
            raise BadFrame("a netstring has no usable length")
        self._wanted = int(digits)
        del self._pieces[: colon + 1]
        return True
