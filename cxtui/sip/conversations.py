"""Which of several conversations tells most: the newest in which something came of credentials (W-101)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .explaining import challenges_of
from .judging import credentials_headers
from .message import MessageError, SipMessage, parse
from .statuses import passed
from .trace import Message, Trace


def newest(messages: Iterable[Message]) -> Trace:
    """The messages of the conversation (Call-ID) whose verdict came last; without any verdict, the last that began.

    What is no SIP, or has no Call-ID, belongs to none. OPTIONS are kept beside it: they ask nobody for a password.
    """
    found: dict[str, list[tuple[Message, SipMessage]]] = {}
    pings: list[Message] = []
    for message in sorted(messages, key=lambda entry: entry.at):
        parsed = _read(message.text)
        if parsed and parsed.cseq[1] == "OPTIONS":
            pings.append(message)
        elif parsed and parsed.call_id:
            found.setdefault(parsed.call_id, []).append((message, parsed))
    if not found:
        return Trace(tuple(pings))
    best = max(found.values(), key=lambda entries: (_told_at(entries), entries[0][0].at))
    told = sorted([message for message, _ in best] + pings, key=lambda entry: entry.at)
    return Trace(tuple(told), others=len(found) - 1)


def tells(answer: SipMessage) -> bool:
    """Whether it says what came of credentials: a final answer, or ringing; a stale nonce asks for them again."""
    if answer.is_request:
        return False
    if answer.status in (401, 407):
        return not any(challenge.stale for challenge in challenges_of(answer))
    return answer.status >= 200 or passed(answer.status, answer.cseq[1])


def is_told(texts: Sequence[str]) -> bool:
    """Whether the last of the messages says what came of credentials in one before it."""
    last = _read(texts[-1]) if texts else None
    if last is None or not tells(last):
        return False
    with_credentials = (_read(text) for text in texts[:-1] if "authorization" in text.lower())
    return any(request and _answers(last, request) for request in with_credentials)


def _told_at(entries: list[tuple[Message, SipMessage]]) -> float:
    """When the conversation's last verdict came, 0 where there is none."""
    asked = [parsed for _, parsed in entries if parsed.is_request]
    told = (
        message.at
        for message, answer in entries
        if tells(answer) and any(_answers(answer, request) for request in asked)
    )
    return max(told, default=0.0)


def _answers(answer: SipMessage, request: SipMessage) -> bool:
    same = (answer.call_id, answer.cseq) == (request.call_id, request.cseq)
    return same and request.is_request and bool(credentials_headers(request))


def _read(text: str) -> SipMessage | None:
    try:
        return parse(text)
    except MessageError:
        return None
