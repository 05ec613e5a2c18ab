"""SIP messages as the tests look at them (RFC 3261 §7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.edge.clients import sdp

_COMPACT = {
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "f": "from",
    "t": "to",
    "v": "via",
}
_STATUS = re.compile(r"SIP/2\.0 ([1-6]\d\d) ?(.*)")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its first line, its headers in order with names in lower case, its body, and its whole text."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str
    text: str = field(repr=False)
    sent: bool = False
    """Whether the client sent it, rather than received it."""

    @classmethod
    def parse(cls, text: str, *, sent: bool = False) -> Message:
        """Read a message; whatever is not one comes out with few headers, it does not raise."""
        unix = text.replace("\r\n", "\n")
        head, _, body = unix.lstrip("\n").partition("\n\n")
        start, *lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
        pairs = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        headers = tuple((_COMPACT.get(name, name), value) for name, value in pairs)
        return cls(start.strip(), headers, body, text, sent)

    @property
    def status(self) -> int:
        """The status of a response, 0 for a request."""
        found = _STATUS.match(self.start)
        return int(found[1]) if found else 0

    @property
    def reason(self) -> str:
        """The reason phrase of a response, "" for a request."""
        found = _STATUS.match(self.start)
        return found[2].strip() if found else ""

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        return self.header("cseq").rpartition(" ")[2] if self.status else self.start.partition(" ")[0]

    @property
    def uri(self) -> str:
        """The Request-URI, "" for a response."""
        return "" if self.status else self.start.partition(" ")[2].partition(" ")[0]

    @property
    def number(self) -> str:
        """The user part of the Request-URI."""
        found = re.match(r"sips?:([^@;]*)@", self.uri)
        return found[1] if found else ""

    @property
    def sequence(self) -> int:
        """The number in CSeq, 0 without one."""
        number = self.header("cseq").partition(" ")[0]
        return int(number) if number.isdecimal() else 0

    @property
    def codecs(self) -> list[sdp.Codec]:
        """The codecs that the body describes."""
        return sdp.codecs(self.body)

    def all(self, name: str) -> list[str]:
        """Every value of a header, from the top."""
        return [value for own, value in self.headers if own == name.lower()]

    def header(self, name: str) -> str:
        """The topmost value of a header, "" without one."""
        return next(iter(self.all(name)), "")

    def has(self, name: str) -> bool:
        """Whether the header is there."""
        return bool(self.all(name))


def requests(messages: Iterable[Message], method: str) -> list[Message]:
    """The requests of a method that were received, without retransmissions (RFC 3261 §17.2.3)."""
    received = [message for message in messages if not message.sent and message.start.startswith(f"{method} ")]
    first: dict[tuple[str, int], Message] = {}
    for message in received:
        first.setdefault((message.header("via"), message.sequence), message)
    return list(first.values())
