"""Messages as they were seen on the wire, without what must not be kept (W-101, S-083)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cxtui.models.errors import SentenceError
from cxtui.rules.challenge import ELLIPSIS

from .message import MAX_LENGTH, split, unfold

KEPT_DIGITS = 8
"""How much of a response is kept: enough to compare two by eye."""

LEAST_HIDDEN = 16
"""Characters of a nonce that are never kept: with them unknown, every guess of a password fits the kept digits."""

MOST_STORED = 200_000
"""Characters of a stored trace."""

LATEST = 253_402_300_799
"""The last second that a date can be written for, end of the year 9999."""

_VERSION = 1
_LONGEST_ADDRESS = 100
_LONGEST_HEAD = 6_000
_NONCE_STARTS, _NONCE_ENDS = 4, 6
_DIGEST = re.compile(
    r"\b(response|rspauth|nonce|cnonce|nextnonce)([ \t]*=[ \t]*)"
    r'(?:"((?:[^"\\\r\n]|\\[^\r\n])*)("?)|([^\s,;"]+))',
    re.IGNORECASE,
)
_OTHER_SCHEME = re.compile(
    r"^((?:Proxy-)?Authorization[ \t]*:)[ \t]*+(?!Digest\s)([^\r\n]+)", re.IGNORECASE | re.MULTILINE
)
_URI_PASSWORD = re.compile(r"(sips?:[^\s:@;<>\"]{1,128}):[^\s@;<>\"]{1,256}@", re.IGNORECASE)
_MEDIA_KEY = re.compile(r"(inline:)[^\s|]+|^(k=)[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class TraceError(SentenceError):
    """A stored trace that cannot be read."""


class Proof(StrEnum):
    """What the HA1 kept says of the credentials in a message; NONE where there are none, or nothing to compare with."""

    NONE = ""
    MATCH = "match"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Message:
    """One message seen at `at` (seconds since 1970) from `source` to `destination`, each as ip:port or [ip6]:port.

    `proof` was found before the text was masked, because afterwards nobody can find it.
    """

    at: float
    source: str
    destination: str
    text: str = field(repr=False)
    proof: Proof = Proof.NONE


@dataclass(frozen=True, slots=True)
class Trace:
    """Messages of one conversation; `others` counts conversations, `unread` messages that were left out of it."""

    messages: tuple[Message, ...]
    others: int = 0
    unread: int = 0


def mask(text: str) -> str:
    """The text of a message without secrets, and without what a guess of a password could be tested with.

    Of a digest response the first `KEPT_DIGITS` characters stay, of a nonce both ends, of a cnonce nothing; credentials
    of other schemes, passwords in a SIP URI and the media keys of an SDP go. Folded headers are unfolded. Masking twice
    changes nothing.
    """
    head, body = split(text)
    head = _OTHER_SCHEME.sub(_without_value, _DIGEST.sub(_shortened, unfold(head)))
    head = _URI_PASSWORD.sub(rf"\1:{ELLIPSIS}@", head)
    return head if body is None else f"{head}\r\n\r\n{_MEDIA_KEY.sub(_without_key, _DIGEST.sub(_shortened, body))}"


def dump(trace: Trace) -> str:
    """The trace as JSON in ASCII, at most `MOST_STORED` characters: each message masked, and without its body."""
    rows: list[str] = []
    room = MOST_STORED - 200
    for entry in trace.messages:
        head = split(mask(entry.text))[0][:_LONGEST_HEAD]
        places = (place[:_LONGEST_ADDRESS] for place in (entry.source, entry.destination))
        row = json.dumps([entry.at, *places, head, entry.proof], separators=(",", ":"))
        room -= len(row) + 1
        if room < 0:
            break
        rows.append(row)
    unread = trace.unread + len(trace.messages) - len(rows)
    counts = f'"others":{trace.others:d},"unread":{unread:d}'
    return f'{{"version":{_VERSION},{counts},"messages":[{",".join(rows)}]}}'


def load(text: str) -> Trace:
    """The trace that `dump` wrote. Raises TraceError for anything else."""
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        raise TraceError("The stored trace cannot be read: it is not JSON.") from None
    match stored:
        case {"version": 1, "others": int(others), "unread": int(unread), "messages": list(rows)}:
            return Trace(tuple(_message(row) for row in rows), max(0, others), max(0, unread))
    raise TraceError("The stored trace cannot be read: it was written by another version.")


def masked(message: Message) -> Message:
    """The same message without secrets."""
    return replace(message, text=mask(message.text))


def _message(row: Any) -> Message:
    match row:
        case [int() | float() as at, str(source), str(destination), str(text), str(proof)] if (
            0 <= at <= LATEST and proof in set(Proof)
        ):
            short = slice(_LONGEST_ADDRESS)
            return Message(float(at), source[short], destination[short], text[:MAX_LENGTH], Proof(proof))
    raise TraceError("The stored trace cannot be read: one of its messages is incomplete.")


def _shortened(match: re.Match[str]) -> str:
    name, equals, quoted, end, bare = match.groups()
    shorten = {"response": _first_digits, "rspauth": _first_digits, "nonce": _both_ends}.get(name.lower(), _nothing)
    if quoted is None:
        return f"{name}{equals}{shorten(bare)}"
    return f'{name}{equals}"{shorten(quoted)}{end}'


def _first_digits(response: str) -> str:
    return response if len(response) <= KEPT_DIGITS else response[:KEPT_DIGITS] + ELLIPSIS


def _both_ends(nonce: str) -> str:
    """Both, because those of Kamailio begin with the time: two of the same second begin alike."""
    short = f"{nonce[:_NONCE_STARTS]}{ELLIPSIS}{nonce[-_NONCE_ENDS:]}"
    hidden = len(nonce) - _NONCE_STARTS - _NONCE_ENDS
    return short if nonce == short or hidden >= LEAST_HIDDEN else _nothing(nonce)


def _nothing(value: str) -> str:
    return ELLIPSIS if value else ""


def _without_value(match: re.Match[str]) -> str:
    scheme, space, _secret = match[2].partition(" ")
    return f"{match[1]} {scheme} {ELLIPSIS}" if space else f"{match[1]} {ELLIPSIS}"


def _without_key(match: re.Match[str]) -> str:
    return f"{match[1] or match[2]}{ELLIPSIS}"
