"""What is heard of one user, by conversation, and what came of the credentials in each (W-101)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from .explaining import challenges_of
from .judging import credentials_headers
from .message import MessageError, SipMessage, parse
from .statuses import passed
from .trace import Message, Proof, Trace

MOST_MESSAGES = 200
"""Messages that are remembered of a user; of one conversation half as many."""

_MOST_PINGS = 40


@dataclass(frozen=True, slots=True)
class Attempt:
    """Credentials that were answered: where they came from (ip:port), what the HA1 kept says of them, and when."""

    source: str
    proof: Proof
    at: float


@dataclass(frozen=True, slots=True)
class _Entry:
    message: Message
    cseq: tuple[int, str]
    asks: bool
    tells: bool


@dataclass(slots=True)
class Conversation:
    """The messages of one Call-ID as far as they are remembered; ``mine`` says that it is to be kept before others."""

    mine: bool = False
    _entries: deque[_Entry] = field(default_factory=lambda: deque(maxlen=MOST_MESSAGES // 2))
    _attempts: OrderedDict[tuple[str, tuple[int, str]], Attempt] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was said, in the order of its times."""
        return tuple(sorted((entry.message for entry in self._entries), key=lambda message: message.at))

    @property
    def sources(self) -> tuple[str, ...]:
        """Who said something in it (ip:port), the one that began it first."""
        return tuple(dict.fromkeys(message.source for message in self.messages))

    @property
    def attempt(self) -> Attempt | None:
        """The attempt that was answered last."""
        return max(self._attempts.values(), key=lambda attempt: attempt.at, default=None)

    def add(self, message: Message, parsed: SipMessage, own: Collection[str] = ()) -> Attempt | None:
        """Take in a message; the attempt that is known to be answered for the first time by it, if there is one.

        What one of ``own`` (ip:port) asked is no attempt: it logs in somewhere else. Messages that overtook each other
        on their way here belong together all the same.
        """
        asks = parsed.is_request and message.source not in own and bool(credentials_headers(parsed))
        new = _Entry(message, parsed.cseq, asks, tells(parsed))
        self._entries.append(new)
        same = [entry for entry in self._entries if entry.cseq == new.cseq]
        if new.asks:
            answers = [entry.message.at for entry in same if entry.tells]
            return self._answered(new, max(answers)) if answers else None
        found = [self._answered(entry, message.at) for entry in same if entry.asks] if new.tells else []
        return next((attempt for attempt in found if attempt), None)

    def _answered(self, request: _Entry, at: float) -> Attempt | None:
        """Note an answer to an attempt, which is given back if it was not answered before."""
        key = request.message.source, request.cseq
        known = self._attempts.get(key)
        at = max(at, known.at) if known else at
        self._attempts[key] = Attempt(request.message.source, request.message.proof, at)
        if len(self._attempts) > MOST_MESSAGES:
            self._attempts.popitem(last=False)
        return None if known else self._attempts[key]


class Conversations:
    """Conversations by Call-ID, within bounds: the oldest leave, those without an attempt first.

    ``own`` are the places (ip:port) of the edge itself; ``mine`` says of a message that its conversation is to be kept.
    What is no SIP, or has no Call-ID, belongs to none. OPTIONS are kept beside them: they ask nobody for a password.
    Messages are taken in judged, as they are stored.
    """

    def __init__(self, own: Collection[str] = (), mine: Callable[[Message], bool] = lambda _: False) -> None:
        self._own = frozenset(own)
        self._mine = mine
        self._found: OrderedDict[str, Conversation] = OrderedDict()
        self._pings: deque[Message] = deque(maxlen=_MOST_PINGS)
        self._gone = 0

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self._found.values())

    def add(self, message: Message) -> Attempt | None:
        """Take in a message; the attempt that is answered with it for the first time, if there is one."""
        parsed = _read(message.text)
        if parsed is None or not parsed.call_id:
            return None
        if parsed.cseq[1] == "OPTIONS":
            self._pings.append(message)
            return None
        conversation = self._found.setdefault(parsed.call_id, Conversation())
        conversation.mine = conversation.mine or self._mine(message)
        attempt = conversation.add(message, parsed, self._own)
        while sum(map(len, self._found.values())) > MOST_MESSAGES:
            self._forget(conversation)
        return attempt

    def trace(self, conversation: Conversation) -> Trace:
        """The messages of one of them with the OPTIONS beside it, and how many others there were."""
        told = sorted([*conversation.messages, *self._pings], key=lambda message: message.at)
        return Trace(tuple(told), others=self._gone + len(self._found) - 1)

    def newest(self, worth: Callable[[Conversation], int] = lambda _: 1) -> Conversation | None:
        """The one worth most, of equals that whose verdict came last, without any the last that began.

        None where nothing is worth anything.
        """
        ranked = [(worth(one), _told_at(one), one.messages[0].at, one) for one in self]
        best = max(ranked, key=lambda entry: entry[:3], default=None)
        return best[3] if best and best[0] > 0 else None

    def _forget(self, current: Conversation) -> None:
        """Forget one of the others: the least telling, of equals the oldest."""
        others = [(key, one) for key, one in self._found.items() if one is not current]
        key, _ = min(others, key=lambda entry: (entry[1].mine, entry[1].attempt is not None))
        del self._found[key]
        self._gone += 1


def last_attempt(messages: Iterable[Message], own: Collection[str] = ()) -> Attempt | None:
    """The attempt that was answered last among stored messages, but for those of the edge itself (ip:port)."""
    known = Conversations(own)
    for message in messages:
        known.add(message)
    told = [one.attempt for one in known if one.attempt]
    return max(told, key=lambda attempt: attempt.at, default=None)


def tells(answer: SipMessage) -> bool:
    """Whether it says what came of credentials: a final answer, or ringing; a stale nonce asks for them again."""
    if answer.is_request:
        return False
    if answer.status in (401, 407):
        return not any(challenge.stale for challenge in challenges_of(answer))
    return answer.status >= 200 or passed(answer.status, answer.cseq[1])


def _told_at(conversation: Conversation) -> float:
    attempt = conversation.attempt
    return attempt.at if attempt else 0.0


def _read(text: str) -> SipMessage | None:
    try:
        return parse(text)
    except MessageError:
        return None
