"""One SIP message read tolerantly: what phones, switches and attackers send is not always what RFC 3261 says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxtui.models.errors import SentenceError

MAX_LENGTH = 65_535
"""Characters that are read; no UDP datagram holds more."""

MAX_HEADERS = 200

COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"""Compact forms of header names, as registered with IANA."""

_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]"
_REQUEST = re.compile(rf"({_TOKEN}{{1,32}})[ \t]+(\S+)[ \t]+SIP/2\.0[ \t]*", re.ASCII | re.IGNORECASE)
_STATUS = re.compile(r"SIP/2\.0[ \t]+([1-9][0-9]{2})(?:[ \t]+(.*))?", re.ASCII | re.IGNORECASE)
_CSEQ = re.compile(rf"([0-9]{{1,10}})[ \t]+({_TOKEN}{{1,32}})", re.ASCII)
_BRANCH = re.compile(r";[ \t]*branch[ \t]*=[ \t]*([^\s;,]+)", re.IGNORECASE)
_TAG = re.compile(r";[ \t]*tag[ \t]*=[ \t]*([^\s;,]+)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\n|\r")
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]+")
_HEAD_END = re.compile(r"\r\n\r\n|\n\r?\n|\r\r")


class MessageError(SentenceError):
    """What was received is not SIP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipMessage:
    """A request (`method` and `uri`) or a response (`status` and `reason`), with its headers as they came.

    `headers` holds lower-case full names and unfolded values in their order. Nothing in it is fit to be shown before
    `cxtui.rules.printable.clean`.
    """

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    @property
    def is_request(self) -> bool:
        """Whether it asks, rather than answers."""
        return not self.status

    def every(self, name: str) -> list[str]:
        """The values of a header, one for each line of it; `name` in full or compact, in any case."""
        wanted = _full_name(name)
        return [value for key, value in self.headers if key == wanted]

    def header(self, name: str) -> str:
        """The first value of a header, "" when there is none."""
        return next(iter(self.every(name)), "")

    @property
    def call_id(self) -> str:
        """The Call-ID, "" when it is missing."""
        return self.header("call-id")

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of the CSeq; (0, "") when it cannot be read."""
        match = _CSEQ.match(self.header("cseq"))
        return (int(match[1]), match[2].upper()) if match else (0, "")

    @property
    def branch(self) -> str:
        """The branch of the topmost Via, which names the transaction (RFC 3261 §17.1.3)."""
        match = _BRANCH.search(self.header("via"))
        return match[1] if match else ""

    def tag(self, name: str) -> str:
        """The tag of a From or To header, "" when it has none."""
        match = _TAG.search(self.header(name).rpartition(">")[2])
        return match[1] if match else ""


def parse(data: bytes | str) -> SipMessage:
    """Read one message; lines may end in CRLF, LF or CR, and the headers may be cut off anywhere.

    Bytes that are not UTF-8 become replacement characters. What lies behind `MAX_LENGTH` characters or `MAX_HEADERS`
    headers is not read, and a line that is no header is passed over. Raises MessageError when there is no start line.
    """
    head, rest = split(data)
    body = rest or ""
    lines = _LINE_END.split(head)
    headers = tuple(_headers(lines[1:]))
    if status := _STATUS.fullmatch(lines[0]):
        return SipMessage(status=int(status[1]), reason=(status[2] or "").strip(), headers=headers, body=body)
    if request := _REQUEST.fullmatch(lines[0]):
        return SipMessage(method=request[1].upper(), uri=request[2], headers=headers, body=body)
    raise MessageError("This is not a SIP message: it does not begin with a request or a status line.")


def split(data: bytes | str) -> tuple[str, str | None]:
    """The head, without empty lines before it (RFC 3261 §7.5), and the body; None when the head does not end."""
    text = data if isinstance(data, str) else data[: 4 * MAX_LENGTH].decode("utf-8", "replace")
    text = text.lstrip("\r\n")[:MAX_LENGTH]
    end = _HEAD_END.search(text)
    return (text[: end.start()], text[end.end() :]) if end else (text, None)


def unfold(head: str) -> str:
    """A head in which no header goes on in the next line (RFC 3261 §7.3.1) and each line ends in CRLF."""
    return "\r\n".join(_LINE_END.split(_FOLD.sub(" ", head)))


def _headers(lines: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith((" ", "\t")) and found:
            found[-1][1].append(line.strip())
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            continue
        if len(found) == MAX_HEADERS:
            break
        found.append((_full_name(name), [value.strip()]))
    return [(name, " ".join(values).strip()) for name, values in found]


def _full_name(name: str) -> str:
    name = name.strip().lower()
    return COMPACT.get(name, name)
