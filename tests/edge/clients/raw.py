"""Datagrams by hand: what no client would send, and floods."""

from __future__ import annotations

import secrets
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from tests.edge.clients import ports
from tests.edge.clients.messages import Message

_LARGEST = 65_535
_MOST = 50_000


def request(
    method: str,
    source: str,
    *,
    uri: str = "sip:sip.test",
    user: str = "probe",
    domain: str = "sip.test",
    headers: Sequence[str] = (),
    body: str = "",
) -> str:
    """A well-formed request from `source` ("address:port") with names of its own, to be sent or to be spoilt."""
    address = f"<sip:{user}@{domain}>"
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {source};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: {address};tag={secrets.token_hex(4)}",
        f"To: {address if method == 'REGISTER' else f'<{uri}>'}",
        f"Call-ID: {secrets.token_hex(12)}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:{user}@{source}>",
        *headers,
        f"Content-Length: {len(body.encode())}",
    ]
    return "\r\n".join([*lines, "", body])


class Datagrams:
    """A UDP socket at an address of loopback, free if the port is 0; a context manager that closes it."""

    def __init__(self, source: str = "127.0.0.41", port: int = 0) -> None:
        """Bind it at once."""
        self._socket = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((source, port or ports.free()))
        self._requests: set[str] = set()
        self.endpoint = ports.join(*self._socket.getsockname()[:2])
        """Where it sends from, "address:port"."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._socket.close()

    def fileno(self) -> int:
        """Its descriptor, for select."""
        return self._socket.fileno()

    def send(self, payload: str | bytes, edge: str) -> None:
        """Send one datagram."""
        self._socket.sendto(payload.encode() if isinstance(payload, str) else payload, ports.split(edge))

    def receive(self, timeout: float = 2.0) -> Message | None:
        """The next message, None if there is none within `timeout` seconds; no request comes twice.

        What a busy test has not answered yet is sent again (RFC 3261 §17.1.2.2).
        """
        deadline = time.monotonic() + timeout
        while True:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                text = self._socket.recv(_LARGEST).decode(errors="replace")
            except (TimeoutError, ConnectionRefusedError):
                return None
            message = Message.parse(text)
            if message.status:
                return message
            if text not in self._requests:
                self._requests.add(text)
                return message

    def ask(self, payload: str | bytes, edge: str, timeout: float = 2.0) -> Message | None:
        """Send one datagram; the first final response, None if there is none within `timeout` seconds."""
        self.send(payload, edge)
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None or message.status >= 200:
                return message
        return None


@dataclass(slots=True)
class Flood:
    """What was sent from which address, and which statuses came back to it."""

    sent: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[int]] = field(default_factory=dict)

    @property
    def statuses(self) -> Counter[int]:
        """The statuses that came back, to whichever address."""
        return sum(self.answers.values(), Counter())


def options(source: str) -> str:
    """An OPTIONS from `source` to the edge itself."""
    return request("OPTIONS", source)


def flood(
    edge: str,
    sources: Sequence[str],
    rate: float,
    seconds: float,
    *,
    make: Callable[[str], str | bytes] = options,
    linger: float = 0.3,
) -> Flood:
    """Send `rate` datagrams a second to the edge, evenly, from `sources` in turn; `make` writes one for "address:port".

    It ends when all are answered, at the latest `linger` seconds after the last. ValueError for more than 50,000.
    """
    amount = round(rate * seconds)
    if amount > _MOST:
        raise ValueError(f"{amount} datagrams are more than {_MOST}")
    found = Flood(answers={source: Counter() for source in sources})
    with ExitStack() as stack:
        senders = [stack.enter_context(Datagrams(source)) for source in sources]
        heard = stack.enter_context(selectors.DefaultSelector())
        for source, sender in zip(sources, senders, strict=True):
            heard.register(sender, selectors.EVENT_READ, source)
        start = time.monotonic()
        for number in range(amount):
            _hear(heard, start + number / rate, found)
            turn = number % len(sources)
            senders[turn].send(make(senders[turn].endpoint), edge)
            found.sent[sources[turn]] += 1
        _hear(heard, time.monotonic() + linger, found, amount)
    return found


def _hear(heard: selectors.BaseSelector, until: float, found: Flood, enough: int = 0) -> None:
    """Count what comes back until that moment, or until it is `enough`."""
    while (left := until - time.monotonic()) > 0 and (not enough or found.statuses.total() < enough):
        for key, _ in heard.select(left):
            assert isinstance(key.fileobj, Datagrams)
            if (message := key.fileobj.receive(0)) is not None:
                found.answers[key.data][message.status] += 1
