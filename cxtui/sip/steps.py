"""The steps of a ladder and what is said beneath them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .judging import Secrets, judged
from .message import MessageError, SipMessage, parse
from .trace import Message

_LONGEST_URI = 60


class Tone(StrEnum):
    """How a note is meant."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Note:
    """One line of explanation, cleaned and without secrets."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One arrow of a ladder.

    `index` is the place of its first message among those given, `at` its time in ms after the first message of all,
    `source` and `destination` are places among the ladder's parties and `times` counts the copies that were seen.
    """

    index: int
    at: float
    source: int
    destination: int
    label: str
    times: int = 1
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class Seen:
    """A message of the trace as it was read, masked, with its copies; `parsed` is None when it is not SIP."""

    index: int
    message: Message
    parsed: SipMessage | None
    times: int = 1

    @property
    def hop(self) -> frozenset[str]:
        """The two between whom it went, whatever the direction."""
        return frozenset((self.message.source, self.message.destination))


def see(messages: list[Message], most: int, known: Secrets | None = None) -> list[Seen]:
    """Read the first `most` messages in the order of their times; a copy of an earlier one is counted, not repeated.

    With `known` their proofs are found.
    """
    first: dict[tuple[str, str, str], Seen] = {}
    for index, message in sorted(enumerate(messages), key=lambda pair: pair[1].at)[:most]:
        key = (message.source, message.destination, message.text)
        if key in first:
            first[key].times += 1
        else:
            message = judged(message, known)
            first[key] = Seen(index, message, _read(message.text))
    return list(first.values())


def is_keep_alive(seen: Seen) -> bool:
    """Whether it is one of the empty packets that hold a NAT binding open (RFC 5626 §3.5.1)."""
    return seen.parsed is None and not seen.message.text.strip("\r\n\0 ")


def label_of(seen: Seen) -> str:
    """A step in a few words, not yet cleaned: method, user and CSeq, or status and reason."""
    parsed = seen.parsed
    if parsed is None:
        return "keep-alive" if is_keep_alive(seen) else f"not SIP, {len(seen.message.text)} characters"
    number, method = parsed.cseq
    if not parsed.is_request:
        about = "" if method in ("INVITE", "") else f" ({method})"
        return f"{parsed.status} {parsed.reason}{about}".replace("  ", " ").strip()
    if parsed.method in ("ACK", "CANCEL", "BYE"):
        return parsed.method
    credentials = " +auth" if parsed.header("authorization") or parsed.header("proxy-authorization") else ""
    return f"{parsed.method} {_short_uri(parsed.uri)} CSeq {number}{credentials}"


def _read(text: str) -> SipMessage | None:
    try:
        return parse(text)
    except MessageError:
        return None


def _short_uri(uri: str) -> str:
    """The URI without its host when there is a user; without a password in it either way."""
    scheme, _, rest = uri.partition(":")
    user, at, _host = rest.rpartition("@")
    return f"{scheme}:{user.partition(':')[0]}@…" if at else uri[:_LONGEST_URI]
