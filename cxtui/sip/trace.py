"""Messages as they were seen on the wire, without what must not be kept (W-101, S-083)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cxtui.models.errors import SentenceError
from cxtui.rules.challenge import ELLIPSIS

from .message import MAX_LENGTH, split, unfold

KEPT_DIGITS = 8
"""How much of a response is kept: enough to compare two by eye."""

LATEST = 253_402_300_799
"""The last second that a date can be written for, end of the year 9999."""

_VERSION = 1
_LONGEST_ADDRESS = 100
_RESPONSE = re.compile(
    r'\b(response|rspauth)([ \t]*=[ \t]*)(?:"((?:[^"\\\r\n]|\\[^\r\n])*)("?)|([^\s,;"]+))', re.IGNORECASE
)
_OTHER_SCHEME = re.compile(
    r"^((?:Proxy-)?Authorization[ \t]*:)[ \t]*+(?!Digest\s)([^\r\n]+)", re.IGNORECASE | re.MULTILINE
)
_URI_PASSWORD = re.compile(r"(sips?:[^\s:@;<>\"]{1,128}):[^\s@;<>\"]{1,256}@", re.IGNORECASE)
_MEDIA_KEY = re.compile(r"(inline:)[^\s|]+|^(k=)[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class TraceError(SentenceError):
    """A stored trace that cannot be read."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message seen at `at` (seconds since 1970) from `source` to `destination`, each as ip:port or [ip6]:port."""

    at: float
    source: str
    destination: str
    text: str = field(repr=False)


def mask(text: str) -> str:
    """The text of a message without secrets.

    Of a digest response the first `KEPT_DIGITS` characters stay; credentials of other schemes, passwords in a SIP URI
    and the media keys of an SDP go. Folded headers are unfolded. Masking twice changes nothing.
    """
    head, body = split(text)
    head = _OTHER_SCHEME.sub(_without_value, _RESPONSE.sub(_shortened, unfold(head)))
    head = _URI_PASSWORD.sub(rf"\1:{ELLIPSIS}@", head)
    return head if body is None else f"{head}\r\n\r\n{_MEDIA_KEY.sub(_without_key, body)}"


def dump(messages: Iterable[Message]) -> str:
    """The messages as JSON in ASCII, each masked first, so that a database may hold them."""
    rows = [[entry.at, entry.source, entry.destination, mask(entry.text)] for entry in messages]
    return json.dumps({"version": _VERSION, "messages": rows}, separators=(",", ":"))


def load(text: str) -> list[Message]:
    """The messages that `dump` wrote. Raises TraceError for anything else."""
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        raise TraceError("The stored trace cannot be read: it is not JSON.") from None
    rows = stored.get("messages") if isinstance(stored, dict) and stored.get("version") == _VERSION else None
    if not isinstance(rows, list):
        raise TraceError("The stored trace cannot be read: it was written by another version.")
    return [_message(row) for row in rows]


def masked(message: Message) -> Message:
    """The same message without secrets."""
    return replace(message, text=mask(message.text))


def _message(row: Any) -> Message:
    match row:
        case [int() | float() as at, str(source), str(destination), str(text)] if 0 <= at <= LATEST:
            short = slice(_LONGEST_ADDRESS)
            return Message(float(at), source[short], destination[short], text[:MAX_LENGTH])
    raise TraceError("The stored trace cannot be read: one of its messages is incomplete.")


def _shortened(match: re.Match[str]) -> str:
    name, equals, quoted, end, bare = match.groups()
    if quoted is None:
        return f"{name}{equals}{_first_digits(bare)}"
    return f'{name}{equals}"{_first_digits(quoted)}{end}'


def _first_digits(response: str) -> str:
    return response if len(response) <= KEPT_DIGITS else response[:KEPT_DIGITS] + ELLIPSIS


def _without_value(match: re.Match[str]) -> str:
    scheme, space, _secret = match[2].partition(" ")
    return f"{match[1]} {scheme} {ELLIPSIS}" if space else f"{match[1]} {ELLIPSIS}"


def _without_key(match: re.Match[str]) -> str:
    return f"{match[1] or match[2]}{ELLIPSIS}"
